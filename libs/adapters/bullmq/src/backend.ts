import type { QueueName } from '@berth/ports';
import { type ConnectionOptions, createPostgresBackend, type Job, type JobsOptions, Queue, Worker } from 'bullmq';

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

/** A Redis as the queue needs it. Whoever provides one has seen to it that it evicts nothing. */
export interface QueueRedis {
  /** Every key of the queue begins with it and a colon: several systems share a Redis, and do not meet. */
  readonly prefix: string;
  /** `work`: commands wait for a server that is away. `ask`: they fail soon. */
  connect(use: 'work' | 'ask'): ConnectionOptions & RedisConnection;
}

interface RedisConnection {
  readonly status: string;
  disconnect(): void;
}

export function redisBackend(redis: QueueRedis): Backend {
  const { prefix } = redis;
  return {
    openQueue: () => {
      const connection = redis.connect('ask');
      return ending(connection, new Queue(queueName, { connection, prefix, defaultJobOptions: jobOptions }));
    },
    openWorker: (handle, concurrency) => {
      const connection = redis.connect('work');
      const waiting = { drainDelay: 5, runRetryDelay, maxStalledCount: 100, ...takeover };
      return ending(connection, new Worker(queueName, handle, { connection, prefix, concurrency, ...waiting }));
    },
  };
}

/** BullMQ leaves a connection open that it was given. */
function ending<User extends Connected>(connection: RedisConnection, user: User): User {
  const close = user.close.bind(user);
  user.close = async () => {
    // BullMQ takes leave of Redis before it closes: of one that is away at once, or that would be waited for.
    if (connection.status !== 'ready') connection.disconnect();
    await close();
    connection.disconnect();
  };
  return user;
}
