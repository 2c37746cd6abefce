import type { QueueName } from '@berth/ports';
import { createPostgresBackend, type Job, type JobsOptions, Queue, Worker } from 'bullmq';

/** All that a job carries: the catalog knows everything else. */
export interface JobData {
  readonly operationId: string;
}

/** What BullMQ's classes have in common over both backends; their own types name the backend and are not assignable. */
interface Connected {
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

export interface OpenQueue extends Connected {
  add(name: string, data: JobData, options: JobsOptions): Promise<unknown>;
  getJobCounts(...types: ('wait' | 'active' | 'delayed')[]): Promise<Record<string, number>>;
}

export type OpenWorker = Connected;

export interface Backend {
  openQueue(): OpenQueue;
  openWorker(handle: (job: Job<JobData, void>) => Promise<void>, concurrency: number): OpenWorker;
}

const queueName: QueueName = 'operations';

/** Jobs leave no trace: what happened to an operation stands in the catalog. */
const jobOptions = { removeOnComplete: true, removeOnFail: true, attempts: 1 } as const;

/** In seconds. A new job wakes the worker by a notification, a delayed one by a timer: this is the safety net only. */
const drainDelay = 30;

/** In ms. A worker whose server went away looks again after this time; BullMQ's own 15 s would be felt. */
const runRetryDelay = 1_000;

/**
 * In ms. How soon the jobs of a worker that was killed are given to others: while such a job counts as running, the sweep's
 * asks for its operation are kept back behind it. BullMQ's own 30 s each would make a takeover six times longer than a lease.
 */
const takeover = { lockDuration: 5_000, stalledInterval: 2_500 };

export function postgresBackend(connectionString: string): Backend {
  const connectionOf = (max: number) => ({
    connectionString,
    max,
    migrate: true,
    application_name: 'berth-queue',
    // A job that a crash of the server forgets is brought back by the sweep: no commit of the queue waits for the disk.
    options: '-c synchronous_commit=off',
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  });
  return {
    openQueue: () =>
      new Queue(queueName, { connection: connectionOf(2), defaultJobOptions: jobOptions }, createPostgresBackend),
    openWorker: (handle, concurrency) =>
      new Worker(
        queueName,
        handle,
        { connection: connectionOf(3), concurrency, drainDelay, runRetryDelay, maxStalledCount: 100, ...takeover },
        createPostgresBackend,
      ),
  };
}

export function redisBackend(url: string): Backend {
  return {
    openQueue: () =>
      new Queue(queueName, {
        // Whoever asks is answered soon, even if the answer is that Redis is gone.
        connection: { url, maxRetriesPerRequest: 1 },
        prefix: 'berth',
        defaultJobOptions: jobOptions,
      }),
    openWorker: (handle, concurrency) =>
      new Worker(queueName, handle, {
        connection: { url, maxRetriesPerRequest: null },
        prefix: 'berth',
        concurrency,
        drainDelay: 5,
        runRetryDelay,
        maxStalledCount: 100,
        ...takeover,
      }),
  };
}
