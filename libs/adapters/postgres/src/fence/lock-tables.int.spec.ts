import { parseTenantId, placeOf } from '@berth/domain';
import { startPostgres, type TestPostgres } from '@berth/testing';
import { Client } from 'pg';
import { lockTables } from './lock-tables.js';

const place = placeOf(parseTenantId('acme'), 'shared-1', 'tenants');
const tables = ['a', 'b', 'c', 'd', 'e'];
const named = tables.map((name) => ({ name }));
const writers = 8;

describe('the locks of all tables of a tenant', () => {
  let server: TestPostgres;
  let database: string;
  let opened: Client[] = [];
  const connect = async (): Promise<Client> => {
    const client = new Client({ connectionString: server.superuserUrl(database) });
    opened.push(client);
    await client.connect();
    return client;
  };
  beforeAll(async () => {
    server = await startPostgres();
    database = await server.createDatabase();
    const made = tables.map((name) => `CREATE TABLE ${place.schema}.${name} (writer int PRIMARY KEY, n int)`);
    const rows = tables.map(
      (name) => `INSERT INTO ${place.schema}.${name} SELECT g, 0 FROM generate_series(1, ${String(writers)}) g`,
    );
    await server.psql([`CREATE SCHEMA ${place.schema}`, ...made, ...rows].join(';\n'), database);
  });
  afterEach(async () => {
    await Promise.all(opened.map((client) => client.end()));
    opened = [];
  });
  afterAll(async () => {
    await server?.stop();
  });

  /** Each changes a row of its own in every table, in its order, statement by statement, without a pause. */
  const startWriters = async (orderOf: (writer: number) => readonly string[]) => {
    let committed = 0;
    let stopped = false;
    const work = async (writer: number): Promise<void> => {
      const client = await connect();
      while (!stopped) {
        await client.query('BEGIN');
        for (const table of orderOf(writer))
          await client.query(`UPDATE ${place.schema}.${table} SET n = n + 1 WHERE writer = $1`, [writer]);
        await client.query('COMMIT');
        committed += 1;
      }
    };
    const all = Promise.all(Array.from({ length: writers }, (_, index) => work(index + 1)));
    all.catch(() => undefined);
    while (committed < 10 * writers) await new Promise((resolve) => setImmediate(resolve));
    return {
      committed: () => committed,
      async stop() {
        stopped = true;
        await all;
      },
    };
  };

  it.each([
    ['in the order of the locks', () => tables],
    ['the other way round', () => tables.toReversed()],
  ] as const)('come while writers go through them %s, and none of them fails', async (_how, orderOf) => {
    const work = await startWriters(orderOf);
    const lock = await connect();
    for (let round = 0; round < 5; round += 1) {
      await lock.query('BEGIN');
      await lockTables(lock, place, named, 300);
      const { rows } = await lock.query<{ held: number; timeout: string }>(
        `SELECT count(*)::int AS held, current_setting('lock_timeout') AS timeout FROM pg_locks
         WHERE pid = pg_backend_pid() AND mode = 'ShareRowExclusiveLock' AND granted`,
      );
      expect(rows).toEqual([{ held: tables.length, timeout: '300ms' }]);
      await lock.query('COMMIT');
      const before = work.committed();
      while (work.committed() < before + 10 * writers) await new Promise((resolve) => setImmediate(resolve));
    }
    await work.stop();
  });

  it('come by luck, or are given up with all writers at work, where their ways cross', async () => {
    const work = await startWriters((writer) => (writer % 2 === 1 ? tables : tables.toReversed()));
    const lock = await connect();
    await lock.query('BEGIN');
    const refusal = await lockTables(lock, place, named, 300).catch((error: unknown) => error);
    if (refusal !== undefined)
      expect(refusal).toMatchObject({
        code: 'lock-timeout',
        message:
          'The tables of tenant_acme could not be locked: transactions of the tenant take them in ways that cross.',
      });
    await lock.query('ROLLBACK');
    const before = work.committed();
    while (work.committed() < before + 10 * writers) await new Promise((resolve) => setImmediate(resolve));
    await work.stop();
  });

  it('are told of one that a long transaction keeps, and keep none themselves', async () => {
    const long = await connect();
    await long.query(`BEGIN; UPDATE ${place.schema}.c SET n = n + 1 WHERE writer = 1`);
    const lock = await connect();
    await lock.query('BEGIN; SAVEPOINT before');
    await expect(lockTables(lock, place, named, 100)).rejects.toMatchObject({
      code: 'lock-timeout',
      message: 'The tables of tenant_acme could not be locked within 100 ms: a transaction keeps one of them.',
    });
    await lock.query('ROLLBACK TO before');
    await long.query(`UPDATE ${place.schema}.a SET n = n + 1; COMMIT`);
    await lock.query('ROLLBACK');
  });
});
