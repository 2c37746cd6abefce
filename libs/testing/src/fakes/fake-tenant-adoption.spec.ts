import { parseTenantId, placeOf } from '@berth/domain';
import { describeTenantAdoptionContract } from '../contracts/tenant-adoption.contract.js';
import { FakeTenantAdoption } from './fake-tenant-adoption.js';
import { FakeTenantDatabase } from './fake-tenant-database.js';

describeTenantAdoptionContract('in memory', async () => {
  const database = new FakeTenantDatabase();
  const adoption = new FakeTenantAdoption(database);
  return {
    adoption,
    database,
    makeByHand: async (tenantId) => {
      const place = placeOf(parseTenantId(tenantId), 'shared-1', 'tenants', `legacy_${tenantId}`);
      adoption.makeByHand(place, 'app', ['SELECT of report']);
      return place;
    },
    look: async (place) => {
      const schema = adoption.schemaAt(place);
      return JSON.stringify([schema?.owner, [...(schema?.rights ?? [])]]);
    },
    letsIn: async (place) => {
      try {
        database.connect(place, 'a');
        return true;
      } catch {
        return false;
      }
    },
    close: async () => undefined,
  };
});
