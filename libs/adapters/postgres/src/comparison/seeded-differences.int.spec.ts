import type { ComparisonReport, Difference } from '@berth/domain';
import { awkwardSchema, startTenantPair, type TenantPair } from '@berth/testing';
import { berthSchema } from '../connection/berth-schema.js';
import { ClusterConnections } from '../connection/index.js';
import { PostgresTenantComparison } from './postgres-tenant-comparison.js';

const work = { signal: new AbortController().signal, onProgress: () => undefined };

/** More rows than one range holds, in keys of each kind. */
const wide = `
  CREATE TABLE many (id int PRIMARY KEY, text text);
  INSERT INTO many SELECT g * 2, 'row ' || g FROM generate_series(1, 120000) g;
  CREATE TABLE pairs (a uuid, b text, c int, PRIMARY KEY (b, a));
  INSERT INTO pairs SELECT md5(g::text)::uuid, chr(60 + g % 60) || g, g FROM generate_series(1, 6000) g;
  CREATE TABLE bits (id int PRIMARY KEY, ratio float8, list int[]);`;

interface Seed {
  readonly name: string;
  readonly sql: string;
  readonly found: readonly Pick<Difference, 'kind' | 'object'>[];
}

const seeds: readonly Seed[] = [
  {
    name: 'a changed row',
    sql: `UPDATE many SET text = 'row X' WHERE id = 60002`,
    found: [{ kind: 'changed-row', object: 'many (id) = (60002)' }],
  },
  {
    name: 'a missing row',
    sql: 'DELETE FROM many WHERE id = 2',
    found: [{ kind: 'missing-row', object: 'many (id) = (2)' }],
  },
  {
    name: 'an extra row',
    sql: `INSERT INTO many VALUES (60001, 'row 1')`,
    found: [{ kind: 'extra-row', object: 'many (id) = (60001)' }],
  },
  {
    name: 'an extra row beyond the last',
    sql: 'INSERT INTO many VALUES (240002)',
    found: [{ kind: 'extra-row', object: 'many (id) = (240002)' }],
  },
  {
    name: 'a changed key',
    sql: 'UPDATE many SET id = 100001 WHERE id = 100000',
    found: [
      { kind: 'missing-row', object: 'many (id) = (100000)' },
      { kind: 'extra-row', object: 'many (id) = (100001)' },
    ],
  },
  {
    name: 'two values exchanged',
    sql: `UPDATE many SET text = 'row ' || (CASE id WHEN 4 THEN 3 ELSE 2 END) WHERE id IN (4, 6)`,
    found: [
      { kind: 'changed-row', object: 'many (id) = (4)' },
      { kind: 'changed-row', object: 'many (id) = (6)' },
    ],
  },
  {
    name: 'a row of a composite key',
    sql: `DELETE FROM ledger WHERE day = '-infinity'`,
    found: [{ kind: 'missing-row', object: 'ledger (account, code, day) = (1, Ω, -infinity)' }],
  },
  {
    name: 'a row of a text key',
    sql: `UPDATE word SET n = -1 WHERE word = 'ä 2'`,
    found: [{ kind: 'changed-row', object: 'word (word) = (ä 2)' }],
  },
  {
    name: 'an empty string for NULL',
    sql: `UPDATE account SET note = '' WHERE id = 1`,
    found: [{ kind: 'changed-row', object: 'account (id) = (1)' }],
  },
  {
    name: 'another scale of a number',
    sql: 'UPDATE account SET exact = 1.0 WHERE id = 2',
    found: [{ kind: 'changed-row', object: 'account (id) = (2)' }],
  },
  {
    name: 'the last bit of a float',
    sql: 'UPDATE account SET ratio = 0.1::float8 + 2e-17 WHERE id = 1',
    found: [{ kind: 'changed-row', object: 'account (id) = (1)' }],
  },
  {
    name: 'a microsecond',
    sql: `UPDATE account SET at = at + interval '1 microsecond' WHERE id = 1`,
    found: [{ kind: 'changed-row', object: 'account (id) = (1)' }],
  },
  {
    name: 'a byte',
    sql: `UPDATE account SET raw = set_byte(raw, 2, 40) WHERE id = 1`,
    found: [{ kind: 'changed-row', object: 'account (id) = (1)' }],
  },
  {
    name: 'a value inside JSON',
    sql: `UPDATE account SET doc = '{"b": 1.00, "a": [null, "ü"]}' WHERE id = 1`,
    found: [{ kind: 'changed-row', object: 'account (id) = (1)' }],
  },
  {
    name: 'a row of a partition',
    sql: `UPDATE measure SET value = 0 WHERE id = 400`,
    found: [{ kind: 'changed-row', object: expect.stringContaining('measure_2024_a') as string }],
  },
  {
    name: 'a row of an heir',
    sql: `UPDATE dog SET barks = false`,
    found: [{ kind: 'extra-row', object: expect.stringContaining('dog') as string }],
  },
  {
    name: 'a row too many without a key',
    sql: `INSERT INTO event_log SELECT * FROM event_log WHERE line = 'line 7' LIMIT 1`,
    found: [{ kind: 'extra-row', object: expect.stringContaining('event_log') as string }],
  },
  {
    name: 'one row twice for another twice, without a key',
    sql: `UPDATE event_log SET n = 9 WHERE line IS NULL AND n IS NULL`,
    found: [
      { kind: 'missing-row', object: expect.stringContaining('event_log') as string },
      { kind: 'extra-row', object: expect.stringContaining('event_log') as string },
    ],
  },
  {
    name: 'a row of no columns',
    sql: 'INSERT INTO nothing_in_it DEFAULT VALUES',
    found: [{ kind: 'extra-row', object: expect.stringContaining('nothing_in_it') as string }],
  },
  {
    name: 'a sequence behind',
    sql: `SELECT setval('account_id_seq', 2)`,
    found: [{ kind: 'sequence-position', object: 'account_id_seq' }],
  },
  {
    name: 'a sequence that was called',
    sql: `SELECT nextval('never_called')`,
    found: [{ kind: 'sequence-position', object: 'never_called' }],
  },
  {
    name: 'a missing index',
    sql: 'DROP INDEX ledger_recent',
    found: [{ kind: 'index', object: 'ledger.ledger_recent' }],
  },
  {
    name: 'a missing constraint',
    sql: 'ALTER TABLE account DROP CONSTRAINT name_not_blank',
    found: [{ kind: 'constraint', object: 'account.name_not_blank' }],
  },
  {
    name: 'a missing foreign key',
    sql: 'ALTER TABLE ledger DROP CONSTRAINT ledger_account_fkey',
    found: [{ kind: 'constraint', object: 'ledger.ledger_account_fkey' }],
  },
  {
    name: 'a missing grant',
    sql: 'REVOKE SELECT ON ledger FROM berth_service',
    found: [{ kind: 'grant', object: 'table ledger to berth_service' }],
  },
  {
    name: 'a grant to everybody',
    sql: 'GRANT SELECT ON ledger TO PUBLIC',
    found: [{ kind: 'grant', object: 'table ledger to public' }],
  },
  {
    name: 'a grant on a column',
    sql: 'REVOKE SELECT (name) ON account FROM PUBLIC',
    found: [{ kind: 'grant', object: 'table account.name to public' }],
  },
  {
    name: 'a missing trigger',
    sql: 'DROP TRIGGER stamp ON account',
    found: [{ kind: 'trigger', object: 'account.stamp' }],
  },
  {
    name: 'a trigger that is off',
    sql: 'ALTER TABLE account DISABLE TRIGGER stamp',
    found: [{ kind: 'trigger', object: 'account.stamp' }],
  },
  {
    name: 'a changed default',
    sql: `ALTER TABLE account ALTER feeling SET DEFAULT 'sad'`,
    found: [{ kind: 'column', object: 'account.feeling' }],
  },
  {
    name: 'a changed function',
    sql: `CREATE OR REPLACE PROCEDURE tidy() LANGUAGE sql AS 'DELETE FROM event_log WHERE n > 101'`,
    found: [{ kind: 'function', object: 'tidy()' }],
  },
  {
    name: 'a right to call',
    sql: 'GRANT EXECUTE ON FUNCTION add_word TO PUBLIC',
    found: [{ kind: 'grant', object: 'function add_word(w text, VARIADIC more text[]) to public' }],
  },
  {
    name: 'a default right',
    sql: `DO $$ BEGIN EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT SELECT ON TABLES TO PUBLIC', current_schema); END $$`,
    found: [{ kind: 'grant', object: expect.stringContaining('default privileges of') as string }],
  },
  {
    name: 'a changed view',
    sql: 'CREATE OR REPLACE VIEW rich WITH (check_option = local) AS SELECT id, name, credit FROM account WHERE credit > 2',
    found: [{ kind: 'view', object: 'rich' }],
  },
  {
    name: 'a missing policy',
    sql: 'DROP POLICY own_rows ON guarded',
    found: [{ kind: 'policy', object: 'guarded.own_rows' }],
  },
  {
    name: 'row security that is off',
    sql: 'ALTER TABLE guarded DISABLE ROW LEVEL SECURITY',
    found: [{ kind: 'table', object: 'guarded' }],
  },
  { name: 'a label of an enum', sql: `ALTER TYPE mood ADD VALUE 'new'`, found: [{ kind: 'type', object: 'mood' }] },
  {
    name: 'a changed comment',
    sql: `COMMENT ON COLUMN account.name IS 'Another'`,
    found: [{ kind: 'comment', object: expect.stringContaining('account.name') as string }],
  },
  { name: 'a missing table, named once', sql: 'DROP TABLE cache', found: [{ kind: 'table', object: 'cache' }] },
  {
    name: 'a table too many',
    sql: 'CREATE TABLE more (id int PRIMARY KEY)',
    found: [{ kind: 'table', object: 'more' }],
  },
  {
    name: 'a column too many',
    sql: 'ALTER TABLE guarded ADD COLUMN more int',
    found: [{ kind: 'column', object: 'guarded.more' }],
  },
  {
    name: 'a partition taken away',
    sql: 'ALTER TABLE measure DETACH PARTITION measure_2023',
    found: [{ kind: 'table', object: 'measure_2023' }],
  },
];

describe('comparing two places', () => {
  let pair: TenantPair;
  let connections: ClusterConnections;

  const compare = (): Promise<ComparisonReport> =>
    new PostgresTenantComparison(connections).compare(pair.source, pair.target, work);
  /** What is dropped and altered must come back after each test; the whole target is made again for that. */
  const refill = async (): Promise<void> => {
    await pair.targetServer.psql(
      `DROP SCHEMA ${pair.target.schema} CASCADE; CREATE SCHEMA ${pair.target.schema} AUTHORIZATION ${pair.target.ownerRole}`,
      pair.target.database,
    );
    await pair.run(pair.target, awkwardSchema + wide);
  };

  beforeAll(async () => {
    pair = await startTenantPair({ berthSchema: berthSchema.map(({ sql }) => sql) });
    connections = new ClusterConnections(pair.directory);
    await pair.run(pair.source, awkwardSchema + wide);
    await refill();
  });
  afterAll(async () => {
    await connections?.close();
    await pair?.close();
  });

  it('finds two loads of the same schema equal, row by row', async () => {
    const report = await compare();
    expect(report).toMatchObject({ equal: true, differences: [], differenceCount: 0 });
    expect(report.rows).toBeGreaterThan(136_000);
    expect(report.tables.find(({ table }) => table === 'many')).toMatchObject({
      sourceRows: 120_000,
      targetRows: 120_000,
      equal: true,
    });
  });

  it.each(seeds)('finds $name', async ({ sql, found }) => {
    await pair.run(pair.target, sql);
    try {
      const report = await compare();
      expect(report.equal).toBe(false);
      expect(report.differenceCount).toBe(report.differences.length);
      for (const one of found) expect(report.differences).toContainEqual(expect.objectContaining(one));
      if (found.every(({ kind }) => kind.endsWith('-row'))) {
        expect(report.differences.filter(({ kind }) => !kind.endsWith('-row'))).toEqual([]);
      }
    } finally {
      await refill();
    }
  });

  it('counts what it no longer names', async () => {
    await pair.run(pair.target, 'TRUNCATE many; DELETE FROM pairs WHERE c % 2 = 0');
    try {
      const report = await compare();
      expect(report.differences).toHaveLength(100);
      expect(report.differenceCount).toBeGreaterThanOrEqual(120_001);
    } finally {
      await refill();
    }
  });

  it('trap 14: is not deceived by what the databases set for text forms and order', async () => {
    await pair.targetServer.psql(
      `ALTER DATABASE ${pair.target.database} SET extra_float_digits = -15;
       ALTER DATABASE ${pair.target.database} SET "TimeZone" = 'Asia/Tokyo';
       ALTER DATABASE ${pair.target.database} SET "DateStyle" = 'SQL, DMY';
       ALTER DATABASE ${pair.target.database} SET "IntervalStyle" = 'iso_8601';
       ALTER DATABASE ${pair.target.database} SET bytea_output = 'escape'`,
    );
    expect(await compare()).toMatchObject({ equal: true });
  });

  it('is not deceived by bits that mean the same', async () => {
    // NaN has several patterns, and a list that held NULL once keeps room for it.
    const values = {
      source: `'NaN', '{1}'`,
      target: `'Infinity'::float8 - 'Infinity'::float8, (ARRAY[1, NULL])[1:1]`,
    };
    const bits: string[] = [];
    for (const end of ['source', 'target'] as const) {
      await pair.run(pair[end], `INSERT INTO bits VALUES (1, ${values[end]})`);
      const { [`${end}Server` as const]: server } = pair;
      bits.push(await server.psql(`SELECT record_send(b) FROM ${pair[end].schema}.bits b`, pair[end].database));
    }
    expect(bits[0]).not.toBe(bits[1]);
    expect(await compare()).toMatchObject({ equal: true, differences: [] });
    for (const end of ['source', 'target'] as const) await pair.run(pair[end], 'DELETE FROM bits');
  });

  it('compares a range that has grown since it was cut', async () => {
    await pair.run(pair.target, `INSERT INTO many SELECT g FROM generate_series(250001, 500000) g`);
    try {
      const report = await compare();
      expect(report.differenceCount).toBe(250_000);
      expect(report.tables.find(({ table }) => table === 'many')).toMatchObject({
        sourceRows: 120_000,
        targetRows: 370_000,
        equal: false,
      });
    } finally {
      await refill();
    }
  });

  it('ends the statements on the servers when it is cancelled', async () => {
    const abort = new AbortController();
    const onProgress = (): void => {
      abort.abort();
    };
    const comparison = new PostgresTenantComparison(connections);
    await expect(
      comparison.compare(pair.source, pair.target, { signal: abort.signal, onProgress }),
    ).rejects.toMatchObject({ code: 'cancelled' });
    const open = `SELECT count(*) FROM pg_stat_activity WHERE usename = 'berth_admin' AND state <> 'idle'`;
    expect(await pair.sourceServer.psql(open)).toBe('0');
  });

  it('takes its membership in the owner role back', async () => {
    await compare();
    const members = `SELECT count(*) FROM pg_auth_members WHERE roleid = '${pair.source.ownerRole}'::regrole AND member = 'berth_admin'::regrole AND (NOT admin_option)`;
    expect(await pair.sourceServer.psql(members)).toBe('0');
  });
});
