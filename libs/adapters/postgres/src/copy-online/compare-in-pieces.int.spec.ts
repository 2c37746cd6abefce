import { streamsOf } from '@berth/domain';
import type { LiveComparison, LongWork } from '@berth/ports';
import {
  inTurn,
  postgresMajors,
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

/** Four ranges of the one, a range of the other, and a table without a key that no range cuts. */
const schema = `
  CREATE TABLE many (id int PRIMARY KEY, n int NOT NULL DEFAULT 0);
  INSERT INTO many SELECT g FROM generate_series(1, 200000) g;
  CREATE TABLE few (id int PRIMARY KEY, n int NOT NULL DEFAULT 0);
  INSERT INTO few SELECT g FROM generate_series(1, 100) g;
  CREATE TABLE keyless (n int);
  ALTER TABLE keyless REPLICA IDENTITY FULL;
  INSERT INTO keyless SELECT g FROM generate_series(1, 100) g;
`;
const statements = [
  `UPDATE many SET n = n + 1 WHERE id = $1::int * 37 % 200000 AND id % 1000 <> 7`,
  `INSERT INTO many VALUES (1000000 + $1)`,
  `UPDATE few SET n = n + 1 WHERE id = 1 + $1::int % 50`,
  `INSERT INTO keyless VALUES ($1)`,
] as const;

describe.each(inTurn(import.meta.url, [16, 18]))('a comparison in pieces, on PostgreSQL %i', (major) => {
  const missing = majors.includes(major) ? undefined : `${major} is not here (BERTH_TEST_PG_BINS names bin folders)`;

  whenAvailable({ name: `PostgreSQL ${major}`, missing }, 'while the tenant works', () => {
    let pair: TenantPair;
    let connections: ClusterConnections;
    let replication: PostgresTenantReplication;
    let copy: PostgresOnlineCopy;
    let atWork: TenantAtWork | undefined;

    beforeAll(async () => {
      const server = { major, replication: true };
      pair = await startTenantPair({ berthSchema: berthSchema.map(({ sql }) => sql), source: server, target: server });
      connections = new ClusterConnections(pair.directory);
      replication = new PostgresTenantReplication(connections);
      const programsFor = (of: number): Promise<string> => pair.programsFor(of);
      const byDump = new PostgresTenantCopy({ connections, dumpsFolder: pair.dumps, programsFor });
      // The time is up after the first range of each moment.
      copy = new PostgresOnlineCopy({ connections, copy: byDump, snapshotMs: 0 });
      await pair.run(pair.source, schema);
      await copy.copyDefinitions(stream(), 'pieces', pair.actor, quiet);
      await replication.publish(stream(), {}, pair.actor);
      const how = { keepTimeoutMs: 20_000, lanes: 2, bytesPerSecond: null, yields: false };
      await copy.copyRows(stream(), pair.actor, how, quiet);
      await copy.finishDefinitions(stream(), 'pieces', pair.actor, quiet);
      await replication.follow(stream(), pair.actor);
      atWork = await startTenantAtWork(pair.sourceServer, pair.source, statements, 2);
    });
    afterAll(async () => {
      await atWork?.stop();
      await replication?.remove(stream(), pair.actor);
      await connections?.close();
      await pair?.close();
    });

    const stream = () => streamsOf(pair.source, pair.target, 2).forward;
    const compare = (onProgress: LongWork['onProgress'] = () => undefined, lanes = 1): Promise<LiveComparison> =>
      copy.compareLive(stream(), { lockTimeoutMs: 2_000, lanes }, { ...quiet, onProgress });
    const target = (sql: string): Promise<string> =>
      pair.targetServer.psql(`SET search_path = ${pair.target.schema}; ${sql}`, pair.target.database);

    const looksForHolders = async (): Promise<boolean> =>
      (await pair.sourceServer.psql(
        `SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE '%virtualtransaction AS holder%' AND pid <> pg_backend_pid()`,
      )) === 't';

    const workerIsStopped = async (): Promise<boolean> =>
      (await pair.targetServer.psql(
        `SELECT count(*) > 0 FROM pg_locks WHERE relation = '${stream().name}.marker'::regclass AND mode = 'ShareLock' AND granted`,
        pair.target.database,
      )) === 't';

    it.each([1, 2])('meets every row once, each piece at a moment of its own, with %i lanes', async (lanes) => {
      const { report } = await compare(undefined, lanes);
      expect(report).toMatchObject({ equal: true, differences: [] });
      expect(report.rows).toBeGreaterThan(200_000);
      expect(report.moments).toBeGreaterThanOrEqual(4);
      const moments = Object.fromEntries(report.tables.map((table) => [table.table, table.moments]));
      expect(moments).toEqual({ many: expect.any(Number), few: undefined, keyless: undefined });
      expect(moments['many']).toBeGreaterThanOrEqual(4);
    });

    it('trap 19: finds what differs in each piece', async () => {
      await target(`UPDATE many SET n = -1 WHERE id IN (7, 60007, 190007); DELETE FROM many WHERE id = 130007;
        INSERT INTO few VALUES (0, 0); INSERT INTO keyless VALUES (-1)`);
      const { report } = await compare();
      const found = report.differences.map(({ kind, object }) => `${kind} ${object.replace(/ row .*/, '')}`);
      expect(found.sort()).toEqual([
        'changed-row many (id) = (190007)',
        'changed-row many (id) = (60007)',
        'changed-row many (id) = (7)',
        'extra-row few (id) = (0)',
        'extra-row keyless',
        'missing-row many (id) = (130007)',
      ]);
      await target(`UPDATE many SET n = 0 WHERE n = -1; INSERT INTO many VALUES (130007);
        DELETE FROM few WHERE id = 0; DELETE FROM keyless WHERE n = -1`);
      expect((await compare()).report.differences).toEqual([]);
    });

    it('takes each moment anew: two marks for one of them', async () => {
      const marks = async (): Promise<number> =>
        Number(await pair.sourceServer.psql(`SELECT n FROM ${stream().name}.marker`, pair.source.database));
      const before = await marks();
      const { report } = await compare();
      expect(await marks()).toBe(before + 2 * (report.moments ?? 0));
    });

    it('keeps what it has compared while a long transaction is in the way of the next moment', async () => {
      const session = new Client({ connectionString: pair.sourceServer.superuserUrl(pair.source.database) });
      await session.connect();
      const texts: string[] = [];
      let begun: Promise<unknown> | undefined;
      const comparing = compare((progress) => {
        texts.push(JSON.stringify(progress));
        begun ??= session.query(`BEGIN; UPDATE ${pair.source.schema}.few SET n = 0 WHERE id = 99`);
      });
      while (begun === undefined) await pair.run(pair.source, 'SELECT 1');
      await begun;
      // It looked for who is in the way, and gave the moment up.
      while (!(await looksForHolders())) continue;
      while (await looksForHolders()) continue;
      await session.query('COMMIT');
      await session.end();
      const { report } = await comparing;
      expect(report).toMatchObject({ equal: true });
      expect(new Set(texts).size).toBe(texts.length);
    });

    it("takes a moment again at which somebody else's marker came before its own", async () => {
      const session = new Client({ connectionString: pair.sourceServer.superuserUrl(pair.source.database) });
      await session.connect();
      await session.query(`BEGIN; UPDATE ${pair.source.schema}.few SET n = 0 WHERE id = 98`);
      const comparing = compare();
      // From here on the target's worker stops at any marker; the session is in the way of its own.
      while (!(await workerIsStopped())) continue;
      await pair.sourceServer.psql(`UPDATE ${stream().name}.marker SET n = n + 1`, pair.source.database);
      await pair.run(pair.source, 'INSERT INTO many VALUES (-1)');
      await session.query('COMMIT');
      await session.end();
      expect((await comparing).report.differences).toEqual([]);
    });

    it('begins anew when a definition changes between two pieces', async () => {
      let changed: Promise<unknown> | undefined;
      const { report } = await compare(() => {
        changed ??= pair.run(pair.source, 'ALTER TABLE few ALTER COLUMN n SET DEFAULT 1');
      });
      await changed;
      expect(report.differences).toContainEqual(expect.objectContaining({ kind: 'column', object: 'few.n' }));
    });
  });
});
