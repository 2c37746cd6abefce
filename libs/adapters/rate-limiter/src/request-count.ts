import type { RequestCount } from '@berth/ports';
import type { RateLimiterRes } from 'rate-limiter-flexible';

/** Counting is all that is asked of the library: how much is too much, the API decides. */
export function limiterOptions(windowSeconds: number) {
  return { points: Number.MAX_SAFE_INTEGER, duration: windowSeconds };
}

/** Null: this caller has no window open. */
export function countOf(state: RateLimiterRes | null): RequestCount {
  return { count: state?.consumedPoints ?? 0, windowEndsInMs: Math.max(0, state?.msBeforeNext ?? 0) };
}
