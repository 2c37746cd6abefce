import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import type { TestPart } from './when-available.js';

/** Redis for tests of the queue; its program is looked for on PATH. */
export const redisPart: TestPart = {
  name: 'Redis',
  missing:
    spawnSync('redis-server', ['--version']).status === 0
      ? undefined
      : 'no redis-server on PATH (Debian: apt-get install redis-server)',
};

export interface TestRedis {
  readonly url: string;
  stop(): Promise<void>;
}

/** A Redis in memory on a free loopback port. */
export async function startRedis(): Promise<TestRedis> {
  const port = await freePort();
  const settings = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no'];
  const server = spawn('redis-server', [...settings, '--maxmemory-policy', 'noeviction'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: '/',
  });
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    let log = '';
    server.once('exit', () => reject(new Error(`redis-server ended at once:\n${log}`)));
    server.stdout.on('data', (text: Buffer) => {
      log += text.toString();
      if (log.includes('Ready to accept connections')) resolve();
    });
  });
  return {
    url: `redis://127.0.0.1:${String(port)}`,
    stop: async () => {
      server.kill('SIGTERM');
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
