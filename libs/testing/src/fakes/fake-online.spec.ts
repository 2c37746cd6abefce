import { parseTenantId, type Place, placeOf } from '@berth/domain';
import { describeOnlineCopyContract } from '../contracts/online-copy.contract.js';
import type { WriteOutcome } from '../contracts/tenant-fence.contract.js';
import { describeTenantGateContract } from '../contracts/tenant-gate.contract.js';
import { describeTenantSwitchContract } from '../contracts/tenant-switch.contract.js';
import { FakeOnlineCopy } from './fake-online-copy.js';
import { FakeSqlError, FakeTenantData } from './fake-tenant-data.js';
import { FakeTenantFence } from './fake-tenant-fence.js';
import { FakeTenantGate } from './fake-tenant-gate.js';
import { FakeTenantReplication } from './fake-tenant-replication.js';
import { FakeTenantSwitch } from './fake-tenant-switch.js';

const data = new FakeTenantData();
const replication = new FakeTenantReplication(data);
const gate = new FakeTenantGate(data);
const fence = new FakeTenantFence(data);
const close = async (): Promise<void> => undefined;

function make(tenantId: string, cluster: string, filled: boolean): Place {
  const place = placeOf(parseTenantId(tenantId), cluster, 'tenants');
  data.create(place);
  if (!filled) return place;
  data.createTable(place, 'item');
  data.schema(place).definitions.set('index item.item_name', 'on item (name)');
  data.schema(place).sequences.set('item_number', cluster === 'one' ? 17 : 1);
  for (const key of ['1', '2', '3']) data.write(place, 'item', key, `name ${key}`);
  return place;
}

function outcome(place: Place, key: string): WriteOutcome {
  try {
    data.write(place, 'item', key, 'written');
    return { refused: false };
  } catch (error) {
    if (!(error instanceof FakeSqlError) || error.code !== '25006') throw error;
    return { refused: true, generation: Number(error.detail?.replace('generation ', '')) };
  }
}

const openWrite = async (place: Place) => {
  const commit = data.openWrite(place);
  return async () => {
    commit();
  };
};
const changeDefinition = async (place: Place): Promise<void> => {
  data.schema(place).definitions.set('column item.name', 'another');
};

describeTenantGateContract('in memory', async () => ({
  gate,
  makePlace: async (tenantId) => make(tenantId, 'two', true),
  write: async (place) => outcome(place, '9'),
  createTable: async (place, table) => {
    try {
      data.createTable(place, table);
      return true;
    } catch {
      return false;
    }
  },
  close,
}));

describeOnlineCopyContract('in memory', async () => ({
  copy: new FakeOnlineCopy(replication),
  replication,
  makePair: async (tenantId) => ({ source: make(tenantId, 'one', true), target: make(tenantId, 'two', false) }),
  write: async (place, key, value) => {
    data.write(place, 'item', key, value);
  },
  openWrite,
  changeDefinition,
  close,
}));

describeTenantSwitchContract('in memory', async () => ({
  switch: new FakeTenantSwitch({ fence, gate, replication }),
  fence,
  gate,
  replication,
  makePair: async (tenantId) => ({ source: make(tenantId, 'one', true), target: make(tenantId, 'two', true) }),
  write: async (place, key) => outcome(place, key),
  spoil: async (place, key) => {
    data.schema(place).tables.get('item')?.set(key, 'spoiled');
  },
  mend: async (place, key) => data.write(place, 'item', key, 'mended'),
  openWrite,
  changeDefinition,
  keys: async (place) => [...(data.schema(place).tables.get('item')?.keys() ?? [])].sort(),
  sequence: async (place) => String(data.schema(place).sequences.get('item_number')),
  close,
}));
