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
import { postmasterOf, treeSeconds } from './processor-time.js';
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

interface Figures {
  readonly rate: number;
  /** Of the workers, the catalog's server and Redis for one operation: no neighbour on the machine can take it. */
  readonly processorMs: number;
}

const secondsOf = async (pids: readonly number[]): Promise<number> =>
  (await Promise.all(pids.map(treeSeconds))).reduce((sum, seconds) => sum + seconds, 0);

class QueueBench {
  constructor(
    private readonly catalog: OpenCatalog,
    private readonly sql: Client,
    private readonly places: Readonly<Record<Backend, Place>>,
    /** Their first processes: who is not the queue's backend in a round is idle then. */
    private readonly servers: readonly number[],
  ) {}

  /** Operations a second, from the first that was begun to the last that ended, by the catalog's own clock. */
  async measure(backend: Backend, workers: number): Promise<Figures> {
    const { queue, environment } = this.places[backend];
    const children = await Promise.all(Array.from({ length: workers }, () => startWorker(environment)));
    try {
      // Code is compiled where it is hot, and connections are open, after a tenth as many for each worker.
      await this.run(queue, Math.ceil(options.operations / 10) * workers);
      const pids = [...this.servers, ...children.map(({ pid }) => pid ?? 0)];
      const before = await secondsOf(pids);
      const rate = await this.run(queue, options.operations);
      return { rate, processorMs: (((await secondsOf(pids)) - before) * 1000) / options.operations };
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

/** By backend, then by the count of workers, one a round. */
type Measured = Readonly<Record<Backend, readonly (readonly Figures[])[]>>;

async function measure(bench: QueueBench): Promise<Measured> {
  const measured: Record<Backend, Figures[][]> = { PostgreSQL: [], Redis: [] };
  for (let round = 0; round < options.rounds; round += 1) {
    for (const [place, workers] of workerCounts.entries()) {
      // Right after one another, in turns, so that both meet the same weather.
      for (const backend of round % 2 === 0 ? backends : [...backends].reverse()) {
        (measured[backend][place] ??= []).push(await bench.measure(backend, workers));
      }
    }
  }
  return measured;
}

/** The median of the rounds' own ratios: what disturbs one round does not reach the others. */
const ratio = (over: readonly Figures[] = [], under: readonly Figures[] = [], of: keyof Figures = 'rate'): number =>
  median(over.map((figures, round) => figures[of] / (under[round]?.[of] ?? Number.NaN)));

const middle = (figures: readonly Figures[] = [], of: keyof Figures = 'rate'): number =>
  median(figures.map((one) => one[of]));

function resultsOf({ PostgreSQL: postgres, Redis: onRedis }: Measured): readonly Result[] {
  const more = { aim: null, better: 'higher' } as const;
  const less = { aim: null, better: 'lower' } as const;
  const both = [
    ['PostgreSQL', postgres],
    ['Redis', onRedis],
  ] as const;
  const named = workerCounts.map((count) => `${String(count)} worker${count === 1 ? '' : 's'}`);
  const each = (result: (backend: string, at: readonly (readonly Figures[])[], place: number) => Result, from = 0) =>
    both.flatMap(([backend, at]) =>
      workerCounts.flatMap((_, place) => (place < from ? [] : [result(backend, at, place)])),
    );
  return [
    ...each((backend, at, place) => ({
      name: `${backend}, ${named[place] ?? ''}`,
      value: middle(at[place]),
      unit: 'operations/s',
      ...more,
    })),
    ...each(
      (backend, at, place) => ({
        name: `${backend}, ${named[place] ?? ''} against 1`,
        value: ratio(at[place], at[0]),
        unit: 'x',
        ...more,
      }),
      1,
    ),
    ...workerCounts.map((_, place) => ({
      name: `Redis against PostgreSQL, ${named[place] ?? ''}`,
      value: ratio(onRedis[place], postgres[place]),
      unit: 'x',
      ...more,
    })),
    ...each((backend, at, place) => ({
      name: `${backend}, ${named[place] ?? ''}, processor time`,
      value: middle(at[place], 'processorMs'),
      unit: 'ms each',
      ...less,
    })),
    ...workerCounts.map((_, place) => ({
      name: `Redis against PostgreSQL, processor, ${named[place] ?? ''}`,
      value: ratio(onRedis[place], postgres[place], 'processorMs'),
      unit: 'x',
      ...less,
    })),
  ];
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
  const servers = [await postmasterOf(server), redis.pid ?? 0];
  const measured = await measure(new QueueBench(catalog, sql, places, servers));
  const units = { rate: 'operations/s' };
  report({ bench: 'queue', results: resultsOf(measured), samples: measured, units }, options);
} finally {
  await Promise.all(Object.values(places).map(({ queue }) => queue.close()));
  await Promise.all([sql.end(), catalog.close()]);
  await Promise.all([server.stop(), redis.stop()]);
  await rm(folder, { recursive: true });
}
