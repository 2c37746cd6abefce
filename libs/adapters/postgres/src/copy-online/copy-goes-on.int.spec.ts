import { streamsOf } from '@berth/domain';
import type { CopiedRows, LongWork } from '@berth/ports';
import {
  type ChildScript,
  inTurn,
  postgresMajors,
  runChildScript,
  startTenantAtWork,
  startTenantPair,
  type TenantAtWork,
  type TenantPair,
  whenAvailable,
} from '@berth/testing';
import { Client } from 'pg';
import { berthSchema } from '../connection/berth-schema.js';
import { ClusterConnections } from '../connection/index.js';
import { PostgresTenantCopy } from '../copy/postgres-tenant-copy.js';
import { PostgresTenantReplication } from '../replication/postgres-tenant-replication.js';
import { PostgresOnlineCopy } from './postgres-online-copy.js';

const majors = (await postgresMajors()).map(({ major }) => major);
const quiet: LongWork = { signal: new AbortController().signal, onProgress: () => undefined };

/** The largest table comes first: it has arrived when the worker is killed in the middle of the second one. */
const schema = `
  CREATE TABLE big (id int PRIMARY KEY, body text, n int NOT NULL DEFAULT 0);
  INSERT INTO big SELECT g, repeat('x', 200) FROM generate_series(1, 40000) g;
  CREATE TABLE second (id int PRIMARY KEY, body text, n int NOT NULL DEFAULT 0);
  INSERT INTO second SELECT g, repeat('y', 200) FROM generate_series(1, 30000) g;
  CREATE TABLE head (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, big int NOT NULL REFERENCES big);
  COMMENT ON CONSTRAINT head_big_fkey ON head IS 'of one order';
  CREATE TABLE part (id int, at date NOT NULL, n int NOT NULL DEFAULT 0, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
  CREATE TABLE part_one PARTITION OF part FOR VALUES FROM ('2026-01-01') TO ('2026-07-01');
  CREATE TABLE part_two PARTITION OF part FOR VALUES FROM ('2026-07-01') TO ('2027-01-01');
  INSERT INTO part SELECT g, '2026-03-01' FROM generate_series(1, 500) g;
`;

/** In tables that are kept and in those that come later, in one transaction too: rows come, change and go, also their keys and partitions. */
const statements = [
  `UPDATE big SET n = n + 1 WHERE id = $1::int * 37 % 10000`,
  `DELETE FROM big WHERE id = 20000 + $1::int * 91 % 20000`,
  `UPDATE big SET id = id + 2000000 WHERE id = 10000 + $1::int * 53 % 10000`,
  `INSERT INTO second VALUES (1000000 + $1, 'new')`,
  `UPDATE second SET n = n + 1 WHERE id = $1::int * 37 % 10000`,
  `DELETE FROM second WHERE id = 20000 + $1::int * 91 % 10000`,
  `UPDATE second SET id = id + 2000000 WHERE id = 10000 + $1::int * 53 % 10000`,
  `WITH one AS (INSERT INTO big (id, body) VALUES (3000000 + $1, 'new') RETURNING id) INSERT INTO head (big) SELECT id FROM one`,
  `UPDATE part SET at = CASE WHEN at < '2026-07-01' THEN date '2026-08-01' ELSE date '2026-03-01' END, n = n + 1 WHERE id % 50 = $1::int % 50`,
] as const;

/** A worker's copy in a process of its own, slow enough to be killed in the middle. */
const copyInChild = `
  import { ClusterConnections, PostgresOnlineCopy, PostgresTenantCopy } from '@berth/postgres';
  import { FakeClusterDirectory } from '@berth/testing';
  const { accesses, stream, actor, dumps } = JSON.parse(process.argv[1]);
  const directory = new FakeClusterDirectory();
  for (const access of accesses) directory.put(access);
  const connections = new ClusterConnections(directory);
  const byDump = new PostgresTenantCopy({ connections, dumpsFolder: dumps, programsFor: async () => '' });
  const copy = new PostgresOnlineCopy({ connections, copy: byDump, pagesOfPart: 32 });
  const work = { signal: new AbortController().signal, onProgress: ({ done, total }) => console.log('copied ' + Math.floor(10 * done / total)) };
  await copy.copyRows(stream, actor, { keepTimeoutMs: 20000, lanes: 2, bytesPerSecond: 4000000, yields: false }, work);
  console.log('done');
`;

describe.each(inTurn(import.meta.url, [16, 18]))('a copy whose worker is killed, on PostgreSQL %i', (major) => {
  const missing = majors.includes(major) ? undefined : `${major} is not here (BERTH_TEST_PG_BINS names bin folders)`;

  whenAvailable({ name: `PostgreSQL ${major}`, missing }, 'while the tenant works', () => {
    let pair: TenantPair;
    let connections: ClusterConnections;
    let replication: PostgresTenantReplication;
    let copy: PostgresOnlineCopy;
    let made: Awaited<ReturnType<TenantPair['another']>>;
    let atWork: TenantAtWork | undefined;
    let count = 0;

    beforeAll(async () => {
      const server = { major, replication: true };
      pair = await startTenantPair({ berthSchema: berthSchema.map(({ sql }) => sql), source: server, target: server });
      connections = new ClusterConnections(pair.directory);
      replication = new PostgresTenantReplication(connections);
      const programsFor = (of: number): Promise<string> => pair.programsFor(of);
      const byDump = new PostgresTenantCopy({ connections, dumpsFolder: pair.dumps, programsFor });
      copy = new PostgresOnlineCopy({ connections, copy: byDump, pagesOfPart: 32 });
    });
    afterAll(async () => {
      await connections?.close();
      await pair?.close();
    });
    beforeEach(async () => {
      count += 1;
      made = await pair.another(`goes-on-${String(count)}`);
      await pair.run(made.source, schema);
      await copy.copyDefinitions(stream(), name(), made.actor, quiet);
      await replication.publish(stream(), {}, made.actor);
      atWork = await startTenantAtWork(pair.sourceServer, made.source, statements, 2);
    });
    afterEach(async () => {
      await atWork?.stop();
      await replication.remove(stream(), made.actor);
      expect(await replication.leftovers(stream())).toEqual([]);
    });

    const stream = () => streamsOf(made.source, made.target, 2).forward;
    const name = (): string => made.source.schema;
    const target = (sql: string): Promise<string> => pair.targetServer.psql(sql, made.target.database);
    const copyRows = (): Promise<CopiedRows> =>
      copy.copyRows(
        stream(),
        made.actor,
        { keepTimeoutMs: 20_000, lanes: 2, bytesPerSecond: null, yields: false },
        quiet,
      );
    /** Which transactions of the target brought a table's rows. */
    const broughtBy = (table: string): Promise<string> =>
      target(`SELECT string_agg(DISTINCT xmin::text, ',' ORDER BY xmin::text) FROM ${made.target.schema}.${table}`);

    async function killedInTheMiddle(): Promise<void> {
      const accesses = await Promise.all(['cluster-source', 'cluster-target'].map((id) => pair.directory.access(id)));
      const argument = { accesses, stream: stream(), actor: made.actor, dumps: pair.dumps };
      const child: ChildScript = runChildScript(copyInChild, argument);
      await child.line('copied 7');
      await child.kill9();
      expect(child.lines).not.toContain('done');
    }

    /** Cut off at the same place, in this process: what is left is the same, in less time. */
    async function cutOff(): Promise<void> {
      const abort = new AbortController();
      const onProgress: LongWork['onProgress'] = ({ done, total }) => {
        if (total !== null && done > 0.7 * total) abort.abort();
      };
      const how = { keepTimeoutMs: 20_000, lanes: 2, bytesPerSecond: 8_000_000, yields: false };
      const cut = copy.copyRows(stream(), made.actor, how, { signal: abort.signal, onProgress });
      await expect(cut).rejects.toMatchObject({ code: 'cancelled' });
    }

    /** All that the saga does between the copy and the switch. */
    async function followToTheEnd(): Promise<void> {
      await copy.finishDefinitions(stream(), name(), made.actor, quiet);
      await replication.follow(stream(), made.actor);
      await replication.awaitApplied(stream(), { timeoutMs: 60_000 });
      await copy.joinTables(stream(), name(), made.actor, quiet);
      expect(await copy.joinTables(stream(), name(), made.actor, quiet)).toBe(false);
      const { report } = await copy.compareLive(stream(), { lockTimeoutMs: 2_000, lanes: 2 }, quiet);
      expect(report.differences).toEqual([]);
      expect(report).toMatchObject({ equal: true });
      expect(report.rows).toBeGreaterThan(40_000);
    }

    /** Changes of every table, the late ones too, between the moment of the first try and that of the next. */
    async function workOn(transactions: number): Promise<void> {
      const enough = (atWork?.committed() ?? 0) + transactions;
      while ((atWork?.committed() ?? 0) < enough) await pair.run(made.source, 'SELECT 1');
    }

    it('keeps the tables that have arrived, copies the others at a later moment, and is equal to the row', async () => {
      await killedInTheMiddle();
      const arrived = await broughtBy('big');
      await workOn(300);
      const copied = await copyRows();
      expect(copied).toMatchObject({ tables: 5, kept: 1, again: 0 });
      expect(await broughtBy('big')).toBe(arrived);
      expect(await copyRows()).toEqual(copied);
      await workOn(300);
      await followToTheEnd();
    });

    it('goes on once more when it is cut off again, and each table is of its own moment', async () => {
      await cutOff();
      await workOn(200);
      // The second try brings the second table and no more: a third one knows two moments already. In either partition: at times all rows are in one.
      await target(`ALTER TABLE ${made.target.schema}.part ADD CONSTRAINT odd CHECK (id < 0)`);
      await expect(copyRows()).rejects.toMatchObject({ code: 'database-error' });
      await target(`ALTER TABLE ${made.target.schema}.part DROP CONSTRAINT odd`);
      await workOn(200);
      const { kept } = await copyRows();
      expect(kept).toBeGreaterThan(1);
      await followToTheEnd();
    });

    it('begins anew when a table that is missing was truncated meanwhile', async () => {
      await cutOff();
      await pair.run(made.source, 'TRUNCATE second');
      expect(await copyRows()).toMatchObject({ tables: 5, kept: 0 });
      await followToTheEnd();
    });

    it('begins anew when the slot is not the one of the tables that have arrived', async () => {
      await cutOff();
      const slot = stream().name;
      await pair.sourceServer.psql(
        `SELECT pg_drop_replication_slot('${slot}'); SELECT pg_create_logical_replication_slot('${slot}', 'pgoutput')`,
        made.source.database,
      );
      expect(await copyRows()).toMatchObject({ tables: 5, kept: 0 });
      await followToTheEnd();
    });

    it('does not make writers wait for a long transaction of a table that is missing', async () => {
      await cutOff();
      await atWork?.stop();
      const session = new Client({ connectionString: pair.sourceServer.superuserUrl(made.source.database) });
      await session.connect();
      try {
        await session.query(`BEGIN; UPDATE ${made.source.schema}.second SET n = 0 WHERE id = 1`);
        const how = { keepTimeoutMs: 200, lanes: 2, bytesPerSecond: null, yields: false };
        await expect(copy.copyRows(stream(), made.actor, how, quiet)).rejects.toMatchObject({ code: 'lock-timeout' });
        await session.query('COMMIT');
      } finally {
        await session.end();
      }
      expect(await copyRows()).toMatchObject({ kept: 1 });
      await followToTheEnd();
    });
  });
});
