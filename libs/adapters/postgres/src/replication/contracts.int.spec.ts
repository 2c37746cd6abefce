import {
  asTenant,
  describeTenantReplicationContract,
  postgresMajors,
  startTenantPair,
  type TenantPair,
  whenAvailable,
} from '@berth/testing';
import { Client } from 'pg';
import { berthSchema } from '../connection/berth-schema.js';
import { ClusterConnections } from '../connection/index.js';
import { PostgresTenantReplication } from './postgres-tenant-replication.js';

const majors = (await postgresMajors()).map(({ major }) => major);
const tables = `
  CREATE TABLE item (id int PRIMARY KEY, name text);
  INSERT INTO item SELECT g, 'name ' || g FROM generate_series(1, 3) g;
  CREATE TABLE loose (name text);`;

describe.each([16, 18])('on PostgreSQL %i', (major) => {
  const missing = majors.includes(major)
    ? undefined
    : `${String(major)} is not here (BERTH_TEST_PG_BINS names bin folders)`;

  whenAvailable({ name: `PostgreSQL ${String(major)}`, missing }, 'streams', () => {
    let pair: TenantPair;
    let connections: ClusterConnections;

    beforeAll(async () => {
      const server = { major, replication: true };
      pair = await startTenantPair({ berthSchema: berthSchema.map(({ sql }) => sql), source: server, target: server });
      connections = new ClusterConnections(pair.directory);
    });
    afterAll(async () => {
      await connections?.close();
      await pair?.close();
    });

    describeTenantReplicationContract(`in PostgreSQL ${String(major)}`, async () => ({
      replication: new PostgresTenantReplication(connections),
      makePair: async (tenantId) => {
        const { source, target } = await pair.another(tenantId);
        for (const place of [source, target]) await pair.run(place, tables);
        return { source, target };
      },
      write: async (place, key, value) => {
        const sql =
          value === null
            ? `DELETE FROM item WHERE id = ${key}`
            : `INSERT INTO item VALUES (${key}, '${value}') ON CONFLICT (id) DO UPDATE SET name = excluded.name`;
        await pair.run(place, sql);
      },
      rows: async (place) =>
        JSON.parse(await pair.run(place, `SELECT coalesce(json_object_agg(id, name), '{}') FROM item`)) as Record<
          string,
          string
        >,
      createTable: async (place, table) => {
        await pair.run(place, `CREATE TABLE ${table} (id int PRIMARY KEY)`);
      },
      openWrite: async (place) => {
        const client = new Client({ connectionString: pair.sourceServer.superuserUrl(place.database) });
        await client.connect();
        await client.query(`BEGIN; INSERT INTO ${place.schema}.item VALUES (99, 'open')`);
        return async () => {
          await client.query('COMMIT');
          await client.end();
        };
      },
      identity: async (place) => {
        const server = place.clusterId === 'cluster-source' ? pair.sourceServer : pair.targetServer;
        const kind = await asTenant(server, place, `SELECT relreplident FROM pg_class WHERE oid = 'loose'::regclass`);
        return kind === 'f' ? 'full' : 'default';
      },
      close: async () => undefined,
    }));
  });
});
