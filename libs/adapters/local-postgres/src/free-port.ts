import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { BerthError } from '@berth/domain';
import { waitUntil } from './postmaster.js';

/**
 * Below the range from which systems take ports for outgoing connections (32768 up on Linux, 49152 up on macOS): a
 * remembered port from that range would now and then be taken by a passing client when the server starts again.
 */
const lowestPort = 21_000;
const highestPort = 31_999;
const attempts = 200;
const soonMs = 1_000;

export async function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => {
      resolve(false);
    });
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      probe.close(() => {
        resolve(true);
      });
    });
  });
}

/**
 * For a port that somebody remembers: a server that was killed while it forked leaves a child that holds its port for some ms, until it has
 * closed what it inherited.
 */
export async function isPortFreeSoon(port: number): Promise<boolean> {
  return waitUntil(() => isPortFree(port), soonMs);
}

export async function chooseFreePort(): Promise<number> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const port = randomInt(lowestPort, highestPort + 1);
    if (await isPortFree(port)) return port;
  }
  throw new BerthError(
    'local-server-failed',
    `no free port found in ${String(attempts)} tries between ${String(lowestPort)} and ${String(highestPort)}`,
    { retry: 'backoff' },
  );
}
