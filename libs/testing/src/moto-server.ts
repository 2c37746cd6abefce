import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { findOnPath } from './find-on-path.js';
import type { TestPart } from './when-available.js';

/** moto, an emulator of AWS's APIs: its program is named in BERTH_TEST_MOTO, else looked for on PATH. */
const program = findOnPath(process.env['BERTH_TEST_MOTO'] ?? 'moto_server');

export const motoPart: TestPart = {
  name: 'moto',
  missing:
    program === undefined ? "no moto_server on PATH or in BERTH_TEST_MOTO (pip install 'moto[server]')" : undefined,
};

export interface TestMoto {
  /** Address of all APIs, by plain HTTP. */
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** An AWS account in memory on a free loopback port. Any credentials are good. */
export async function startMoto(): Promise<TestMoto> {
  const port = await freePort();
  if (program === undefined) throw new Error(motoPart.missing);
  const server = spawn(program, ['-H', '127.0.0.1', '-p', String(port)], {
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd: '/',
  });
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    let log = '';
    server.once('exit', () => reject(new Error(`moto_server ended at once:\n${log}`)));
    server.once('error', reject);
    server.stderr.on('data', (text: Buffer) => {
      log += text.toString();
      if (log.includes('Running on')) resolve();
    });
  });
  const endpoint = `http://127.0.0.1:${String(port)}`;
  return {
    endpoint,
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
