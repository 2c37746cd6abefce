import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync } from 'node:fs';
import { chmod, lstat, mkdir, mkdtemp, readFile, readdir, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { scramVerifier } from '@berth/domain';
import { LocalServer, type LocalServerOptions } from './local-server.js';
import { waitUntil } from './postmaster.js';
import { findPostgresPrograms, type PostgresPrograms } from './programs.js';
import { serverUser } from './run-as.js';
import { identityOf, runProgram } from './run-program.js';
import { createAdminLogin, runAsSuperuser } from './superuser.js';

const password = 'a clear password';

describe('LocalServer', () => {
  let programs: PostgresPrograms;
  let top: string;
  const opened: LocalServer[] = [];
  const children: ChildProcess[] = [];

  const at = (folder: string, more: Partial<LocalServerOptions> = {}): LocalServer => {
    const server = new LocalServer({ folder: path.join(top, folder), programs, ...more });
    opened.push(server);
    return server;
  };
  const running = async (folder: string): Promise<LocalServer> => {
    const server = at(folder);
    await server.create({ purpose: 'test' });
    await server.start();
    return server;
  };
  const pidOf = async (server: LocalServer): Promise<number> => (await server.status()).pid!;
  const kill9 = async (server: LocalServer): Promise<void> => {
    process.kill(await pidOf(server), 'SIGKILL');
    await waitUntil(async () => (await server.status()).state === 'stopped', 10_000);
  };
  const logIn = async (server: LocalServer, user: string, secret: string) =>
    runProgram(path.join(programs.bin, 'psql'), ['-X', '-A', '-t', '-w', '-c', 'SELECT current_user'], {
      env: {
        PGHOST: '127.0.0.1',
        PGPORT: String((await server.status()).port),
        PGUSER: user,
        PGPASSWORD: secret,
        PGDATABASE: 'postgres',
      },
    });

  beforeAll(async () => {
    programs = await findPostgresPrograms({ path: process.env['PATH'] });
  });

  beforeEach(async () => {
    top = await mkdtemp(path.join(tmpdir(), 'berth-local-'));
    await chmod(top, 0o711);
  });

  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    for (const server of opened.splice(0)) await server.destroy();
    await rm(top, { recursive: true, force: true });
  });

  it('creates, starts, stops and destroys, each verb twice', async () => {
    const server = at('server');
    expect((await server.status()).state).toBe('absent');
    expect(await server.create({ purpose: 'catalog' })).toBe('created');
    expect(await server.create({ purpose: 'catalog' })).toBe('present');
    const { port, pid, alreadyRunning } = await server.start();
    expect(alreadyRunning).toBe(false);
    expect(await server.start()).toEqual({ host: '127.0.0.1', port, pid, alreadyRunning: true });
    expect(await server.status()).toEqual({ state: 'running', host: '127.0.0.1', port, pid, major: programs.major });
    expect(await server.stop()).toBe('stopped');
    expect(await server.stop()).toBe('was-stopped');
    expect(await server.status()).toEqual({ state: 'stopped', host: '127.0.0.1', port, major: programs.major });
    expect((await server.start()).port).toBe(port);
    expect(await server.destroy()).toBe('destroyed');
    expect(await server.destroy()).toBe('was-absent');
    expect(await readdir(top)).toEqual([]);
  });

  it('runs with the settings of its purpose, checksums, and the callers own on top', async () => {
    const server = at('server');
    await server.create({ purpose: 'dedicated', settings: { max_connections: 33, 'berth.note': "it's a \\ note" } });
    await server.start();
    const show = (name: string): Promise<string> => runAsSuperuser(server, `SHOW ${name}`);
    expect(await show('wal_level')).toBe('logical\n');
    expect(await show('fsync')).toBe('on\n');
    expect(await show('data_checksums')).toBe('on\n');
    expect(await show('listen_addresses')).toBe('127.0.0.1\n');
    expect(await show('max_connections')).toBe('33\n');
    expect(await show('berth.note')).toBe("it's a \\ note\n");
    await server.create({ purpose: 'dedicated', settings: { max_connections: 44 } });
    await server.stop();
    await server.start();
    expect(await show('max_connections')).toBe('44\n');
  });

  it('lets a login in by the verifier that it was made with, and nobody as superuser over TCP', async () => {
    const server = await running('server');
    const verifier = scramVerifier(password);
    await createAdminLogin(server, { name: 'berth_admin', verifier });
    await createAdminLogin(server, { name: 'berth_admin', verifier, memberOf: ['pg_signal_backend'] });
    expect(await logIn(server, 'berth_admin', password)).toMatchObject({ code: 0, stdout: 'berth_admin\n' });
    expect((await logIn(server, 'berth_admin', 'another')).stderr).toContain('password authentication failed');
    expect((await logIn(server, 'postgres', password)).stderr).toContain('rejects connection');
    const rights = 'SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls';
    expect(await runAsSuperuser(server, `${rights} FROM pg_roles WHERE rolname = 'berth_admin'`)).toBe('f|t|t|f|f\n');
    expect(await runAsSuperuser(server, `SELECT rolpassword FROM pg_authid WHERE rolname = 'berth_admin'`)).toBe(
      `${verifier}\n`,
    );
  });

  it('makes one admin login when many callers want it at once', async () => {
    const server = await running('server');
    const verifier = scramVerifier(password);
    await Promise.all(Array.from({ length: 5 }, () => createAdminLogin(server, { name: 'berth_admin', verifier })));
    expect(await runAsSuperuser(server, `SELECT count(*) FROM pg_roles WHERE rolname = 'berth_admin'`)).toBe('1\n');
  });

  it('keeps secrets out of the log and of errors when SQL with a secret fails', async () => {
    const server = await running('server');
    const secret = 'SCRAM-SHA-256$4096:c2VjcmV0';
    const error = await runAsSuperuser(server, `ALTER ROLE nobody_such PASSWORD '${secret}'`).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'local-server-failed', message: expect.stringContaining('nobody_such') });
    expect((error as Error).message).not.toContain(secret);
    expect(await readFile(path.join(top, 'server', 'log'), 'utf8')).not.toContain(secret);
  });

  it.each(['nonsense', "x'; DROP ROLE postgres; --"])('refuses %j as a verifier, and as a name', async (text) => {
    const server = at('server');
    await expect(createAdminLogin(server, { name: 'berth_admin', verifier: text })).rejects.toMatchObject({
      code: 'local-server-failed',
    });
    const verifier = scramVerifier(password);
    await expect(createAdminLogin(server, { name: `${text} `, verifier })).rejects.toMatchObject({
      code: 'invalid-name',
    });
  });

  it('runs as another user than root, with nothing of our environment', async () => {
    const server = await running('server');
    const pid = String(await pidOf(server));
    const { uid } = await serverUser();
    expect((await stat(`/proc/${pid}`)).uid).toBe(uid);
    expect(uid).not.toBe(0);
    expect(await readFile(`/proc/${pid}/environ`, 'utf8')).not.toContain('JEST_WORKER_ID');
    expect((await stat(path.join(top, 'server'))).mode & 0o777).toBe(0o700);
  });

  it('runs two servers beside each other', async () => {
    const [first, second] = await Promise.all([running('first'), running('second')]);
    await runAsSuperuser(first, 'CREATE DATABASE only_first');
    const count = `SELECT count(*) FROM pg_database WHERE datname = 'only_first'`;
    expect(await runAsSuperuser(first, count)).toBe('1\n');
    expect(await runAsSuperuser(second, count)).toBe('0\n');
    const identifier = 'SELECT system_identifier FROM pg_control_system()';
    expect(await runAsSuperuser(first, identifier)).not.toBe(await runAsSuperuser(second, identifier));
  });

  it('makes one server when two create and start it at once', async () => {
    const both = [at('server'), at('server')];
    await Promise.all(both.map((server) => server.create({ purpose: 'test' })));
    const [first, second] = await Promise.all(both.map((server) => server.start()));
    expect(first?.pid).toBe(second?.pid);
    expect(first?.port).toBe(second?.port);
    expect(await readdir(path.join(top, 'server'))).toEqual(['data', 'log', 'server.json', 'socket']);
  });

  it('starts again after kill -9, with what was committed', async () => {
    const server = await running('server');
    await runAsSuperuser(server, 'CREATE TABLE kept AS SELECT 42 AS answer');
    const before = await server.status();
    // A session that computes does not notice that the server was killed, and no server may start beside it.
    const busy = runAsSuperuser(
      server,
      'SELECT sum(sqrt(n)) FROM (SELECT generate_series(1, 1000000000000) n) s',
    ).catch(() => undefined);
    const active = `SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT sum%' AND state = 'active'`;
    await waitUntil(async () => (await runAsSuperuser(server, active)) === '1\n', 10_000);
    await kill9(server);
    const after = await server.start();
    expect(after).toMatchObject({ port: before.port, alreadyRunning: false });
    expect(after.pid).not.toBe(before.pid);
    expect(await runAsSuperuser(server, 'SELECT answer FROM kept')).toBe('42\n');
    await busy;
  });

  it('is not confused by a stale pid file, also when its pid lives again as a process of the same user', async () => {
    const server = await running('server');
    await kill9(server);
    const stranger = spawn('/bin/sleep', ['600'], { cwd: '/', ...identityOf(await serverUser()) });
    children.push(stranger);
    await once(stranger, 'spawn');
    const pidFile = path.join(top, 'server', 'data', 'postmaster.pid');
    await writeFile(pidFile, (await readFile(pidFile, 'utf8')).replace(/^\d+/, String(stranger.pid)));
    expect((await server.status()).state).toBe('stopped');
    expect(await server.stop()).toBe('was-stopped');
    expect(await server.start()).toMatchObject({ alreadyRunning: false });
    expect(stranger.exitCode).toBeNull();
    expect(stranger.signalCode).toBeNull();
  });

  it('does a data folder again whose making was interrupted', async () => {
    const dead = spawn('/bin/true');
    await once(dead, 'exit');
    const half = path.join(top, 'server', `data.making-${String(dead.pid)}-x`);
    await mkdir(path.join(half, 'base'), { recursive: true });
    await writeFile(path.join(half, 'PG_VERSION'), '15\n');
    const server = await running('server');
    expect((await server.status()).state).toBe('running');
    expect(existsSync(half)).toBe(false);
  });

  it('survives being killed anywhere in the middle of create', async () => {
    const program = `
      const { LocalServer, findPostgresPrograms } = await import('@berth/local-postgres');
      const programs = await findPostgresPrograms({ explicit: ${JSON.stringify(programs.bin)} });
      await new LocalServer({ folder: ${JSON.stringify(path.join(top, 'server'))}, programs }).create({ purpose: 'test' });`;
    for (const stage of ['data.making-', 'data', 'server.json']) {
      await at('server').destroy();
      const child = spawn(process.execPath, ['--conditions=default', '--input-type=module', '-e', program], {
        cwd: import.meta.dirname,
        stdio: 'ignore',
      });
      const ended = once(child, 'exit');
      const names = async (): Promise<readonly string[]> => readdir(path.join(top, 'server')).catch(() => []);
      await waitUntil(
        async () =>
          child.exitCode !== null ||
          (await names()).some((name) => name === stage || (stage.endsWith('-') && name.startsWith(stage))),
        30_000,
      );
      child.kill('SIGKILL');
      await ended;
      const server = await running('server');
      expect(await runAsSuperuser(server, 'SELECT 1')).toBe('1\n');
      // initdb itself may outlive its killed parent; what it makes has a name of its own.
      await server.destroy();
    }
  });

  it('leaves a data folder alone that it did not make', async () => {
    await mkdir(path.join(top, 'server', 'data'), { recursive: true });
    await writeFile(path.join(top, 'server', 'data', 'thesis.txt'), 'three years');
    const server = at('server');
    expect((await server.status()).state).toBe('damaged');
    await expect(server.create({ purpose: 'test' })).rejects.toMatchObject({
      code: 'local-server-failed',
      hint: expect.stringContaining('rm -r'),
    });
    expect(existsSync(path.join(top, 'server', 'data', 'thesis.txt'))).toBe(true);
  });

  it('keeps what is not its own when it is destroyed', async () => {
    const server = await running('server');
    await writeFile(path.join(top, 'server', 'notes.txt'), 'mine');
    await server.destroy();
    expect(await readdir(path.join(top, 'server'))).toEqual(['notes.txt']);
  });

  it('takes another port, remembers it and says so, when somebody took its own', async () => {
    const server = await running('server');
    const { port } = await server.status();
    await server.stop();
    const rival = createServer().listen(port, '127.0.0.1');
    await once(rival, 'listening');
    const started = await server.start();
    expect(started.portBefore).toBe(port);
    expect(started.port).not.toBe(port);
    rival.close();
    await server.stop();
    const again = await server.start();
    expect(again.port).toBe(started.port);
    expect(again).not.toHaveProperty('portBefore');
  });

  it('shows the last lines of the log when the server does not start', async () => {
    const server = at('server');
    await server.create({ purpose: 'test', settings: { shared_buffers: 'plenty' } });
    await expect(server.start()).rejects.toMatchObject({
      code: 'local-server-failed',
      message: expect.stringContaining('invalid value for parameter "shared_buffers": "plenty"'),
      hint: expect.stringContaining(path.join(top, 'server', 'log')),
    });
    expect((await server.status()).state).toBe('stopped');
  });

  it('ends sessions that hold on, by a stop at once after the deadline', async () => {
    const server = await running('server');
    const pid = await pidOf(server);
    // A stopped child cannot answer the clean stop: only the immediate one gets past it.
    const children = (await readFile(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8')).trim().split(' ');
    process.kill(Number(children[0]), 'SIGSTOP');
    expect(await server.stop({ deadlineMs: 200 })).toBe('stopped');
    expect(existsSync(`/proc/${children[0]!}`)).toBe(false);
  }, 30_000);

  it('says what is missing for verbs on a server that was never created', async () => {
    await expect(at('nowhere').start()).rejects.toMatchObject({
      code: 'local-server-failed',
      hint: 'Create it first.',
    });
    expect(await at('nowhere').stop()).toBe('was-stopped');
  });

  it('puts the socket of a deep folder into a short one', async () => {
    const deep = path.join('d'.repeat(60), 'e'.repeat(60));
    const server = await running(deep);
    const { socket } = (await server.files())!;
    expect(socket).toMatch(/^\/tmp\/berth-[0-9a-f]{16}$/);
    expect(await runAsSuperuser(server, 'SELECT 1')).toBe('1\n');
    expect((await stat(socket)).mode & 0o777).toBe(0o700);
    await server.stop();
    // What somebody else put there beforehand is not used.
    await rm(socket, { recursive: true });
    appendFileSync(socket, '');
    await expect(server.start()).rejects.toMatchObject({
      message: expect.stringContaining('belongs to somebody else'),
    });
    await rm(socket);
    await server.start();
    await server.destroy();
    expect(existsSync(socket)).toBe(false);
  });

  it('runs below a folder that only root may enter, by a link to a reachable place', async () => {
    const reachableRoot = path.join(top, 'lib');
    await mkdir(path.join(top, 'private'), { mode: 0o700 });
    const server = at('private/server', { reachableRoot });
    await server.create({ purpose: 'test' });
    const link = path.join(top, 'private', 'server');
    const target = await readlink(link);
    expect(path.dirname(target)).toBe(reachableRoot);
    expect((await stat(target)).mode & 0o777).toBe(0o700);
    await server.start();
    expect(await runAsSuperuser(server, 'SELECT 1')).toBe('1\n');
    await server.create({ purpose: 'test' });
    expect(await server.start()).toMatchObject({ alreadyRunning: true });
    await server.destroy();
    await expect(lstat(link)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readdir(reachableRoot)).toEqual([]);
  });

  it('refuses to run on the data of the tree that it was copied from', async () => {
    const reachableRoot = path.join(top, 'lib');
    await mkdir(path.join(top, 'private'), { mode: 0o700 });
    await at('private/server', { reachableRoot }).create({ purpose: 'test' });
    await runProgram('cp', ['-a', path.join(top, 'private'), path.join(top, 'copied')]);
    const copy = new LocalServer({ folder: path.join(top, 'copied', 'server'), programs, reachableRoot });
    await expect(copy.create({ purpose: 'test' })).rejects.toMatchObject({
      message: expect.stringContaining('belongs to'),
    });
    await runProgram('mv', [path.join(top, 'private'), path.join(top, 'moved')]);
    expect(await at('moved/server', { reachableRoot }).create({ purpose: 'test' })).toBe('present');
    await rm(path.join(top, 'copied'), { recursive: true });
  });
});
