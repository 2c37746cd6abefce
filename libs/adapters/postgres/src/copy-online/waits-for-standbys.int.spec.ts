import { streamsOf } from '@berth/domain';
import type { CopiedRows, LongWork } from '@berth/ports';
import {
  postgresMajors,
  startStandby,
  startTenantPair,
  type TenantPair,
  type TestStandby,
  whenAvailable,
} from '@berth/testing';
import { berthSchema } from '../connection/berth-schema.js';
import { ClusterConnections } from '../connection/index.js';
import { PostgresTenantCopy } from '../copy/postgres-tenant-copy.js';
import { PostgresTenantReplication } from '../replication/postgres-tenant-replication.js';
import { PostgresOnlineCopy } from './postgres-online-copy.js';
import { furthestStandby } from './standbys.js';

const majors = (await postgresMajors()).map(({ major }) => major).filter((major) => major >= 16);
const missing = majors.length > 0 ? undefined : '16 or newer is not here (BERTH_TEST_PG_BINS names bin folders)';
const megabyte = 1_048_576;
const quiet: LongWork = { signal: new AbortController().signal, onProgress: () => undefined };
const paused = /^copying big, paused: the standby replica-1 of the source is (\d+\.\d) MB behind, more than 4\.0 MB$/;

whenAvailable({ name: 'PostgreSQL 16 or newer', missing }, 'a copy from a server that has a standby', () => {
  let pair: TenantPair;
  let standby: TestStandby;
  let connections: ClusterConnections;
  let replication: PostgresTenantReplication;
  let copy: PostgresOnlineCopy;

  beforeAll(async () => {
    const server = { major: majors[0] ?? 16, replication: true };
    pair = await startTenantPair({ berthSchema: berthSchema.map(({ sql }) => sql), source: server, target: server });
    connections = new ClusterConnections(pair.directory);
    replication = new PostgresTenantReplication(connections);
    const programsFor = (major: number): Promise<string> => pair.programsFor(major);
    const byDump = new PostgresTenantCopy({ connections, dumpsFolder: pair.dumps, programsFor });
    copy = new PostgresOnlineCopy({ connections, copy: byDump, pagesOfPart: 64 });
    await pair.run(
      pair.source,
      `CREATE TABLE big (id int PRIMARY KEY, body text);
       INSERT INTO big SELECT g, repeat('x', 200) FROM generate_series(1, 60000) g;`,
    );
    standby = await startStandby(pair.sourceServer, 'replica-1');
  });
  afterAll(async () => {
    await standby?.stop();
    await connections?.close();
    await pair?.close();
  });
  beforeEach(async () => {
    await copy.copyDefinitions(stream(), pair.source.schema, pair.actor, quiet);
    await replication.publish(stream(), {}, pair.actor);
  });
  afterEach(async () => {
    // The last test has stopped it.
    await standby.psql('SELECT pg_wal_replay_resume()').catch(() => undefined);
    await replication.remove(stream(), pair.actor);
  });

  const stream = () => streamsOf(pair.source, pair.target, 2).forward;
  const run = (work: LongWork, maxStandbyLagBytes: number | null, bytesPerSecond = 6_000_000): Promise<CopiedRows> => {
    const pace = { lanes: 2, bytesPerSecond, yields: false, maxStandbyLagBytes };
    return copy.copyRows(stream(), pair.actor, { keepTimeoutMs: 20_000, ...pace }, work);
  };
  const letItSee = async (may: boolean): Promise<void> => {
    const { admin } = pair.sourceServer;
    await pair.sourceServer.psql(
      may ? `GRANT pg_read_all_stats TO ${admin.user}` : `REVOKE pg_read_all_stats FROM ${admin.user}`,
    );
  };
  /** The standby stops where it is, and the source writes on. */
  const fallBehind = async (): Promise<void> => {
    await standby.psql('SELECT pg_wal_replay_pause()');
    const message = `SELECT pg_logical_emit_message(true, 'test', repeat('x', ${String(megabyte)})) FROM generate_series(1, 8)`;
    await pair.sourceServer.psql(message, pair.source.database);
  };
  const unseen = async () =>
    (await replication.preflight(stream(), {})).filter(({ code }) => code === 'standbys-unseen');
  const furthest = () => connections.withClient('cluster-source', pair.source.database, furthestStandby);

  it('stands still while the standby is too far behind, says so, and ends when it has caught up', async () => {
    await letItSee(true);
    const texts: string[] = [];
    const bytes: number[] = [];
    let resumed: Promise<unknown> | undefined;
    const onProgress: LongWork['onProgress'] = ({ text, done }) => {
      texts.push(text);
      if (!paused.test(text)) return;
      bytes.push(done);
      // Some looks later: by then it would have come to its end.
      if (bytes.length === 6) resumed = standby.psql('SELECT pg_wal_replay_resume()');
    };
    await fallBehind();
    expect(await run({ ...quiet, onProgress }, 4 * megabyte)).toMatchObject({ rows: 60_000 });
    await resumed;
    const behind = texts.map((text) => Number(paused.exec(text)?.[1] ?? 0));
    expect(Math.max(...behind)).toBeGreaterThanOrEqual(8);
    expect(bytes.length).toBeGreaterThanOrEqual(6);
    // Of each lane one piece may have been on its way.
    expect(bytes[5]).toBeLessThanOrEqual((bytes[0] ?? 0) + 2 * 65_536);
    expect(texts.at(-1)).toBe('copying big');
  });

  it('is ended by who waits for it, however far the standby is', async () => {
    await letItSee(true);
    await fallBehind();
    const abort = new AbortController();
    const onProgress: LongWork['onProgress'] = ({ text }) => {
      if (paused.test(text)) abort.abort();
    };
    await expect(run({ signal: abort.signal, onProgress }, 4 * megabyte)).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('does not wait for one where nobody asked it to, nor for one within the limit', async () => {
    await letItSee(true);
    await fallBehind();
    const texts = new Set<string>();
    const work: LongWork = { ...quiet, onProgress: ({ text }) => texts.add(text) };
    await run(work, null);
    await replication.remove(stream(), pair.actor);
    await copy.copyDefinitions(stream(), pair.source.schema, pair.actor, quiet);
    await replication.publish(stream(), {}, pair.actor);
    await run(work, 4_096 * megabyte);
    expect([...texts]).toEqual(['copying big']);
  });

  it('takes no stream of Berth for a standby, and does not see one that it may not', async () => {
    await letItSee(true);
    await run(quiet, null);
    await copy.finishDefinitions(stream(), pair.source.schema, pair.actor, quiet);
    await replication.follow(stream(), pair.actor);
    await replication.awaitApplied(stream(), { timeoutMs: 20_000 });
    expect(await furthest()).toMatchObject({ name: 'replica-1' });
    expect(await unseen()).toEqual([]);
    await letItSee(false);
    expect(await furthest()).toBeNull();
    expect(await unseen()).toMatchObject([{ severity: 'warning', remedy: expect.stringMatching(/pg_read_all_stats/) }]);
    await letItSee(true);
    await standby.stop();
    while ((await furthest())?.name === 'replica-1') await new Promise((resolve) => setImmediate(resolve));
    expect(await replication.state(stream())).toMatchObject({ slot: 'active' });
    expect(await furthest()).toBeNull();
  });
});
