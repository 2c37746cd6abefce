import { RequestCounter, type RequestCount } from '@berth/ports';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { MemoryRequestCounter } from './memory-request-counter.js';
import { countOf, limiterOptions } from './request-count.js';

/** A Redis as the counters need it. */
export interface CounterRedis {
  readonly prefix: string;
  connect(use: 'count'): { on(event: 'error', listener: (error: Error) => void): unknown; disconnect(): void };
}

/** How long nobody asks a Redis that did not answer, so that of an outage one request a second feels anything. */
const restMs = 1_000;

/**
 * Counts for all processes that share a Redis. While that does not answer, this process counts alone, from nothing: callers may
 * then ask as often as there are processes, which is better than not being answered.
 */
export class SharedRequestCounter extends RequestCounter {
  readonly #options: { readonly redis: CounterRedis; readonly onTrouble: (error: Error) => void };
  readonly #windowSeconds: number;
  readonly #alone: MemoryRequestCounter;
  /** Made with the first request: the module that provides this one is the worker's, too. */
  #shared: { readonly limiter: RateLimiterRedis; readonly disconnect: () => void } | null = null;
  #restUntil = 0;
  #isAlone = false;

  constructor(
    options: { readonly redis: CounterRedis; readonly onTrouble: (error: Error) => void },
    windowSeconds: number = RequestCounter.windowSeconds,
  ) {
    super();
    this.#options = options;
    this.#windowSeconds = windowSeconds;
    this.#alone = new MemoryRequestCounter(windowSeconds);
  }

  async add(caller: string): Promise<RequestCount> {
    return await this.#ask(
      async (limiter) => countOf(await limiter.penalty(caller)),
      () => this.#alone.add(caller),
    );
  }

  async look(caller: string): Promise<RequestCount> {
    return await this.#ask(
      async (limiter) => countOf(await limiter.get(caller)),
      () => this.#alone.look(caller),
    );
  }

  async close(): Promise<void> {
    this.#shared?.disconnect();
  }

  async #ask(
    shared: (limiter: RateLimiterRedis) => Promise<RequestCount>,
    alone: () => Promise<RequestCount>,
  ): Promise<RequestCount> {
    if (performance.now() < this.#restUntil) return await alone();
    try {
      this.#shared ??= this.#connect();
      const answer = await shared(this.#shared.limiter);
      this.#isAlone = false;
      return answer;
    } catch (error) {
      this.#restUntil = performance.now() + restMs;
      // Once an outage.
      if (!this.#isAlone) this.#options.onTrouble(countsAlone(error));
      this.#isAlone = true;
      return await alone();
    }
  }

  #connect() {
    const { redis } = this.#options;
    const connection = redis.connect('count');
    // Each attempt to come back fails with one, and each request that needed it says so.
    connection.on('error', () => undefined);
    const limiter = new RateLimiterRedis({
      ...limiterOptions(this.#windowSeconds),
      keyPrefix: `${redis.prefix}:requests`,
      storeClient: connection,
    });
    return { limiter, disconnect: () => connection.disconnect() };
  }
}

function countsAlone(error: unknown): Error {
  const because = error instanceof Error ? error.message : String(error);
  return new Error(`Until Redis answers this process counts requests alone: ${because}`, { cause: error });
}
