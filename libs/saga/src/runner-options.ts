import type { Failpoints } from './failpoints.js';
import type { Journal, Lease, Settlement } from './journal.js';
import type { ReportedError } from './reported-error.js';
import type { Saga } from './saga.js';

export type RetryClass = 'backoff' | 'wait' | 'never' | 'operator';

/** What happened to a step, for logs and metrics. Never decides anything. `input` is the operation's: it holds no secret. */
export interface RunObserver {
  stepEnded(event: {
    readonly operationId: string;
    readonly input: unknown;
    readonly saga: string;
    readonly step: string;
    readonly direction: 'run' | 'undo';
    readonly outcome: 'done' | 'not-yet' | 'failed' | 'stopped';
    readonly ms: number;
    readonly error?: unknown;
  }): void;
  settled(event: {
    readonly operationId: string;
    readonly input: unknown;
    readonly saga: string;
    readonly settlement: Settlement;
  }): void;
}

export interface RunnerOptions<Tools> {
  readonly sagas: ReadonlyMap<string, Saga<never, Tools>>;
  readonly tools: Tools;
  /** The tools whose changes carry the lease, in the place of those above. */
  readonly fenced?: (lease: Lease) => Partial<Tools>;
  readonly journal: Journal;
  /** Tells what to do about an error of a step, and how to report it without a secret. */
  readonly classify: (error: unknown) => { readonly retry: RetryClass; readonly report: ReportedError };
  readonly owner: string;
  readonly leaseMs: number;
  readonly failpoints: Failpoints;
  readonly observer: RunObserver;
  /** Attempts of one step that fails with `backoff` before the operation goes back; after the point of no return, or on the way back, an operator is asked. */
  readonly maxAttempts: number;
  /** Wait before attempt n + 1. */
  readonly backoffMs: (attempt: number) => number;
}
