import { parseTenantId, type Place, placeOf } from '@berth/domain';
import { describeTenantComparisonContract } from '../contracts/tenant-comparison.contract.js';
import { describeTenantCopyContract } from '../contracts/tenant-copy.contract.js';
import { describeTenantFenceContract } from '../contracts/tenant-fence.contract.js';
import { compareSchemas, FakeTenantComparison } from './fake-tenant-comparison.js';
import { FakeTenantCopy } from './fake-tenant-copy.js';
import { FakeSqlError, type FakeTenantData } from './fake-tenant-data.js';
import { FakeTenantFence } from './fake-tenant-fence.js';

const close = async (): Promise<void> => undefined;

function emptyPlace(data: FakeTenantData, tenantId: string, clusterId: string): Place {
  const place = placeOf(parseTenantId(tenantId), clusterId, 'tenants');
  data.create(place);
  return place;
}

function fill(data: FakeTenantData, place: Place): void {
  data.createTable(place, 'item');
  for (const key of ['1', '2', '3']) data.write(place, 'item', key, `value ${key}`);
  data.schema(place).definitions.set('index item.item_name', 'btree (name)');
  data.schema(place).sequences.set('item_number', 17);
}

describeTenantFenceContract('in memory (fake)', async () => {
  const fence = new FakeTenantFence();
  const { data } = fence;
  let key = 0;
  return {
    fence,
    makePlace: async (tenantId) => {
      const place = emptyPlace(data, tenantId, 'one');
      fill(data, place);
      return place;
    },
    write: async (place, table) => {
      try {
        data.write(place, table, String((key += 1)), 'x');
        return { refused: false };
      } catch (error) {
        if (!(error instanceof FakeSqlError) || error.code !== '25006') throw error;
        return { refused: true, generation: Number(error.detail?.replace('generation ', '')) };
      }
    },
    createTable: async (place, table) => {
      try {
        data.createTable(place, table);
        return true;
      } catch {
        return false;
      }
    },
    openWrite: async (place) => {
      const commit = data.openWrite(place);
      return async () => {
        commit();
      };
    },
    changeDefinition: async (place) => {
      data.schema(place).definitions.set('column item.name', 'text');
    },
    unfence: async (place) => {
      data.schema(place).fences.delete('item');
    },
    close,
  };
});

describeTenantComparisonContract('in memory (fake)', async () => {
  const comparison = new FakeTenantComparison();
  const { data } = comparison;
  return {
    comparison,
    makePair: async (tenantId) => {
      const [source, target] = [emptyPlace(data, tenantId, 'one'), emptyPlace(data, tenantId, 'two')];
      for (const place of [source, target]) fill(data, place);
      return { source, target };
    },
    damage: async (target, damage) => {
      const schema = data.schema(target);
      switch (damage) {
        case 'changed-row':
          return data.write(target, 'item', '2', 'other');
        case 'missing-row':
          return data.write(target, 'item', '2', null);
        case 'extra-row':
          return data.write(target, 'item', '9', 'more');
        case 'sequence-behind':
          return void schema.sequences.set('item_number', 3);
        case 'missing-index':
          return void schema.definitions.delete('index item.item_name');
        case 'missing-table':
          return void (schema.tables.delete('item') && schema.definitions.delete('table item'));
      }
    },
    close,
  };
});

describeTenantCopyContract('in memory (fake)', async () => {
  const copy = new FakeTenantCopy();
  const { data } = copy;
  let key = 100;
  return {
    copy,
    makePair: async (tenantId) => {
      const [source, target] = [emptyPlace(data, tenantId, 'one'), emptyPlace(data, tenantId, 'two')];
      fill(data, source);
      return { source, target };
    },
    addRow: async (place) => {
      data.write(place, 'item', String((key += 1)), 'added');
    },
    takeNumber: async (place) => {
      const { sequences } = data.schema(place);
      for (const [name, value] of sequences) sequences.set(name, value + 1);
    },
    litter: async (target) => {
      data.createTable(target, 'litter');
      data.write(target, 'litter', '1', 'x');
    },
    areEqual: async (source, target) => compareSchemas(data.schema(source), data.schema(target)).equal,
    close,
  };
});
