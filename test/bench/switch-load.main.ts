// The load of the benchmark of the switch, in a process of its own, as a product's service is one: writers of one tenant through the
// client library, at a rate, and neighbours who write through plain connections. Told what to do by its parent's messages.
import { setTimeout as pause } from 'node:timers/promises';
import { type AnnouncedPlace, createTenants } from '@berth/client';
import pg from 'pg';
import { type LoadAnswer, type LoadOrder, tenantId } from './switch-load.js';

let secret: LoadOrder['secret'] | null = null;
let announced: readonly AnnouncedPlace[] = [];
let stopping = false;
const acknowledged: number[] = [];
const errors: string[] = [];
let [next, last, longest, repeats, since, before] = [0, 0, 0, 0, 0, 0];
let toldAt: number | null = null;
let thereMs: number | null = null;

const tenants = createTenants({
  placement: { read: async () => secret, announced: async () => announced },
  announcedMs: 50,
  pools: { connections: 64, connectionsPerTenant: 32 },
  onEvent: ({ type }) => {
    if (type === 'retried') repeats += 1;
    if (type === 'prepared') process.send?.({});
  },
});

/** Begins a transaction at even intervals, and at once when it is late; what it missed it does not make good. */
async function write(everyMs: number): Promise<void> {
  let due = performance.now() + Math.random() * everyMs;
  while (!stopping) {
    const wait = due - performance.now();
    if (wait > 0) await pause(wait);
    due = Math.max(due + everyMs, performance.now());
    next += 1;
    const n = next;
    try {
      await tenants.query(tenantId, 'INSERT INTO written (n) VALUES ($1)', [n]);
    } catch (error) {
      errors.push(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
      continue;
    }
    acknowledged.push(n);
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (toldAt !== null) [thereMs, toldAt] = [now - toldAt, null];
  }
}

/** 100 rows in a transaction, 20 times a second; none that another one holds, as they would lock each other's in any order. */
async function disturb(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  while (!stopping) {
    await client.query(
      `UPDATE noise SET n = n + 1 WHERE id IN (
         SELECT id FROM noise WHERE id IN (SELECT 1 + (random() * 9999)::int FROM generate_series(1, 100))
         FOR UPDATE SKIP LOCKED)`,
    );
    await pause(50);
  }
  await client.end();
}

/** One row a transaction, 200 times a second: how long each takes is what a neighbour feels. */
async function probe(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  while (!stopping) {
    const began = performance.now();
    await client.query('UPDATE noise SET n = n + 1 WHERE id = $1', [1 + Math.floor(Math.random() * 10_000)]);
    const took = performance.now() - began;
    probes.push(took);
    await pause(Math.max(0, 5 - took));
  }
  await client.end();
}

const running: Promise<void>[] = [];
let probes: number[] = [];

function answer(): LoadAnswer {
  const now = performance.now();
  const counted = acknowledged.length - before;
  const rate = (counted * 1_000) / (now - since);
  const found = {
    // Who has waited until now has not waited shorter.
    ...{ longestMs: Math.max(longest, now - last), rate, count: acknowledged.length, repeats, errors, thereMs, probes },
    acknowledged: stopping ? acknowledged : [],
  };
  [longest, since, before, thereMs, probes] = [0, now, acknowledged.length, null, []];
  return found;
}

process.on('message', (order: LoadOrder) => {
  switch (order.order) {
    case 'secret':
      secret = order.secret;
      toldAt = performance.now();
      break;
    case 'announce':
      announced = order.places;
      break;
    case 'start':
      secret = order.secret;
      last = since = performance.now();
      for (let writer = 0; writer < order.writers; writer += 1)
        running.push(write((order.writers * 1_000) / order.rate));
      running.push(...order.neighbours.map(disturb), ...order.probed.map(probe));
      break;
    case 'tell':
      process.send?.(answer());
      break;
    case 'stop':
      stopping = true;
      void Promise.all(running)
        .then(() => tenants.close())
        .then(() => process.send?.(answer(), () => process.exit(0)));
      break;
  }
});
