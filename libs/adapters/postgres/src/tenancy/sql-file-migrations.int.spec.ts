import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Actor, parseTenantId, type Place, placeOf } from '@berth/domain';
import type { AppliedMigration } from '@berth/ports';
import {
  accessTo,
  describeTenantMigrationsContract,
  FakeClusterDirectory,
  startPostgres,
  type TestPostgres,
} from '@berth/testing';
import { Client } from 'pg';
import { ClusterConnections } from '../connection/index.js';
import { PostgresClusterProbe } from './postgres-cluster-probe.js';
import { PostgresTenantDatabase } from './postgres-tenant-database.js';
import { SqlFileMigrations } from './sql-file-migrations.js';

let server: TestPostgres;
let connections: ClusterConnections;
let folder: string;

beforeAll(async () => {
  server = await startPostgres();
  const access = accessTo(server, 'shared-1', 'tenants');
  connections = new ClusterConnections(new FakeClusterDirectory([access]));
  await new PostgresClusterProbe(connections).prepare(access);
  folder = await mkdtemp(path.join(tmpdir(), 'berth-migrations-'));
});
afterAll(async () => {
  await connections.close();
  await server.stop();
  await rm(folder, { recursive: true });
});

const limits = { connectionLimit: 5, statementTimeoutMs: 0, idleInTransactionTimeoutMs: 0 };
const actorOf = (place: Place, fence = 1): Actor => ({ operationId: 'op-1', tenantId: place.tenantId, fence });

async function tenant(id: string): Promise<Place> {
  const place = placeOf(parseTenantId(id), 'shared-1', 'tenants');
  await new PostgresTenantDatabase(connections).converge(
    { place, limits, verifiers: {}, logins: 'open' },
    actorOf(place),
  );
  return place;
}

async function files(contents: Readonly<Record<string, string>>): Promise<void> {
  for (const name of await readdir(folder)) await rm(path.join(folder, name));
  for (const [name, content] of Object.entries(contents)) await writeFile(path.join(folder, name), content);
}

describeTenantMigrationsContract('of SQL files on PostgreSQL', async () => ({
  migrations: new SqlFileMigrations(connections, { folder }),
  define: async (list) => {
    const entries = list.map(({ version, table, fails }): readonly [string, string] => [
      `${version}.sql`,
      fails === true ? `ALTER TABLE ${table} ADD COLUMN x int` : `CREATE TABLE ${table} (id int PRIMARY KEY)`,
    ]);
    await files(Object.fromEntries(entries));
  },
  place: tenant,
  close: async () => undefined,
}));

describe('SQL files on PostgreSQL', () => {
  let place: Place;
  let count = 0;
  const apply = (
    options: { readonly signal?: AbortSignal; readonly lockTries?: number } = {},
  ): Promise<readonly AppliedMigration[]> =>
    new SqlFileMigrations(connections, { folder, lockTimeoutMs: 100, lockTries: options.lockTries ?? 3 }).apply(
      place,
      actorOf(place),
      {
        signal: options.signal ?? new AbortController().signal,
        onApplied: () => undefined,
      },
    );

  beforeEach(async () => {
    count += 1;
    place = await tenant(`files-${count}`);
  });

  it('leaves everything to the owner role, inside the schema, usable by the service role', async () => {
    await files({
      '001.sql': 'CREATE TABLE thing (id serial PRIMARY KEY); CREATE FUNCTION one() RETURNS int LANGUAGE sql RETURN 1;',
    });
    await apply();
    const owner = await server.psql(
      `SELECT schemaname, tableowner FROM pg_tables WHERE tablename = 'thing'`,
      'tenants',
    );
    expect(owner).toBe(`${place.schema}|${place.ownerRole}`);
    await server.psql(`SET ROLE berth_service; INSERT INTO ${place.schema}.thing DEFAULT VALUES`, 'tenants');
    const wanted = { place, limits, verifiers: {}, logins: 'open' as const };
    expect(await new PostgresTenantDatabase(connections).inspect(wanted)).toEqual([]);
  });

  it.each([
    ['a syntax error', 'CREATE TABLE a (id int);\n\nCREATE TABEL b (id int);\n', 3, '42601'],
    ['a missing table, after text outside ASCII', "SELECT '🚢 ü';\nSELECT *\nFROM nowhere;\n", 3, '42P01'],
    [
      'a broken constraint',
      'CREATE TABLE a (id int PRIMARY KEY);\nINSERT INTO a VALUES (1);\n-- once more\nINSERT INTO a\nVALUES (1);\n',
      4,
      '23505',
    ],
    ['a division by zero in a block', 'SELECT 1;\nDO $$\nBEGIN\n  PERFORM 1/0;\nEND $$;\n', 2, '22012'],
  ])('names the line of %s and undoes the file', async (_what, text, line, sqlState) => {
    await files({ '001.sql': text });
    await expect(apply()).rejects.toMatchObject({
      code: 'migration-failed',
      details: { line, sqlState, file: '001.sql' },
    });
    expect(await server.psql(`SELECT count(*) FROM pg_tables WHERE schemaname = '${place.schema}'`, 'tenants')).toBe(
      '0',
    );
  });

  it.each([
    ['a psql command', '-- \\ok in a comment\n\\connect postgres\n', 2, '\\connect'],
    ['COMMIT', "SELECT ';COMMIT';\nCOMMIT;", 2, 'transaction'],
    ['RESET ROLE', '/* one */ RESET\nROLE;', 1, 'role'],
    ['SET SESSION AUTHORIZATION', 'SET SESSION AUTHORIZATION DEFAULT', 1, 'role'],
    ['COPY FROM STDIN', 'COPY a (id) FROM STDIN;\n1\n', 1, 'COPY'],
  ])('refuses %s before anything runs', async (_what, text, line, word) => {
    await files({ '001.sql': 'CREATE TABLE a (id int)', '002.sql': text });
    await expect(apply()).rejects.toMatchObject({ code: 'config-invalid', message: expect.stringContaining(word) });
    await expect(apply()).rejects.toThrow(`line ${line}`);
    expect(await new SqlFileMigrations(connections, { folder: `${folder}` }).applied(place)).toEqual([]);
  });

  it('does not let a block hand the rest of the file to the admin', async () => {
    await files({ '001.sql': "DO $$ BEGIN EXECUTE 'RESET ROLE'; END $$; CREATE ROLE intruder" });
    await expect(apply()).rejects.toMatchObject({ code: 'migration-failed' });
    expect(await server.psql("SELECT count(*) FROM pg_roles WHERE rolname = 'intruder'")).toBe('0');
  });

  it('cannot reach another tenant', async () => {
    const other = await tenant(`other-${count}`);
    await files({ '001.sql': 'CREATE TABLE secret (id int)' });
    await new SqlFileMigrations(connections, { folder }).apply(other, actorOf(other), {
      signal: new AbortController().signal,
      onApplied: () => undefined,
    });
    await files({ '001.sql': `CREATE TABLE mine AS SELECT * FROM ${other.schema}.secret` });
    await expect(apply()).rejects.toMatchObject({ code: 'migration-failed', details: { sqlState: '42501' } });
  });

  it('builds an index concurrently where the file asks for no transaction', async () => {
    await files({
      '001.sql': 'CREATE TABLE a (id int)',
      '002.sql':
        '-- berth: no-transaction\nCREATE INDEX CONCURRENTLY a_id ON a (id);\nCREATE INDEX CONCURRENTLY a_id2 ON a (id);',
    });
    expect(await apply()).toHaveLength(2);
    const owner = await server.psql(
      `SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = '${place.schema}'`,
      'tenants',
    );
    expect(owner).toBe(place.ownerRole);
    await files({
      '001.sql': 'CREATE TABLE a (id int)',
      '002.sql':
        '-- berth: no-transaction\nCREATE INDEX CONCURRENTLY a_id ON a (id);\nCREATE INDEX CONCURRENTLY a_id2 ON a (id);',
      '003.sql': '-- berth: no-transaction\n\nCREATE INDEX CONCURRENTLY a_id3\n ON a (nothing);',
    });
    await expect(apply()).rejects.toMatchObject({ code: 'migration-failed', details: { line: 3 } });
  });

  it('waits a bounded time for a lock, names who holds it, and leaves everything as it was', async () => {
    await files({ '001.sql': 'CREATE TABLE a (id int)' });
    await apply();
    await files({
      '001.sql': 'CREATE TABLE a (id int)',
      '002.sql': 'CREATE TABLE b (id int);\nALTER TABLE a ADD COLUMN b int',
    });
    const reader = new Client({ connectionString: server.superuserUrl('tenants') });
    await reader.connect();
    await reader.query(`BEGIN; SELECT FROM ${place.schema}.a`);
    await expect(apply({ lockTries: 2 })).rejects.toMatchObject({
      ...{ code: 'lock-timeout', retry: 'backoff' },
      details: { table: 'a', pid: expect.any(Number) as number },
    });
    await reader.end();
    expect(await apply()).toHaveLength(1);
  });

  it('stops a running statement when it is cancelled', async () => {
    await files({ '001.sql': 'SELECT pg_sleep(60)' });
    const abort = new AbortController();
    const run = apply({ signal: abort.signal });
    const sleeping = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)' AND state = 'active'";
    while ((await server.psql(sleeping)) !== '1') await new Promise((resolve) => setImmediate(resolve));
    abort.abort();
    await expect(run).rejects.toMatchObject({ code: 'cancelled' });
    expect(await server.psql(sleeping)).toBe('0');
  });

  it('leaves nothing of a file in the session that the next tenant gets', async () => {
    await files({ '001.sql': "SET work_mem = '123MB'; SET search_path = pg_catalog; LISTEN something" });
    await apply();
    const seen = await connections.withTransaction('shared-1', undefined, async (client) => {
      const { rows } = await client.query<{ work: string; path: string; channels: number; role: string }>(
        `SELECT current_setting('work_mem') AS work, current_setting('search_path') AS path, current_user AS role,
                (SELECT count(*)::int FROM pg_listening_channels()) AS channels`,
      );
      return rows[0];
    });
    expect(seen).toEqual({ work: '4MB', path: 'pg_catalog,pg_temp', role: server.admin.user, channels: 0 });
  });
});
