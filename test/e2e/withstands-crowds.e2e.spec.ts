import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { OperationCatalog, TenantCatalog } from '@berth/ports';
import { isShortRun } from '@berth/testing';
import { freshTenantId, World } from '../crash/world.js';
import { serveApi, type ServedApi } from './served-api.js';
import { eventually } from './worker-world.js';

/** Thousands of requests at once: on a slow machine minutes. */
const patienceMs = 500_000;

let world: World;
let api: ServedApi;
let key: string;

beforeAll(async () => {
  world = await World.open();
  api = await serveApi(world);
  key = await readFile(await api.keyFile(['admin']), 'utf8');
});
afterAll(async () => {
  await api.stop();
  await world.close();
});

const create = async (id: string, headers: Readonly<Record<string, string>> = {}) => {
  const reply = await fetch(`${api.url}/v1/tenants`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ id, plan: 'starter' }),
  });
  return { status: reply.status, body: (await reply.json()) as { id?: string; code?: string } };
};

it('200 creates at once, two for each tenant, make each tenant once or say clearly why not', async () => {
  const ids = Array.from({ length: 100 }, () => freshTenantId());
  const all = await Promise.all([...ids, ...ids].map(async (id) => ({ id, ...(await create(id)) })));
  const made = all.filter(({ status }) => status === 202);
  expect(new Set(made.map(({ id }) => id)).size).toBe(made.length);
  for (const { status, body } of all.filter((one) => one.status !== 202)) {
    expect([status, body.code]).toEqual([expect.any(Number), expect.any(String)]);
    expect([409, 429, 503]).toContain(status);
  }
  // What was answered is what is there: a tenant and an operation for each 202, and nothing for a refusal.
  const tenants = world.app.get(TenantCatalog);
  for (const id of ids) {
    const operations = (await world.app.get(OperationCatalog).list({ tenantId: id }, { limit: 10 })).items;
    const answered = made.filter((one) => one.id === id).map(({ body }) => body.id);
    expect(operations.map((operation) => operation.id)).toEqual(answered);
    expect((await tenants.get(id)) !== null).toBe(answered.length === 1);
  }
  expect(made.length).toBeGreaterThan(0);
  process.stdout.write(
    `\n200 creates at once of 100 tenants: ${String(made.length)} made, ${String(200 - made.length)} refused\n`,
  );
});

/** Each watcher takes two files, one at each end; the rest is for all else that this process has open. */
const watchers = isShortRun() ? 1_000 : 5_000;
const files = 2 * watchers + 1_000;

const openFiles = (): number => {
  const limit = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  return limit === 'unlimited' ? Infinity : Number(limit);
};

/** Node has taken what it may have; more is up to root. */
function raiseOpenFiles(): void {
  if (openFiles() < files) spawnSync('prlimit', ['--pid', String(process.pid), `--nofile=${String(files)}`]);
  if (openFiles() < files)
    throw new Error(
      `${String(watchers)} watchers need ${String(files)} open files, and this process may have ${String(openFiles())}: ulimit -n ${String(files)}`,
    );
}

it('thousands watch one operation: each is told its end, and the API goes on answering', async () => {
  raiseOpenFiles();
  const { body } = await create(freshTenantId());
  const { port } = new URL(api.url);
  const request = `GET /v1/operations/${String(body.id)}/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\n\r\n`;
  let told = 0;
  let ended = 0;
  const sockets: Socket[] = [];
  for (let index = 0; index < watchers; index += 1) {
    const socket = connect(Number(port), '127.0.0.1');
    sockets.push(socket);
    let wasTold = false;
    // The events come whole: each is one write of the server's.
    socket.on('data', (chunk: Buffer) => {
      if (!wasTold && chunk.includes('event: operation')) {
        wasTold = true;
        told += 1;
      }
      if (chunk.includes('event: end')) ended += 1;
    });
    socket.on('error', () => undefined);
    socket.write(request);
  }
  try {
    await eventually(async () => (told === watchers ? true : null), patienceMs);
    const before = performance.now();
    expect((await create(freshTenantId())).status).toBe(202);
    const answeredMs = Math.round(performance.now() - before);
    expect((await world.runToEnd(String(body.id))).state).toBe('succeeded');
    await eventually(async () => (ended === watchers ? true : null), patienceMs);
    process.stdout.write(`\n${String(watchers)} watchers at once; a create meanwhile took ${String(answeredMs)} ms\n`);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}, 1_200_000);
