import { parseTenantId, placeOf } from '@berth/domain';
import { accessTo, FakeClusterDirectory, startPostgres } from '@berth/testing';
import { ClusterConnections } from '../connection/index.js';
import { PostgresClusterProbe } from './postgres-cluster-probe.js';
import { PostgresTenantDatabase } from './postgres-tenant-database.js';

it('drops a tenant with more tables than the server has locks for', async () => {
  const server = await startPostgres({ settings: { max_locks_per_transaction: 10, max_connections: 20 } });
  const access = accessTo(server, 'shared-1', 'tenants');
  const connections = new ClusterConnections(new FakeClusterDirectory([access]));
  try {
    await new PostgresClusterProbe(connections).prepare(access);
    const database = new PostgresTenantDatabase(connections);
    const place = placeOf(parseTenantId('big'), 'shared-1', 'tenants');
    const actor = { operationId: 'op-1', tenantId: place.tenantId, fence: 1 };
    const limits = { connectionLimit: 1, statementTimeoutMs: 0, idleInTransactionTimeoutMs: 0 };
    await database.converge({ place, limits, verifiers: {}, logins: 'open' }, actor);
    const tables = Array.from(
      { length: 1_500 },
      (_unused, index) => `CREATE TABLE t${index} (id int PRIMARY KEY);`,
    ).join('\n');
    await server.psql(`SET ROLE ${place.ownerRole}; SET search_path = ${place.schema};\n${tables}`, 'tenants');
    // Shows that the test can fail: all at once is too much for this server.
    await expect(server.psql(`DROP SCHEMA ${place.schema} CASCADE`, 'tenants')).rejects.toThrow('out of shared memory');
    await database.drop(place, actor);
    expect(await database.leftovers(place)).toEqual([]);
  } finally {
    await connections.close();
    await server.stop();
  }
});
