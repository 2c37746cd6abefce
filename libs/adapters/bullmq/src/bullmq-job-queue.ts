import { BerthError } from '@berth/domain';
import { JobQueue } from '@berth/ports';
import type { Job, JobsOptions } from 'bullmq';
import {
  type Backend,
  type JobData,
  type OpenQueue,
  type OpenWorker,
  type QueueRedis,
  postgresBackend,
  redisBackend,
} from './backend.js';

/** Where the queue lies: in a schema of its own in the catalog's database, or on a Redis. */
export type QueueHome = { readonly postgresUrl: string } | { readonly redis: QueueRedis };

export type JobQueueOptions = QueueHome & {
  /** Troubles of the connection, for the log, each at most every half a minute; the queue heals by itself. */
  readonly onError?: (error: Error) => void;
};

/** In ms. Each of several connections that tries to come back fails every second, and says the same. */
const quietFor = 30_000;

/** What is being asked must not wait for a server that does not answer: the sweep brings the operation anyway. */
const answerWithinMs = 5_000;

/** Operations' jobs on BullMQ: on PostgreSQL, or on Redis, with the same behaviour. */
export class BullmqJobQueue extends JobQueue {
  readonly #backend: Backend;
  readonly #onError: (error: Error) => void;
  readonly #workers: OpenWorker[] = [];
  #queue: Promise<OpenQueue> | null = null;
  #closed = false;

  constructor({ onError, ...home }: JobQueueOptions) {
    super();
    this.#backend = 'redis' in home ? redisBackend(home.redis) : postgresBackend(home.postgresUrl);
    this.#onError = onError === undefined ? () => undefined : seldom(onError);
  }

  async enqueue(operationId: string, options: { readonly delayMs?: number } = {}): Promise<void> {
    const { delayMs = 0 } = options;
    await this.#ask((queue) =>
      queue.add('run', { operationId }, delayMs > 0 ? { delay: delayMs } : atOnce(operationId)),
    );
  }

  async work(handle: (operationId: string) => Promise<void>, options: { readonly concurrency: number }): Promise<void> {
    const worker = this.#backend.openWorker(async (job: Job<JobData, void>) => {
      await handle(job.data.operationId).catch((error: unknown) => {
        this.#onError(error instanceof Error ? error : new Error(String(error)));
      });
    }, options.concurrency);
    worker.on('error', this.#onError);
    this.#workers.push(worker);
    try {
      await withinTime(worker.waitUntilReady());
    } catch (error) {
      throw unavailable(error);
    }
  }

  async depth(): Promise<{ readonly waiting: number; readonly active: number; readonly delayed: number }> {
    const counts = await this.#ask((queue) => queue.getJobCounts('wait', 'active', 'delayed'));
    return { waiting: counts['wait'] ?? 0, active: counts['active'] ?? 0, delayed: counts['delayed'] ?? 0 };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#workers.map((worker) => worker.close()));
    const queue = await this.#queue?.catch(() => null);
    await queue?.close();
  }

  async #ask<T>(question: (queue: OpenQueue) => Promise<T>): Promise<T> {
    if (this.#closed) throw new BerthError('queue-unavailable', 'The queue is closed.');
    try {
      return await withinTime(this.#open().then(question));
    } catch (error) {
      throw unavailable(error);
    }
  }

  /** A queue that could not begin remembers its failure for ever: it is dropped, and the next call begins a new one. */
  #open(): Promise<OpenQueue> {
    this.#queue ??= this.#begin().catch((error: unknown) => {
      this.#queue = null;
      throw error;
    });
    return this.#queue;
  }

  async #begin(): Promise<OpenQueue> {
    const queue = this.#backend.openQueue();
    queue.on('error', this.#onError);
    try {
      await withinTime(queue.waitUntilReady());
      return queue;
    } catch (error) {
      await queue.close().catch(() => undefined);
      throw error;
    }
  }
}

/**
 * One job that waits for an operation is enough: the sweep may ask every two seconds while all workers are busy. While one
 * runs, the last ask is kept and runs after it, so that no ask is lost to the very moment in which the handler ends.
 */
function atOnce(operationId: string): JobsOptions {
  return { deduplication: { id: operationId, keepLastIfActive: true } };
}

/** Passes an error on unless one of the same words was passed on a short while ago. */
function seldom(tell: (error: Error) => void): (error: Error) => void {
  const told = new Map<string, number>();
  return (error) => {
    const now = performance.now();
    for (const [words, at] of told) if (now - at >= quietFor) told.delete(words);
    if (told.has(error.message)) return;
    told.set(error.message, now);
    tell(error);
  };
}

async function withinTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${String(answerWithinMs)} ms`));
    }, answerWithinMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

function unavailable(error: unknown): BerthError {
  if (error instanceof BerthError) return error;
  const message = error instanceof AggregateError ? error.errors.map(String).join('; ') : String(error);
  return new BerthError('queue-unavailable', `The queue cannot be reached: ${withoutPassword(message)}`, {
    hint: 'Start the queue’s server. Nothing is lost: the sweep finds what could not be queued.',
    cause: error,
  });
}

function withoutPassword(text: string): string {
  return text.replace(/(\w+:\/\/[^\s:/@]*):[^\s@]+@/g, '$1:…@');
}
