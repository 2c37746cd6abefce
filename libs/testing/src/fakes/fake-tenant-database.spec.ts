import { BerthError, parseTenantId, placeOf } from '@berth/domain';
import { describeTenantDatabaseContract } from '../contracts/tenant-database.contract.js';
import { FakeTenantDatabase } from './fake-tenant-database.js';

describeTenantDatabaseContract('in memory (fake)', async () => {
  const database = new FakeTenantDatabase();
  return {
    database,
    place: (tenantId) => placeOf(parseTenantId(tenantId), 'shared-1', 'tenants'),
    connect: async (place, slot) => {
      const session = database.connect(place, slot);
      return { ended: async () => session.ended };
    },
    dropSchema: async (place) => database.damage(place, 'schema'),
    close: async () => undefined,
  };
});

it('fails every call while its cluster is down', async () => {
  const database = new FakeTenantDatabase();
  database.unavailable = new BerthError('cluster-unreachable', 'down for the test');
  const place = placeOf(parseTenantId('acme'), 'shared-1', 'tenants');
  await expect(database.measure(place)).rejects.toMatchObject({ code: 'cluster-unreachable' });
  await expect(database.leftovers(place)).rejects.toMatchObject({ code: 'cluster-unreachable' });
});
