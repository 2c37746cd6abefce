import type { Place } from '@berth/domain';
import {
  describeTenantComparisonContract,
  describeTenantCopyContract,
  describeTenantFenceContract,
  startTenantPair,
  type TenantPair,
} from '@berth/testing';
import { Client, DatabaseError } from 'pg';
import { berthSchema } from '../connection/berth-schema.js';
import { ClusterConnections } from '../connection/index.js';
import { PostgresTenantComparison } from '../comparison/postgres-tenant-comparison.js';
import { PostgresTenantFence } from '../fence/postgres-tenant-fence.js';
import { PostgresTenantCopy } from './postgres-tenant-copy.js';

const items = `
  CREATE SEQUENCE item_number;
  SELECT setval('item_number', 17);
  CREATE TABLE item (id int PRIMARY KEY, name text);
  CREATE INDEX item_name ON item (name);
  INSERT INTO item SELECT g, 'name ' || g FROM generate_series(1, 3) g;`;

/** The three ports share two servers: starting them is what takes the time. */
let pair: TenantPair;
let connections: ClusterConnections;
const close = async (): Promise<void> => undefined;
let key = 100;

beforeAll(async () => {
  pair = await startTenantPair({ berthSchema: berthSchema.map(({ sql }) => sql) });
  connections = new ClusterConnections(pair.directory);
});
afterAll(async () => {
  await connections?.close();
  await pair?.close();
});

/** A session of the tenant's login at the source. */
async function connect(place: Place): Promise<Client> {
  const { host, port } = pair.sourceServer;
  const login = { user: place.loginRoles.a, password: 'test', database: place.database };
  const client = new Client({
    host,
    port,
    ...login,
    options: `-c role=${place.ownerRole} -c search_path=${place.schema}`,
  });
  await client.connect();
  return client;
}

/** Runs one statement as the tenant; answers with the server's refusal, or null. */
async function attempt(place: Place, sql: string): Promise<DatabaseError | null> {
  const client = await connect(place);
  try {
    await client.query(sql);
    return null;
  } catch (error) {
    if (error instanceof DatabaseError) return error;
    throw error;
  } finally {
    await client.end();
  }
}

const addItem = (): string => `INSERT INTO item VALUES (${String((key += 1))}, 'added')`;

describeTenantFenceContract('in PostgreSQL', async () => ({
  fence: new PostgresTenantFence(connections),
  makePlace: async (tenantId) => {
    const { source } = await pair.another(tenantId);
    await pair.run(source, items);
    return source;
  },
  write: async (place, table) => {
    const refusal = await attempt(place, table === 'item' ? addItem() : `INSERT INTO ${table} VALUES (1)`);
    if (refusal === null) return { refused: false };
    expect(refusal).toMatchObject({ code: '25006', message: 'tenant moved' });
    return { refused: true, generation: Number(refusal.detail?.replace('generation ', '')) };
  },
  createTable: async (place, table) => (await attempt(place, `CREATE TABLE ${table} (id int)`)) === null,
  openWrite: async (place) => {
    const client = await connect(place);
    await client.query(`BEGIN; ${addItem()}`);
    return async () => {
      await client.query('COMMIT');
      await client.end();
    };
  },
  changeDefinition: async (place) => {
    await pair.run(place, `ALTER TABLE item ALTER name SET DEFAULT 'x'`);
  },
  unfence: async (place) => {
    await pair.run(place, 'DROP TRIGGER berth_fence ON item');
  },
  close,
}));

describeTenantComparisonContract('in PostgreSQL', async () => ({
  comparison: new PostgresTenantComparison(connections),
  makePair: async (tenantId) => {
    const { source, target } = await pair.another(tenantId);
    for (const place of [source, target]) await pair.run(place, items);
    return { source, target };
  },
  damage: async (target, damage) => {
    const sql = {
      'changed-row': `UPDATE item SET name = 'other' WHERE id = 2`,
      'missing-row': 'DELETE FROM item WHERE id = 2',
      'extra-row': `INSERT INTO item VALUES (9, 'more')`,
      'sequence-behind': `SELECT setval('item_number', 3)`,
      'missing-index': 'DROP INDEX item_name',
      'missing-table': 'DROP TABLE item',
    }[damage];
    await pair.run(target, sql);
  },
  close,
}));

describeTenantCopyContract('in PostgreSQL', async () => ({
  copy: new PostgresTenantCopy({
    connections,
    dumpsFolder: pair.dumps,
    programsFor: (major) => pair.programsFor(major),
  }),
  makePair: async (tenantId) => {
    const { source, target } = await pair.another(tenantId);
    await pair.run(source, items);
    return { source, target };
  },
  addRow: async (place) => {
    await pair.run(place, addItem());
  },
  takeNumber: async (place) => {
    await pair.run(place, `SELECT nextval('item_number')`);
  },
  litter: async (target) => {
    await pair.run(
      target,
      `CREATE TYPE shade AS ENUM ('dark');
       CREATE DOMAIN shades AS shade[];
       CREATE FUNCTION f(shade) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
       CREATE TABLE item (id int GENERATED ALWAYS AS IDENTITY, shade shade, n serial);
       CREATE TABLE parts (id int) PARTITION BY LIST (id);
       CREATE TABLE part PARTITION OF parts DEFAULT;
       CREATE INDEX ON item (f(shade));
       CREATE VIEW v AS SELECT f(shade) FROM item;
       CREATE MATERIALIZED VIEW m AS SELECT * FROM v;
       CREATE AGGREGATE total (int) (SFUNC = int4pl, STYPE = int);
       CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1';
       CREATE OPERATOR ### (RIGHTARG = shade, FUNCTION = f);
       CREATE COLLATION c (LOCALE = 'C');
       CREATE TEXT SEARCH CONFIGURATION words (COPY = pg_catalog.simple)`,
    );
  },
  areEqual: async (source, target) => {
    const work = { signal: new AbortController().signal, onProgress: () => undefined };
    return (await new PostgresTenantComparison(connections).compare(source, target, work)).equal;
  },
  close,
}));
