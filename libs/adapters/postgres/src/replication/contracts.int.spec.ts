import type { Place } from '@berth/domain';
import {
  describeOnlineCopyContract,
  describeTenantGateContract,
  describeTenantReplicationContract,
  describeTenantSwitchContract,
  inTurn,
  postgresParts,
  startTenantPair,
  type TenantPair,
  whenAvailable,
  type WriteOutcome,
} from '@berth/testing';
import { Client, DatabaseError } from 'pg';
import { berthSchema } from '../connection/berth-schema.js';
import { ClusterConnections } from '../connection/index.js';
import { PostgresOnlineCopy } from '../copy-online/postgres-online-copy.js';
import { PostgresTenantCopy } from '../copy/postgres-tenant-copy.js';
import { PostgresTenantFence } from '../fence/postgres-tenant-fence.js';
import { PostgresTenantGate } from '../gate/postgres-tenant-gate.js';
import { PostgresTenantSwitch } from '../switch/postgres-tenant-switch.js';
import { PostgresStreamLag } from './postgres-stream-lag.js';
import { PostgresTenantReplication } from './postgres-tenant-replication.js';

const postgres = await postgresParts();
const items = `
  CREATE TABLE item (id int PRIMARY KEY, name text);
  CREATE INDEX item_name ON item (name);
  INSERT INTO item SELECT g, 'name ' || g FROM generate_series(1, 3) g;
  CREATE SEQUENCE item_number;`;

describe.each(inTurn(import.meta.url, [15, 16, 18]))('on PostgreSQL %i', (major) => {
  whenAvailable(postgres(major), 'online', () => {
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

    const name = `in PostgreSQL ${String(major)}`;
    const close = async (): Promise<void> => undefined;
    const makePair = async (tenantId: string, sql: string) => {
      const { source, target } = await pair.another(tenantId);
      for (const place of [source, target]) await pair.run(place, sql);
      return { source, target };
    };
    const connect = async (place: Place): Promise<Client> => {
      const { host, port } = place.clusterId === 'cluster-source' ? pair.sourceServer : pair.targetServer;
      const client = new Client({
        ...{ host, port, database: place.database, user: place.loginRoles.a, password: 'test' },
        options: `-c role=${place.ownerRole} -c search_path=${place.schema}`,
      });
      await client.connect();
      return client;
    };
    const set = async (place: Place, key: string, value: string | null): Promise<void> => {
      const sql =
        value === null
          ? `DELETE FROM item WHERE id = ${key}`
          : `INSERT INTO item VALUES (${key}, '${value}') ON CONFLICT (id) DO UPDATE SET name = excluded.name`;
      await pair.run(place, sql);
    };
    const outcome = async (place: Place, key: string): Promise<WriteOutcome> => {
      const client = await connect(place);
      try {
        await client.query('INSERT INTO item VALUES ($1, $2)', [key, 'written']);
        return { refused: false };
      } catch (error) {
        if (!(error instanceof DatabaseError) || error.code !== '25006') throw error;
        return { refused: true, generation: Number(error.detail?.replace('generation ', '')) };
      } finally {
        await client.end();
      }
    };
    const openWrite = async (place: Place): Promise<() => Promise<void>> => {
      const client = await connect(place);
      await client.query(`BEGIN; INSERT INTO item VALUES (99, 'open')`);
      return async () => {
        await client.query('COMMIT');
        await client.end();
      };
    };
    const changeDefinition = async (place: Place): Promise<void> => {
      await pair.run(place, `ALTER TABLE item ALTER name SET DEFAULT 'x'`);
    };

    describeTenantReplicationContract(name, async () => ({
      replication: new PostgresTenantReplication(connections),
      lag: new PostgresStreamLag(connections),
      makePair: (tenantId) => makePair(tenantId, `${items} CREATE TABLE loose (name text)`),
      write: set,
      rows: async (place) =>
        JSON.parse(await pair.run(place, `SELECT coalesce(json_object_agg(id, name), '{}') FROM item`)) as Record<
          string,
          string
        >,
      createTable: async (place, table) => {
        await pair.run(place, `CREATE TABLE ${table} (id int PRIMARY KEY)`);
      },
      openWrite,
      identity: async (place) => {
        const kind = await pair.run(place, `SELECT relreplident FROM pg_class WHERE oid = 'loose'::regclass`);
        return kind === 'f' ? 'full' : 'default';
      },
      filters: major >= 16,
      close,
    }));

    describeTenantGateContract(name, async () => {
      let key = 100;
      return {
        gate: new PostgresTenantGate(connections),
        makePlace: async (tenantId) => (await makePair(tenantId, items)).target,
        write: (place) => outcome(place, String((key += 1))),
        createTable: async (place, table) => {
          try {
            await pair.run(place, `CREATE TABLE ${table} (id int)`);
            return true;
          } catch (error) {
            expect(String(error)).toMatch(/permission denied/);
            return false;
          }
        },
        close,
      };
    });

    describeOnlineCopyContract(name, async () => {
      const programsFor = (wanted: number): Promise<string> => pair.programsFor(wanted);
      const copy = new PostgresTenantCopy({ connections, dumpsFolder: pair.dumps, programsFor });
      return {
        copy: new PostgresOnlineCopy({ connections, copy }),
        replication: new PostgresTenantReplication(connections),
        makePair: async (tenantId) => {
          const { source, target } = await pair.another(tenantId);
          await pair.run(source, items);
          return { source, target };
        },
        write: set,
        openWrite,
        changeDefinition,
        close,
      };
    });

    describeTenantSwitchContract(name, async () => ({
      switch: new PostgresTenantSwitch(connections),
      fence: new PostgresTenantFence(connections),
      gate: new PostgresTenantGate(connections),
      replication: new PostgresTenantReplication(connections),
      makePair: async (tenantId) => {
        const made = await makePair(tenantId, items);
        await pair.run(made.source, `SELECT setval('item_number', 17)`);
        return made;
      },
      write: outcome,
      // Under a foreign origin, so that the stream carries none of it.
      spoil: async (place, key) => {
        const origin = `spoiled_${key}`;
        await pair.run(
          place,
          `RESET ROLE; SELECT pg_replication_origin_create('${origin}'), pg_replication_origin_session_setup('${origin}');
          SET session_replication_role = replica; UPDATE item SET name = 'spoiled' WHERE id = ${key};
          SELECT pg_replication_origin_session_reset(), pg_replication_origin_drop('${origin}')`,
        );
      },
      mend: (place, key) => set(place, key, 'mended'),
      openWrite,
      changeDefinition,
      keys: async (place) =>
        JSON.parse(await pair.run(place, 'SELECT json_agg(id::text ORDER BY id) FROM item')) as string[],
      sequence: (place) => pair.run(place, 'SELECT last_value, is_called FROM item_number'),
      close,
    }));
  });
});
