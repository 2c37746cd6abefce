import { parseTenantId, placeOf } from '@berth/domain';
import { describeTenantMigrationsContract } from '../contracts/tenant-migrations.contract.js';
import { FakeTenantMigrations } from './fake-tenant-migrations.js';

describeTenantMigrationsContract('in memory (fake)', async () => {
  const migrations = new FakeTenantMigrations();
  return {
    migrations,
    define: async (list) => {
      migrations.migrations = list.map(({ version, table, fails }) => ({
        version,
        content: table,
        ...(fails === true ? { fails: 'the table is not there' } : {}),
      }));
    },
    place: async (tenantId) => placeOf(parseTenantId(tenantId), 'shared-1', 'tenants'),
    close: async () => undefined,
  };
});
