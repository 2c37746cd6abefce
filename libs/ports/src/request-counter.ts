/** What one caller asked for in its present window. */
export interface RequestCount {
  readonly count: number;
  readonly windowEndsInMs: number;
}

/**
 * Counts requests of callers, each in windows of a minute that begin with its first request. It always answers: one that counts
 * together with other processes counts alone as long as it cannot reach what they share.
 */
export abstract class RequestCounter {
  static readonly windowSeconds = 60;

  /** Counts one more. */
  abstract add(caller: string): Promise<RequestCount>;

  /** What was counted so far; counts nothing. */
  abstract look(caller: string): Promise<RequestCount>;

  abstract close(): Promise<void>;
}
