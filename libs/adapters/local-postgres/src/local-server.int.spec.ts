import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { serverPlace } from '@berth/testing';
import { serverUser } from './run-as.js';
import { runAsSuperuser } from './superuser.js';

describe('LocalServer', () => {
  const place = serverPlace();

  it('creates, starts, stops and destroys, each verb twice', async () => {
    const server = place.at('server');
    expect((await server.status()).state).toBe('absent');
    expect(await server.create({ purpose: 'catalog' })).toBe('created');
    expect(await server.create({ purpose: 'catalog' })).toBe('present');
    const { port, pid, alreadyRunning } = await server.start();
    expect(alreadyRunning).toBe(false);
    expect(await server.start()).toEqual({ host: '127.0.0.1', port, pid, alreadyRunning: true });
    expect(await server.status()).toEqual({
      state: 'running',
      host: '127.0.0.1',
      port,
      pid,
      major: place.programs.major,
    });
    expect(await server.stop()).toBe('stopped');
    expect(await server.stop()).toBe('was-stopped');
    expect(await server.status()).toEqual({ state: 'stopped', host: '127.0.0.1', port, major: place.programs.major });
    expect((await server.start()).port).toBe(port);
    expect(await server.destroy()).toBe('destroyed');
    expect(await server.destroy()).toBe('was-absent');
    expect(await readdir(place.top)).toEqual([]);
  });

  it('runs with the settings of its purpose, checksums, and the callers own on top', async () => {
    const server = place.at('server');
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

  it('runs as another user than root, with nothing of our environment', async () => {
    const server = await place.running('server');
    const pid = String(await place.pidOf(server));
    const { uid } = await serverUser();
    expect((await stat(`/proc/${pid}`)).uid).toBe(uid);
    expect(uid).not.toBe(0);
    expect(await readFile(`/proc/${pid}/environ`, 'utf8')).not.toContain('JEST_WORKER_ID');
    expect((await stat(path.join(place.top, 'server'))).mode & 0o777).toBe(0o700);
  });

  it('runs two servers beside each other', async () => {
    const [first, second] = await Promise.all([place.running('first'), place.running('second')]);
    await runAsSuperuser(first, 'CREATE DATABASE only_first');
    const count = `SELECT count(*) FROM pg_database WHERE datname = 'only_first'`;
    expect(await runAsSuperuser(first, count)).toBe('1\n');
    expect(await runAsSuperuser(second, count)).toBe('0\n');
    const identifier = 'SELECT system_identifier FROM pg_control_system()';
    expect(await runAsSuperuser(first, identifier)).not.toBe(await runAsSuperuser(second, identifier));
  });

  it('makes one server when two create and start it at once', async () => {
    const both = [place.at('server'), place.at('server')];
    await Promise.all(both.map((server) => server.create({ purpose: 'test' })));
    const [first, second] = await Promise.all(both.map((server) => server.start()));
    expect(first?.pid).toBe(second?.pid);
    expect(first?.port).toBe(second?.port);
    expect(await readdir(path.join(place.top, 'server'))).toEqual(['data', 'log', 'server.json', 'socket']);
  });

  it('keeps what is not its own when it is destroyed', async () => {
    const server = await place.running('server');
    await writeFile(path.join(place.top, 'server', 'notes.txt'), 'mine');
    await server.destroy();
    expect(await readdir(path.join(place.top, 'server'))).toEqual(['notes.txt']);
  });

  it('takes another port, remembers it and says so, when somebody took its own', async () => {
    const server = await place.running('server');
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
    const server = place.at('server');
    await server.create({ purpose: 'test', settings: { shared_buffers: 'plenty' } });
    await expect(server.start()).rejects.toMatchObject({
      code: 'local-server-failed',
      message: expect.stringContaining('invalid value for parameter "shared_buffers": "plenty"'),
      hint: expect.stringContaining(path.join(place.top, 'server', 'log')),
    });
    expect((await server.status()).state).toBe('stopped');
  });

  it('ends sessions that hold on, by a stop at once after the deadline', async () => {
    const server = await place.running('server');
    const pid = await place.pidOf(server);
    // A stopped child cannot answer the clean stop: only the immediate one gets past it.
    const children = (await readFile(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8')).trim().split(' ');
    process.kill(Number(children[0]), 'SIGSTOP');
    expect(await server.stop({ deadlineMs: 200 })).toBe('stopped');
    expect(existsSync(`/proc/${children[0]!}`)).toBe(false);
  });

  it('says what is missing for verbs on a server that was never created', async () => {
    await expect(place.at('nowhere').start()).rejects.toMatchObject({
      code: 'local-server-failed',
      hint: 'Create it first.',
    });
    expect(await place.at('nowhere').stop()).toBe('was-stopped');
  });
});
