import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { serverPlace } from '@berth/testing';
import { isPortFree } from './free-port.js';
import { waitUntil } from './postmaster.js';
import { serverUser } from './run-as.js';
import { identityOf } from './run-program.js';
import { runAsSuperuser } from './superuser.js';

describe('LocalServer after a crash', () => {
  const place = serverPlace();

  it('starts again after kill -9, with what was committed', async () => {
    const server = await place.running('server');
    await runAsSuperuser(server, 'CREATE TABLE kept AS SELECT 42 AS answer');
    const before = await server.status();
    // A session that computes does not notice that the server was killed, and no server may start beside it.
    const busy = runAsSuperuser(
      server,
      'SELECT sum(sqrt(n)) FROM (SELECT generate_series(1, 1000000000000) n) s',
    ).catch(() => undefined);
    const active = `SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT sum%' AND state = 'active'`;
    await waitUntil(async () => (await runAsSuperuser(server, active)) === '1\n', 10_000);
    await place.kill9(server);
    const after = await server.start();
    expect(after.alreadyRunning).toBe(false);
    // Another suite's server may have come there meanwhile.
    if (after.port !== before.port) expect(await isPortFree(before.port!)).toBe(false);
    expect(after.pid).not.toBe(before.pid);
    expect(await runAsSuperuser(server, 'SELECT answer FROM kept')).toBe('42\n');
    await busy;
  });

  it('is not confused by a stale pid file, also when its pid lives again as a process of the same user', async () => {
    const server = await place.running('server');
    await place.kill9(server);
    const stranger = spawn('/bin/sleep', ['600'], { cwd: '/', ...identityOf(await serverUser()) });
    await once(stranger, 'spawn');
    const pidFile = path.join(place.top, 'server', 'data', 'postmaster.pid');
    await writeFile(pidFile, (await readFile(pidFile, 'utf8')).replace(/^\d+/, String(stranger.pid)));
    expect((await server.status()).state).toBe('stopped');
    expect(await server.stop()).toBe('was-stopped');
    expect(await server.start()).toMatchObject({ alreadyRunning: false });
    expect(stranger.exitCode).toBeNull();
    expect(stranger.signalCode).toBeNull();
    stranger.kill();
  });

  it('starts in spite of an empty pid file, which PostgreSQL itself refuses', async () => {
    const server = await place.running('server');
    await server.stop();
    const pidFile = path.join(place.top, 'server', 'data', 'postmaster.pid');
    await writeFile(pidFile, '');
    expect((await server.status()).state).toBe('stopped');
    // It may belong to a server that starts this moment, so it is removed only when it has been empty for a while.
    expect(await server.start()).toMatchObject({ alreadyRunning: false });
  });

  it('does a data folder again whose making was interrupted', async () => {
    const dead = spawn('/bin/true');
    await once(dead, 'exit');
    const half = path.join(place.top, 'server', `data.making-${String(dead.pid)}-x`);
    await mkdir(path.join(half, 'base'), { recursive: true });
    await writeFile(path.join(half, 'PG_VERSION'), '15\n');
    const server = await place.running('server');
    expect((await server.status()).state).toBe('running');
    expect(existsSync(half)).toBe(false);
  });

  it('survives being killed anywhere in the middle of create', async () => {
    const program = `
      const { LocalServer, findPostgresPrograms } = await import('@berth/local-postgres');
      const programs = await findPostgresPrograms({ explicit: ${JSON.stringify(place.programs.bin)} });
      await new LocalServer({ folder: ${JSON.stringify(path.join(place.top, 'server'))}, programs }).create({ purpose: 'test' });`;
    for (const stage of ['data.making-', 'data', 'server.json']) {
      await place.at('server').destroy();
      const child = spawn(process.execPath, ['--conditions=default', '--input-type=module', '-e', program], {
        cwd: import.meta.dirname,
        stdio: 'ignore',
      });
      const ended = once(child, 'exit');
      const names = async (): Promise<readonly string[]> => readdir(path.join(place.top, 'server')).catch(() => []);
      await waitUntil(
        async () =>
          child.exitCode !== null ||
          (await names()).some((name) => name === stage || (stage.endsWith('-') && name.startsWith(stage))),
        30_000,
      );
      child.kill('SIGKILL');
      await ended;
      const server = await place.running('server');
      expect(await runAsSuperuser(server, 'SELECT 1')).toBe('1\n');
      // initdb itself may outlive its killed parent; what it makes has a name of its own.
      await server.destroy();
    }
  });

  it('leaves a data folder alone that it did not make', async () => {
    await mkdir(path.join(place.top, 'server', 'data'), { recursive: true });
    await writeFile(path.join(place.top, 'server', 'data', 'thesis.txt'), 'three years');
    const server = place.at('server');
    expect((await server.status()).state).toBe('damaged');
    await expect(server.create({ purpose: 'test' })).rejects.toMatchObject({
      code: 'local-server-failed',
      hint: expect.stringContaining('rm -r'),
    });
    expect(existsSync(path.join(place.top, 'server', 'data', 'thesis.txt'))).toBe(true);
  });
});
