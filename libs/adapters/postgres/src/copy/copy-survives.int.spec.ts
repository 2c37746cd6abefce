import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Progress } from '@berth/domain';
import { startTenantPair, type TenantPair, whenAvailable } from '@berth/testing';
import { berthSchema } from '../connection/berth-schema.js';
import { ClusterConnections } from '../connection/index.js';
import { PostgresTenantComparison } from '../comparison/postgres-tenant-comparison.js';
import { PostgresTenantCopy } from './postgres-tenant-copy.js';
import { sessionName } from './session-name.js';

const execute = promisify(execFile);
const quiet = { signal: new AbortController().signal, onProgress: () => undefined };

/** Enough for both programs to be caught in the middle, and hard to compress. */
const bulk = `
  CREATE TABLE bulk (id int PRIMARY KEY, text text);
  INSERT INTO bulk SELECT g, (SELECT string_agg(md5(g::text || n), '') FROM generate_series(1, 8) n) FROM generate_series(1, 150000) g;
  CREATE INDEX bulk_text ON bulk (text);
  CREATE TABLE second AS SELECT * FROM bulk;
  CREATE VIEW v AS SELECT id FROM bulk;`;

/** A small disk of its own needs the right to mount one. */
const smallDisk = {
  name: 'a file system of its own',
  missing: process.getuid?.() === 0 && process.platform === 'linux' ? undefined : 'only root on Linux may mount one',
};

describe('a copy that is disturbed', () => {
  let pair: TenantPair;
  let connections: ClusterConnections;
  let copy: PostgresTenantCopy;

  beforeAll(async () => {
    pair = await startTenantPair({ berthSchema: berthSchema.map(({ sql }) => sql) });
    connections = new ClusterConnections(pair.directory);
    copy = copyInto(pair.dumps);
    await pair.run(pair.source, bulk);
  });
  afterAll(async () => {
    await connections?.close();
    await pair?.close();
  });

  const copyInto = (dumpsFolder: string): PostgresTenantCopy =>
    new PostgresTenantCopy({ connections, dumpsFolder, programsFor: (major) => pair.programsFor(major) });

  /** Command lines of this machine's programs that name this test's folder. */
  const programsAtWork = async (): Promise<readonly string[]> => {
    const { stdout } = await execute('ps', ['-eo', 'args']);
    return stdout.split('\n').filter((line) => /pg_dump|pg_restore/.test(line) && line.includes(pair.dumps));
  };
  const sessions = `SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'berth-%'`;

  /** Runs `work` and aborts it as soon as `seen` holds. */
  async function abortWhen(
    work: (signal: AbortSignal) => Promise<unknown>,
    seen: () => Promise<boolean>,
  ): Promise<unknown> {
    const abort = new AbortController();
    const outcome = work(abort.signal).then(
      () => 'finished',
      (error: unknown) => error,
    );
    while (!(await seen()));
    abort.abort();
    return outcome;
  }

  it('shows no password to other users of the machine', async () => {
    const { password } = pair.sourceServer.admin;
    const result = await abortWhen(
      (signal) => copy.dump(pair.source, 'seen', { ...quiet, signal }),
      async () =>
        (await programsAtWork()).length > 0 && !(await execute('ps', ['-eo', 'args'])).stdout.includes(password),
    );
    expect(result).toMatchObject({ code: 'cancelled' });
  });

  it('leaves no program and no session behind when a dump is stopped, and the next one replaces what it left', async () => {
    const running = async (): Promise<boolean> => (await pair.sourceServer.psql(sessions)) !== '0';
    const result = await abortWhen((signal) => copy.dump(pair.source, 'stopped', { ...quiet, signal }), running);
    expect(result).toMatchObject({ code: 'cancelled' });
    expect(await programsAtWork()).toEqual([]);
    await expect(copy.restore('stopped', pair.target, pair.actor, quiet)).rejects.toMatchObject({
      code: 'copy-failed',
    });
    while (await running());

    const progress: Progress[] = [];
    const dump = await copy.dump(pair.source, 'stopped', { ...quiet, onProgress: (one) => progress.push(one) });
    expect((await readdir(pair.dumps)).filter((entry) => entry.startsWith('stopped'))).toEqual([
      'stopped',
      'stopped.json',
    ]);
    expect(dump).toMatchObject({
      folder: path.join(pair.dumps, 'stopped'),
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('leaves no program behind when a restore is stopped, and the next one begins anew', async () => {
    const result = await abortWhen(
      (signal) => copy.restore('stopped', pair.target, pair.actor, { ...quiet, signal }),
      async () => (await pair.targetServer.psql(`SELECT count(*) FROM pg_stat_progress_copy`)) !== '0',
    );
    expect(result).toMatchObject({ code: 'cancelled' });
    expect(await programsAtWork()).toEqual([]);
    await pair.run(
      pair.target,
      `CREATE TABLE leftover (id serial PRIMARY KEY); CREATE TYPE t AS ENUM ('a'); CREATE FUNCTION f(t) RETURNS int LANGUAGE sql AS 'SELECT 1'`,
    );

    const progress: Progress[] = [];
    await copy.restore('stopped', pair.target, pair.actor, { ...quiet, onProgress: (one) => progress.push(one) });
    const last = progress.at(-1);
    expect(last).toMatchObject({ unit: 'bytes', done: last?.total });
    expect(await new PostgresTenantComparison(connections).compare(pair.source, pair.target, quiet)).toMatchObject({
      equal: true,
    });
  });

  it('ends the sessions of programs that outlived a crashed worker', async () => {
    const { bin, host, port, admin } = pair.targetServer;
    // All that the server knows of such an orphan is the name of its session.
    const name = sessionName('restore', pair.target);
    const env = {
      PGHOST: host,
      PGPORT: String(port),
      PGUSER: admin.user,
      PGPASSWORD: admin.password,
      PGDATABASE: pair.target.database,
      PGAPPNAME: name,
    };
    const orphan = execute(path.join(bin, 'psql'), ['-X', '-c', 'SELECT pg_sleep(600)'], { env }).then(
      () => 'finished',
      () => 'ended',
    );
    while (
      (await pair.targetServer.psql(
        `SELECT count(*) FROM pg_stat_activity WHERE application_name = '${name}' AND state = 'active'`,
      )) === '0'
    );
    await copy.restore('stopped', pair.target, pair.actor, quiet);
    expect(await orphan).toBe('ended');
  });

  it('refuses a dump whose files are not the ones that were written, or of another place', async () => {
    await copy.dump(pair.source, 'spoilt', quiet);
    await expect(copy.restore('spoilt', pair.source, pair.actor, quiet)).rejects.toMatchObject({ code: 'copy-failed' });
    await writeFile(path.join(pair.dumps, 'spoilt', 'toc.dat'), 'x');
    await expect(copy.restore('spoilt', pair.target, pair.actor, quiet)).rejects.toMatchObject({ code: 'copy-failed' });
    await expect(copy.rehearse('spoilt', pair.source, quiet)).rejects.toMatchObject({ code: 'copy-failed' });
    await expect(copy.dump(pair.source, '../spoilt', quiet)).rejects.toMatchObject({ code: 'invalid-name' });
  });

  it('says what the server said when a restore fails, without rows and without the statement', async () => {
    await pair.run(
      pair.source,
      `CREATE FUNCTION needs_path(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN (SELECT id FROM bulk LIMIT 1); END'; CREATE INDEX fails ON second (needs_path(id))`,
    );
    try {
      await copy.dump(pair.source, 'failing', quiet);
      const error: unknown = await copy
        .restore('failing', pair.target, pair.actor, quiet)
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        code: 'copy-failed',
        message: expect.stringContaining('relation "bulk" does not exist'),
      });
      expect(String((error as Error).message)).not.toContain('CREATE INDEX');
    } finally {
      await pair.run(pair.source, 'DROP INDEX fails; DROP FUNCTION needs_path');
    }
  });

  it('never loses rows to forced row-level security: it fails instead', async () => {
    await pair.run(
      pair.source,
      'ALTER TABLE second ENABLE ROW LEVEL SECURITY; ALTER TABLE second FORCE ROW LEVEL SECURITY; CREATE POLICY few ON second USING (id < 10)',
    );
    try {
      await expect(copy.dump(pair.source, 'forced', quiet)).rejects.toMatchObject({
        code: 'copy-failed',
        message: expect.stringContaining('row-level security'),
      });
      expect((await readdir(pair.dumps)).filter((entry) => entry.startsWith('forced'))).toEqual([]);
    } finally {
      await pair.run(
        pair.source,
        'DROP POLICY few ON second; ALTER TABLE second NO FORCE ROW LEVEL SECURITY; ALTER TABLE second DISABLE ROW LEVEL SECURITY',
      );
    }
  });

  it('drops the scratch database whatever happens, also one that a crash left', async () => {
    await copy.dump(pair.source, 'rehearsed', quiet);
    const scratch = `SELECT count(*) FROM pg_database WHERE datname LIKE 'berth_scratch%'`;
    const result = await abortWhen(
      (signal) => copy.rehearse('rehearsed', pair.source, { ...quiet, signal }),
      async () => (await pair.sourceServer.psql(`SELECT count(*) FROM pg_stat_progress_copy`)) !== '0',
    );
    expect(result).toMatchObject({ code: 'cancelled' });
    expect(await pair.sourceServer.psql(scratch)).toBe('0');
    expect(await copy.rehearse('rehearsed', pair.source, quiet)).toMatchObject({ equal: true });
    expect(await pair.sourceServer.psql(scratch)).toBe('0');
  });

  it('rehearses in a database of its own with the extensions that the tenant needs, and without those that want a superuser', async () => {
    const { sourceServer, source } = pair;
    await sourceServer.psql('CREATE EXTENSION pg_stat_statements; CREATE EXTENSION citext', source.database);
    await pair.run(
      source,
      `CREATE TABLE careless (name public.citext PRIMARY KEY); INSERT INTO careless VALUES ('Ada')`,
    );
    try {
      await copy.dump(source, 'extended', quiet);
      expect(await copy.rehearse('extended', source, quiet)).toMatchObject({ equal: true });
    } finally {
      await pair.run(source, 'DROP TABLE careless');
      await sourceServer.psql('DROP EXTENSION pg_stat_statements; DROP EXTENSION citext', source.database);
    }
  });

  whenAvailable(smallDisk, 'on a disk that fills', () => {
    let top: string;
    let disk: string;

    beforeEach(async () => {
      top = await mkdtemp(path.join(tmpdir(), 'berth-disk-'));
      await chmod(top, 0o711);
      disk = path.join(top, 'disk');
      await mkdir(disk);
      await execute('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk]);
    });
    afterEach(async () => {
      await execute('umount', [disk]);
      await rm(top, { recursive: true });
    });

    it('says that the folder of dumps is full, and finishes once there is room', async () => {
      const small = copyInto(disk);
      expect(await small.preflight(pair.source, pair.target)).toContainEqual(
        expect.objectContaining({ code: 'dump-room', severity: 'error' }),
      );
      await expect(small.dump(pair.source, 'too-large', quiet)).rejects.toMatchObject({
        code: 'disk-full',
        retry: 'never',
        hint: expect.stringContaining('Free space in the dump folder'),
        details: { where: 'dump-folder' },
      });
      await execute('mount', ['-o', 'remount,size=400m', disk]);
      expect((await small.dump(pair.source, 'too-large', quiet)).bytes).toBeGreaterThan(8_000_000);
    });

    it('says that the disk of the target is full', async () => {
      await copy.dump(pair.source, 'for-a-small-disk', quiet);
      const { uid, gid } = await stat(await pair.targetServer.psql('SHOW data_directory'));
      await chown(disk, uid, gid);
      await pair.targetServer.psql(`CREATE TABLESPACE small LOCATION '${disk}'`);
      await pair.targetServer.psql(
        `GRANT CREATE ON TABLESPACE small TO ${pair.target.ownerRole}; ALTER DATABASE ${pair.target.database} SET default_tablespace = small`,
      );
      try {
        await expect(copy.restore('for-a-small-disk', pair.target, pair.actor, quiet)).rejects.toMatchObject({
          code: 'disk-full',
          hint: expect.stringContaining('disk of the server'),
          details: { where: 'server', clusterId: 'cluster-target' },
        });
      } finally {
        await pair.targetServer.psql(`ALTER DATABASE ${pair.target.database} RESET default_tablespace`);
        await pair.targetServer.psql(
          `DROP SCHEMA ${pair.target.schema} CASCADE; CREATE SCHEMA ${pair.target.schema} AUTHORIZATION ${pair.target.ownerRole}`,
          pair.target.database,
        );
        await pair.targetServer.psql(`CHECKPOINT`);
        await pair.targetServer.psql(`DROP TABLESPACE small`);
      }
    });
  });
});
