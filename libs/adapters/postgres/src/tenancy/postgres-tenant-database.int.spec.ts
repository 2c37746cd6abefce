import { type ClusterAccess, parseTenantId, placeOf } from '@berth/domain';
import {
  accessTo,
  describeTenantDatabaseContract,
  FakeClusterDirectory,
  startPostgres,
  type TestPostgres,
} from '@berth/testing';
import { Client } from 'pg';
import { ClusterConnections } from '../connection/index.js';
import { PostgresClusterProbe } from './postgres-cluster-probe.js';
import { PostgresTenantDatabase } from './postgres-tenant-database.js';

let server: TestPostgres;
let connections: ClusterConnections;
let access: ClusterAccess;

beforeAll(async () => {
  server = await startPostgres();
  access = accessTo(server, 'shared-1', 'tenants');
  connections = new ClusterConnections(new FakeClusterDirectory([access]));
  await new PostgresClusterProbe(connections).prepare(access);
});
afterAll(async () => {
  await connections.close();
  await server.stop();
});

describeTenantDatabaseContract('on PostgreSQL', async () => {
  const clients: Client[] = [];
  return {
    database: new PostgresTenantDatabase(connections),
    place: (tenantId) => placeOf(parseTenantId(tenantId), 'shared-1', 'tenants'),
    connect: async (place, slot, password) => {
      const client = new Client({
        host: access.host,
        port: access.port,
        database: place.database,
        user: place.loginRoles[slot],
        password,
      });
      client.on('error', () => undefined);
      await client.connect();
      clients.push(client);
      return {
        ended: async () =>
          client.query('SELECT').then(
            () => false,
            () => true,
          ),
      };
    },
    dropSchema: async (place) => {
      await server.psql(`DROP SCHEMA ${place.schema} CASCADE`, place.database);
    },
    close: async () => {
      await Promise.all(clients.map((client) => client.end()));
    },
  };
});
