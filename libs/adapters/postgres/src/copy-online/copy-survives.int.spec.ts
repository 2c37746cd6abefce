import { streamsOf } from '@berth/domain';
import type { CopiedRows, LongWork } from '@berth/ports';
import { postgresMajors, startTenantPair, type TenantPair, whenAvailable } from '@berth/testing';
import { berthSchema } from '../connection/berth-schema.js';
import { ClusterConnections } from '../connection/index.js';
import { PostgresTenantComparison } from '../comparison/postgres-tenant-comparison.js';
import { PostgresTenantCopy } from '../copy/postgres-tenant-copy.js';
import { PostgresTenantReplication } from '../replication/postgres-tenant-replication.js';
import { PostgresOnlineCopy } from './postgres-online-copy.js';

const majors = (await postgresMajors()).map(({ major }) => major).filter((major) => major >= 16);
const missing = majors.length > 0 ? undefined : '16 or newer is not here (BERTH_TEST_PG_BINS names bin folders)';
const schema = `
  CREATE TABLE big (id int PRIMARY KEY, body text);
  INSERT INTO big SELECT g, repeat('x', 200) FROM generate_series(1, 40000) g;`;
const quiet: LongWork = { signal: new AbortController().signal, onProgress: () => undefined };

whenAvailable({ name: 'PostgreSQL 16 or newer', missing }, 'a copy of a tenant at work', () => {
  let pair: TenantPair;
  let connections: ClusterConnections;
  let replication: PostgresTenantReplication;
  let copy: PostgresOnlineCopy;
  let made: Awaited<ReturnType<TenantPair['another']>>;
  let count = 0;

  beforeAll(async () => {
    const server = { major: majors[0] ?? 16, replication: true };
    pair = await startTenantPair({ berthSchema: berthSchema.map(({ sql }) => sql), source: server, target: server });
    connections = new ClusterConnections(pair.directory);
    replication = new PostgresTenantReplication(connections);
    const programsFor = (major: number): Promise<string> => pair.programsFor(major);
    const byDump = new PostgresTenantCopy({ connections, dumpsFolder: pair.dumps, programsFor });
    copy = new PostgresOnlineCopy({ connections, copy: byDump, pagesOfPart: 32 });
  });
  afterAll(async () => {
    await connections?.close();
    await pair?.close();
  });
  beforeEach(async () => {
    count += 1;
    made = await pair.another(`survivor-${String(count)}`);
    await pair.run(made.source, schema);
    await copy.copyDefinitions(stream(), made.source.schema, made.actor, quiet);
    await replication.publish(stream(), {}, made.actor);
  });
  afterEach(async () => {
    await replication.remove(stream(), made.actor);
    expect(await replication.leftovers(stream())).toEqual([]);
    const roles = `SELECT count(*) FROM pg_roles WHERE rolname LIKE '%\\_\\_m'`;
    expect(await pair.targetServer.psql(roles)).toBe('0');
  });

  const stream = () => streamsOf(made.source, made.target, 2).forward;
  const run = (work: LongWork, bytesPerSecond: number | null = null, yields = false): Promise<CopiedRows> =>
    copy.copyRows(stream(), made.actor, { keepTimeoutMs: 20_000, lanes: 2, bytesPerSecond, yields }, work);
  const isWhole = async (): Promise<boolean> => {
    await copy.finishDefinitions(stream(), made.source.schema, made.actor, quiet);
    return (await new PostgresTenantComparison(connections).compare(made.source, made.target, quiet)).equal;
  };
  /** What copies, once it is in the middle of it. */
  const middle = (act: () => void): LongWork => {
    let acted = false;
    return {
      ...quiet,
      onProgress: ({ done, total }) => {
        if (acted || total === null || done < total / 4) return;
        acted = true;
        act();
      },
    };
  };

  it('goes on with the part that was cut off when a connection breaks, and copies none twice', async () => {
    const kill = middle(() => {
      void pair.targetServer.psql(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${made.target.ownerRole}__m'`,
      );
    });
    const copied = await run(kill, 8_000_000);
    expect(copied.again).toBeGreaterThan(0);
    expect(copied.rows).toBe(40_000);
    expect(await isWhole()).toBe(true);
  });

  it('ends when it is cancelled, and begins anew with a moment of its own', async () => {
    const abort = new AbortController();
    const cancelled = run({ ...middle(() => abort.abort()), signal: abort.signal }, 8_000_000);
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    await pair.run(made.source, `INSERT INTO big VALUES (50001, 'later')`);
    expect(await run(quiet)).toMatchObject({ rows: 40_001, again: 0 });
    expect(await isWhole()).toBe(true);
  });

  it('yields while commits at the source take long, says so, and goes faster again when they do not', async () => {
    let server: Promise<unknown> = Promise.resolve();
    /** With a name of no standby's every commit waits. */
    const awaitStandby = (value: string): void => {
      server = server
        .then(() => pair.sourceServer.psql(`ALTER SYSTEM SET synchronous_standby_names = ${value}`))
        .then(() => pair.sourceServer.psql('SELECT pg_reload_conf()'));
    };
    const abort = new AbortController();
    const seen: string[] = [];
    const onProgress: LongWork['onProgress'] = ({ text }) => {
      if (text === seen.at(-1)) return;
      seen.push(text);
      if (seen.length === 1) awaitStandby(`'nobody'`);
      if (seen.length === 2) awaitStandby('DEFAULT');
      if (seen.length > 2 && text === seen[0]) abort.abort();
    };
    try {
      await expect(run({ signal: abort.signal, onProgress }, 500_000, true)).rejects.toMatchObject({
        code: 'cancelled',
      });
    } finally {
      awaitStandby('DEFAULT');
      await server;
    }
    expect(seen[0]).toBe('copying big');
    expect(seen[1]).toBe('copying big, yielding to other tenants of the source: at most 0.3 MB/s');
    expect(seen.at(-1)).toBe('copying big');
  });

  it('gives way to nobody when it is told to', async () => {
    const texts = new Set<string>();
    await run({ ...quiet, onProgress: ({ text }) => texts.add(text) });
    expect([...texts]).toEqual(['copying big']);
  });

  it('does not take the pages of a table that was rewritten for a whole', async () => {
    let rewritten: Promise<unknown> = Promise.resolve();
    const rewrite = middle(() => {
      rewritten = pair.run(made.source, 'TRUNCATE big');
    });
    await expect(run(rewrite, 8_000_000)).rejects.toMatchObject({ code: 'copy-failed', details: { table: 'big' } });
    await rewritten;
  });

  it('tells nobody that it is done when a part is missing at the target', async () => {
    await pair.targetServer.psql(
      `ALTER TABLE ${made.target.schema}.big ADD CONSTRAINT odd CHECK (id <> 39999)`,
      made.target.database,
    );
    await expect(run(quiet)).rejects.toMatchObject({ code: 'database-error' });
    expect(await replication.state(stream())).toMatchObject({ subscription: 'missing' });
  });
});
