// How many operations that do nothing 1, 2 and 4 worker processes run a second, with the queue on PostgreSQL and on Redis. The
// catalog, its own writes flushed to the disk, is the same for both, so the ratio tells what the queue itself is of the whole.
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { openCatalog, type OpenCatalog } from '@berth/catalog';
import { BullmqJobQueue } from '@berth/bullmq';
import type { TenantId } from '@berth/domain';
import type { JobQueue } from '@berth/ports';
import { RedisServer } from '@berth/redis';
import { startPostgres, startRedis } from '@berth/testing';
import { Client } from 'pg';
import { durable } from './bench-system.js';
import { noOp } from './no-op.saga.js';
import { readOptions } from './options.js';
import { report, type Result } from './report.js';
import { median } from './rounds.js';

const options = readOptions({ rounds: 3, operations: 400, concurrency: 4, timeoutSeconds: 120 });
const workerCounts = [1, 2, 4] as const;
const backends = ['PostgreSQL', 'Redis'] as const;
type Backend = (typeof backends)[number];

interface Place {
  readonly queue: JobQueue;
  readonly environment: NodeJS.ProcessEnv;
}

class QueueBench {
  constructor(
    private readonly catalog: OpenCatalog,
    private readonly sql: Client,
    private readonly places: Readonly<Record<Backend, Place>>,
  ) {}

  /** Operations a second, from the first that was begun to the last that ended, by the catalog's own clock. */
  async rateOf(backend: Backend, workers: number): Promise<number> {
    const { queue, environment } = this.places[backend];
    const children = await Promise.all(Array.from({ length: workers }, () => startWorker(environment)));
    try {
      // Code is compiled where it is hot, and connections are open, after a tenth as many for each worker.
      await this.run(queue, Math.ceil(options.operations / 10) * workers);
      return await this.run(queue, options.operations);
    } finally {
      await Promise.all(children.map(stopWorker));
    }
  }

  private async run(queue: JobQueue, count: number): Promise<number> {
    const ids = await this.write(count);
    await atOnce(16, ids, (id) => queue.enqueue(id));
    const end = performance.now() + options.timeoutSeconds * 1000;
    for (;;) {
      const { ended, seconds } = await this.progressOf(ids);
      if (ended === count) return count / seconds;
      if (performance.now() > end) throw new Error(`${String(count - ended)} operations did not end`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  private async write(count: number): Promise<readonly string[]> {
    const numbers = Array.from({ length: count }, (_, index) => index + 1);
    const steps = noOp.steps.map(({ name, describe }) => ({
      name,
      description: describe({} as never),
      pointOfNoReturn: false,
    }));
    const ids = numbers.map(() => randomUUID());
    await atOnce(8, numbers, async (number) => {
      await this.catalog.operations.create({
        id: ids[number - 1] ?? '',
        kind: 'repair-tenant',
        saga: noOp.name,
        sagaVersion: noOp.version,
        tenantId: `bench-${String(number)}` as TenantId,
        clusterIds: [],
        input: {},
        steps,
        requestedBy: 'bench',
      });
    });
    return ids;
  }

  private async progressOf(ids: readonly string[]): Promise<{ readonly ended: number; readonly seconds: number }> {
    const { rows } = await this.sql.query<{ ended: number; seconds: number }>(
      `SELECT count(*) FILTER (WHERE state = 'succeeded')::int AS ended,
              extract(epoch FROM max(ended_at) - min(started_at))::float AS seconds
       FROM berth.operations WHERE id = ANY ($1)`,
      [ids],
    );
    return rows[0] ?? { ended: 0, seconds: Number.NaN };
  }
}

async function atOnce<T>(width: number, items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items];
  const take = async (): Promise<void> => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await act(item);
  };
  await Promise.all(Array.from({ length: width }, take));
}

async function startWorker(environment: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const loader = path.join(import.meta.dirname, '../../scripts/ts.mjs');
  const script = path.join(import.meta.dirname, 'queue-worker.ts');
  const child = spawn(process.execPath, ['--import', loader, script], {
    env: { ...environment, NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then(() => Promise.reject(new Error('a worker did not start'))),
  ]);
  return child;
}

async function stopWorker(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM');
  if (child.exitCode === null) await once(child, 'exit');
}

async function measure(bench: QueueBench): Promise<Readonly<Record<Backend, readonly (readonly number[])[]>>> {
  const rates: Record<Backend, number[][]> = { PostgreSQL: [], Redis: [] };
  for (let round = 0; round < options.rounds; round += 1) {
    for (const [place, workers] of workerCounts.entries()) {
      // Right after one another, in turns, so that both meet the same weather.
      for (const backend of round % 2 === 0 ? backends : [...backends].reverse()) {
        (rates[backend][place] ??= []).push(await bench.rateOf(backend, workers));
      }
    }
  }
  return rates;
}

/** The median of the rounds' own ratios: what disturbs one round does not reach the others. */
const ratio = (over: readonly number[] = [], under: readonly number[] = []): number =>
  median(over.map((rate, round) => rate / (under[round] ?? Number.NaN)));

function resultsOf(rates: Awaited<ReturnType<typeof measure>>): readonly Result[] {
  const told = { aim: null, better: 'higher' } as const;
  const named = (count: number): string => `${String(count)} worker${count === 1 ? '' : 's'}`;
  const absolute = backends.flatMap((backend) =>
    workerCounts.map((count, place) => ({
      name: `${backend}, ${named(count)}`,
      value: median(rates[backend][place] ?? []),
      unit: 'operations/s',
      ...told,
    })),
  );
  const growth = backends.flatMap((backend) =>
    workerCounts.slice(1).map((count, place) => ({
      name: `${backend}, ${named(count)} against 1`,
      value: ratio(rates[backend][place + 1], rates[backend][0]),
      unit: 'x',
      ...told,
    })),
  );
  const between = workerCounts.map((count, place) => ({
    name: `Redis against PostgreSQL, ${named(count)}`,
    value: ratio(rates.Redis[place], rates.PostgreSQL[place]),
    unit: 'x',
    ...told,
  }));
  return [...absolute, ...growth, ...between];
}

const folder = await mkdtemp(path.join(tmpdir(), 'berth-bench-'));
const [server, redis] = await Promise.all([startPostgres({ settings: durable }), startRedis()]);
const url = server.adminUrl(await server.createDatabase());
const catalog = await openCatalog(url);
const sql = new Client({ connectionString: url });
await Promise.all([catalog.migrate(), sql.connect()]);
await sql.query(
  `INSERT INTO berth.tenants (id, state, plan, constraints) SELECT 'bench-' || n, 'ready', 'starter', '{"labels": {}}' FROM generate_series(1, $1::int) n`,
  [Math.max(options.operations, workerCounts.at(-1)! * Math.ceil(options.operations / 10))],
);
const environment = {
  PATH: process.env['PATH'],
  BERTH_CATALOG_URL: url,
  BERTH_SECRETS_DIR: path.join(folder, 'secrets'),
  BERTH_INSTANCES_DIR: path.join(folder, 'instances'),
  BERTH_DUMPS_DIR: path.join(folder, 'dumps'),
  BERTH_WORKER_CONCURRENCY: String(options.concurrency),
};
const onRedis = await RedisServer.at({ url: redis.url, prefix: 'berth' });
const places = {
  PostgreSQL: { queue: new BullmqJobQueue({ postgresUrl: url }), environment },
  Redis: { queue: new BullmqJobQueue({ redis: onRedis }), environment: { ...environment, BERTH_REDIS_URL: redis.url } },
};
try {
  const rates = await measure(new QueueBench(catalog, sql, places));
  report(
    { bench: 'queue', results: resultsOf(rates), samples: { PostgreSQL: rates.PostgreSQL, Redis: rates.Redis } },
    options,
  );
} finally {
  await Promise.all(Object.values(places).map(({ queue }) => queue.close()));
  await Promise.all([sql.end(), catalog.close()]);
  await Promise.all([server.stop(), redis.stop()]);
  await rm(folder, { recursive: true });
}
