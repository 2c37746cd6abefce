import { type RowIdentities, streamsOf } from '@berth/domain';
import {
  awkwardSchema,
  inTurn,
  postgresParts,
  startTenantAtWork,
  startTenantPair,
  type TenantAtWork,
  type TenantPair,
  whenAvailable,
} from '@berth/testing';
import { berthSchema } from '../connection/berth-schema.js';
import { ClusterConnections } from '../connection/index.js';
import { PostgresTenantCopy } from '../copy/postgres-tenant-copy.js';
import { PostgresTenantReplication } from '../replication/postgres-tenant-replication.js';
import { PostgresOnlineCopy } from './postgres-online-copy.js';

const postgres = await postgresParts();
const work = { signal: new AbortController().signal, onProgress: () => undefined };
const options = { keepTimeoutMs: 20_000, lanes: 4, bytesPerSecond: null, yields: true };
const live = { lockTimeoutMs: 2_000, lanes: 2 };

/** Tables of every form that COPY has, one of them big enough for many parts, and a log that no stream could carry as it is. */
const schema = `${awkwardSchema}
ALTER TABLE cache SET LOGGED;
CREATE TABLE big (id bigint PRIMARY KEY, body text, at timestamptz DEFAULT now());
INSERT INTO big SELECT g, repeat('x', 100) || g FROM generate_series(1, 60000) g;
CREATE TABLE kinds (id int PRIMARY KEY, class regclass, classes regclass[], moods mood[], u uuid, n numeric, j jsonb, r int4range, ts tsvector, i inet);
INSERT INTO kinds SELECT g, 'big', '{big,kinds}', '{sad,meh}', gen_random_uuid(), g / 3.0, '{"a": 1}', '[1,5)', 'a b', '10.0.0.1' FROM generate_series(1, 50) g;
`;
const identities: RowIdentities = {
  event_log: 'full',
  nothing_in_it: 'full',
  dog: 'full',
  booking: 'full',
};

/** What a product does, in every table that matters for a stream: rows come, change, and go, also their keys. */
const statements = [
  `INSERT INTO big (id, body) VALUES (1000000 + $1, 'new')`,
  `UPDATE big SET body = 'changed ' || $1::int WHERE id = $1::int * 37 % 60000`,
  `DELETE FROM big WHERE id = $1::int * 91 % 60000`,
  `UPDATE big SET id = id + 2000000 WHERE id = $1::int * 53 % 60000`,
  `INSERT INTO account (name, feeling, credit, raw) VALUES ('w' || $1::int, 'meh', 2, sha256(($1::int)::text::bytea))`,
  `UPDATE account SET doc = jsonb_build_object('n', $1::int), ratio = $1::int / 7.0 WHERE id % 5 = $1::int % 5`,
  `INSERT INTO ledger SELECT 1, 'w' || $1::int, '2026-01-01', $1::int / 3.0`,
  `INSERT INTO event_log VALUES ('w', $1::int % 7)`,
  `DELETE FROM event_log WHERE ctid = (SELECT ctid FROM event_log LIMIT 1) AND $1::int > 0`,
  `UPDATE measure SET value = $1::int, kind = CASE kind WHEN 'a' THEN 'b' ELSE 'a' END WHERE id = $1::int % 900`,
  `UPDATE kinds SET moods = '{happy}', classes = '{word}', n = $1::int WHERE id = $1::int % 50`,
  `INSERT INTO dog VALUES (100 + $1, 'd', true)`,
] as const;

const routes = [
  [16, 16],
  [16, 18],
  [18, 18],
] as const;

describe.each(inTurn(import.meta.url, routes))('a tenant at work copied from PostgreSQL %i to %i', (from, to) => {
  whenAvailable([postgres(from), postgres(to)], 'as it is', () => {
    let pair: TenantPair;
    let connections: ClusterConnections;
    let replication: PostgresTenantReplication;
    let copy: PostgresOnlineCopy;
    let atWork: TenantAtWork;

    beforeAll(async () => {
      const berth = berthSchema.map(({ sql }) => sql);
      const [source, target] = [from, to].map((major) => ({ major, replication: true }));
      pair = await startTenantPair({ berthSchema: berth, ...(source && { source }), ...(target && { target }) });
      connections = new ClusterConnections(pair.directory);
      replication = new PostgresTenantReplication(connections);
      const programsFor = (major: number): Promise<string> => pair.programsFor(major);
      const byDump = new PostgresTenantCopy({ connections, dumpsFolder: pair.dumps, programsFor });
      copy = new PostgresOnlineCopy({ connections, copy: byDump, pagesOfPart: 64 });
      await pair.run(pair.source, schema);
      atWork = await startTenantAtWork(pair.sourceServer, pair.source, statements, 2);
    });
    afterAll(async () => {
      await atWork?.stop();
      await connections?.close();
      await pair?.close();
    });

    const streams = () => streamsOf(pair.source, pair.target, 2);
    const differences = async () => (await copy.compareLive(streams().forward, live, work)).report.differences;
    /** By hand at the target, past its triggers, and as if a stream had brought it: the way back sends only what is written there. */
    const byHand = (sql: string): Promise<string> =>
      pair.targetServer.psql(
        `SELECT pg_replication_origin_create('hand') WHERE NOT EXISTS (SELECT FROM pg_replication_origin WHERE roname = 'hand');
         SELECT pg_replication_origin_session_setup('hand'); SET session_replication_role = replica;
         SET search_path = ${pair.target.schema}; ${sql}`,
        pair.target.database,
      );

    it('trap 16: copies many parts at once, follows, and is equal at one moment while it works on', async () => {
      const { forward, reverse } = streams();
      const { actor } = pair;
      expect((await replication.preflight(forward, identities)).filter(({ severity }) => severity === 'error')).toEqual(
        [],
      );
      await copy.copyDefinitions(forward, 'online', actor, work);
      await replication.publish(forward, identities, actor);
      const copied = await copy.copyRows(forward, actor, options, work);
      expect(copied.parts).toBeGreaterThan(copied.tables + 10);
      expect(copied).toMatchObject({ again: 0 });
      expect(await copy.copyRows(forward, actor, options, work)).toEqual(copied);
      await copy.finishDefinitions(forward, 'online', actor, work);
      await replication.follow(forward, actor);
      await replication.publish(reverse, identities, actor);
      await replication.keepChanges(reverse, actor, { timeoutMs: 20_000 });
      await replication.follow(reverse, actor);
      await replication.awaitApplied(forward, { timeoutMs: 60_000 });
      const { report, heldMs } = await copy.compareLive(forward, live, work);
      expect(report.differences).toEqual([]);
      expect(report.equal).toBe(true);
      expect(report.rows).toBeGreaterThan(60_000);
      expect(heldMs).toBeGreaterThan(0);
      process.stdout.write(
        `held for ${heldMs.toFixed(1)} ms; ${String(copied.parts)} parts, ${String(copied.rows)} rows in ${String(copied.ms)} ms; ${String(atWork.committed())} transactions meanwhile, longest gap ${String(atWork.longestGapMs())} ms\n`,
      );
    });

    it.each([
      ['changed-row', `UPDATE word SET n = -1 WHERE n = 7`, `UPDATE word SET n = 7 WHERE n = -1`],
      ['missing-row', `DELETE FROM kinds WHERE id = 50`, ''],
      ['extra-row', `INSERT INTO word VALUES ('more', 1)`, `DELETE FROM word WHERE word = 'more'`],
    ])('finds a %s among those that come and go', async (kind, damage, repair) => {
      await byHand(damage);
      expect(await differences()).toEqual([expect.objectContaining({ kind })]);
      if (repair !== '') await byHand(repair);
      else await pair.run(pair.source, 'DELETE FROM kinds WHERE id = 50');
      expect(await differences()).toEqual([]);
    });

    it('finds that a table was changed by DDL', async () => {
      await pair.run(pair.source, 'ALTER TABLE word ADD COLUMN more int');
      expect(await differences()).toContainEqual(expect.objectContaining({ kind: 'column', object: 'word.more' }));
      await pair.run(pair.source, 'ALTER TABLE word DROP COLUMN more');
      expect(await differences()).toEqual([]);
    });

    it('is equal to the last row when the tenant rests, and nothing is left of the streams', async () => {
      await atWork.stop();
      const { forward, reverse } = streams();
      await replication.awaitApplied(forward, { timeoutMs: 60_000 });
      expect(await differences()).toEqual([]);
      // As a reverse looks at it, whichever end is newer.
      expect((await copy.compareLive(reverse, live, work)).report).toMatchObject({ equal: true, differences: [] });
      for (const stream of [forward, reverse]) {
        await replication.remove(stream, pair.actor);
        expect(await replication.leftovers(stream)).toEqual([]);
      }
    });
  });
});
