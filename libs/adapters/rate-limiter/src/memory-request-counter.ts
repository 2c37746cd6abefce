import { RequestCounter, type RequestCount } from '@berth/ports';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { countOf, limiterOptions } from './request-count.js';

/**
 * Counts for this process alone, and takes nothing but memory. Not in the catalog: a write there for each request would cost
 * more than most requests do, and where there are several API processes there is a Redis as well.
 */
export class MemoryRequestCounter extends RequestCounter {
  readonly #limiter: RateLimiterMemory;

  constructor(windowSeconds: number = RequestCounter.windowSeconds) {
    super();
    this.#limiter = new RateLimiterMemory(limiterOptions(windowSeconds));
  }

  async add(caller: string): Promise<RequestCount> {
    return countOf(await this.#limiter.penalty(caller));
  }

  async look(caller: string): Promise<RequestCount> {
    return countOf(await this.#limiter.get(caller));
  }

  async close(): Promise<void> {}
}
