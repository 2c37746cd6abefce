import { parseTenantId, placeOf } from '@berth/domain';
import { accessTo, FakeClusterDirectory, startPostgres, type TestPostgres } from '@berth/testing';
import { ClusterConnections } from '../connection/index.js';
import { PostgresTenantFence } from '../fence/postgres-tenant-fence.js';
import { PostgresClusterProbe } from './postgres-cluster-probe.js';
import { PostgresTenantDatabase } from './postgres-tenant-database.js';

let server: TestPostgres;
let connections: ClusterConnections;

beforeAll(async () => {
  server = await startPostgres();
  const access = accessTo(server, 'shared-1', 'tenants');
  connections = new ClusterConnections(new FakeClusterDirectory([access]));
  await new PostgresClusterProbe(connections).prepare(access);
});
afterAll(async () => {
  await connections.close();
  await server.stop();
});

it('repairs a fenced tenant without opening the fence', async () => {
  const place = placeOf(parseTenantId('fenced'), 'shared-1', 'tenants');
  const actor = { operationId: 'op-1', tenantId: place.tenantId, fence: 1 };
  const limits = { connectionLimit: 1, statementTimeoutMs: 0, idleInTransactionTimeoutMs: 0 };
  const wanted = { place, limits, verifiers: {}, logins: 'closed' as const };
  const database = new PostgresTenantDatabase(connections);
  const fence = new PostgresTenantFence(connections);
  await database.converge(wanted, actor);
  await server.psql(
    `SET ROLE ${place.ownerRole}; CREATE TABLE ${place.schema}.t (id int); CREATE VIEW ${place.schema}.v AS SELECT 1`,
    'tenants',
  );
  await fence.prepare(place, 2, actor);
  await fence.arm(place, 2, actor, { lockTimeoutMs: 1_000 });
  expect(await database.inspect(wanted)).toEqual([]);

  await server.psql(
    `ALTER VIEW ${place.schema}.v OWNER TO ${server.admin.user}; REVOKE USAGE ON SCHEMA ${place.schema} FROM ${place.ownerRole}`,
    'tenants',
  );
  expect((await database.converge(wanted, actor)).length).toBeGreaterThan(0);
  expect(await database.inspect(wanted)).toEqual([]);
  expect(await fence.state(place)).toBe('armed');
});
