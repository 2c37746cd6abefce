import { parseTenantId, type Place, placeOf } from '@berth/domain';
import { describeTenantReplicationContract } from '../contracts/tenant-replication.contract.js';
import { FakeStreamLag } from './fake-stream-lag.js';
import { FakeTenantReplication } from './fake-tenant-replication.js';

describeTenantReplicationContract('in memory', async () => {
  const replication = new FakeTenantReplication();
  const { data } = replication;
  replication.keyless.add('loose');
  return {
    replication,
    lag: new FakeStreamLag(replication),
    filters: true,
    makePair: async (tenantId) => {
      const make = (cluster: string): Place => {
        const place = placeOf(parseTenantId(tenantId), cluster, 'tenants');
        data.create(place);
        data.createTable(place, 'item');
        data.createTable(place, 'loose');
        for (const key of ['1', '2', '3']) data.write(place, 'item', key, `name ${key}`);
        return place;
      };
      return { source: make('one'), target: make('two') };
    },
    write: async (place, key, value) => {
      data.write(place, 'item', key, value);
    },
    rows: async (place) => Object.fromEntries(data.schema(place).tables.get('item') ?? []),
    createTable: async (place, table) => {
      data.createTable(place, table);
    },
    openWrite: async (place) => {
      const commit = data.openWrite(place);
      return async () => {
        commit();
      };
    },
    identity: async (place) => replication.identity(place, 'loose'),
    close: async () => undefined,
  };
});
