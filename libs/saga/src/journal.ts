import type { ReportedError } from './reported-error.js';
import type { StepProgress } from './step.js';

export interface Lease {
  readonly operationId: string;
  /** Names the worker process, for people. */
  readonly owner: string;
  readonly fence: number;
}

export interface JournaledStep {
  readonly name: string;
  readonly state: 'pending' | 'started' | 'done' | 'undo-started' | 'undone';
  /** Failed attempts in the present direction. Waiting is no failure. */
  readonly failures: number;
  /** What the step gave; null until it is done. */
  readonly output: object | null;
  /** Of its last failure, also after a person had its failures forgotten; null when it is done. */
  readonly error: ReportedError | null;
}

export interface ClaimedOperation {
  readonly lease: Lease;
  readonly saga: string;
  readonly sagaVersion: number;
  readonly input: unknown;
  readonly direction: 'forward' | 'undo';
  readonly cancelRequested: boolean;
  /** Why it turned back; null while it goes forward or when it was cancelled. */
  readonly error: ReportedError | null;
  readonly steps: readonly JournaledStep[];
}

export type ClaimAnswer =
  | { readonly kind: 'claimed'; readonly operation: ClaimedOperation }
  /** `held`: another lease runs. `early`: its time has not come. `busy`: a limit of a cluster. `ended`, `absent`: nothing to do. */
  | { readonly kind: 'held' | 'early' | 'busy'; readonly retryAfterMs: number }
  | { readonly kind: 'ended' | 'absent' };

export type StepEvent =
  | { readonly kind: 'started' | 'undo-started' | 'undone' }
  | { readonly kind: 'done'; readonly output: object }
  | { readonly kind: 'failed'; readonly error: ReportedError }
  | { readonly kind: 'progress'; readonly progress: NotedProgress };

/** With what the engine adds: when the step told it, and how long it would take on at its pace; null: nobody knows. */
export interface NotedProgress extends StepProgress {
  readonly at?: string;
  readonly secondsLeft?: number | null;
}

export type Settlement =
  /** Gives the lease back; somebody goes on after that time. `queued` needs no reason: the worker was asked to leave. */
  | { readonly state: 'queued' }
  | {
      readonly state: 'waiting';
      readonly retryAfterMs: number;
      readonly because: string;
      readonly error: ReportedError | null;
    }
  | { readonly state: 'needs-operator'; readonly because: string; readonly error: ReportedError }
  | { readonly state: 'succeeded'; readonly result: object }
  | { readonly state: 'cancelled' }
  | { readonly state: 'failed'; readonly error: ReportedError };

/** Thrown by the journal when the lease is not the newest any more: somebody else works on the operation now. */
export class LeaseLost extends Error {
  constructor(readonly lease: Lease) {
    super(`The lease ${String(lease.fence)} of operation ${lease.operationId} was lost.`);
    this.name = 'LeaseLost';
  }
}

/** Where the truth about an operation is kept. Every method but `claim` is refused with {@link LeaseLost} when a newer lease exists. */
export abstract class Journal {
  /** Takes the lease with the next fencing number, if the operation is due and nobody else holds it. */
  abstract claim(
    operationId: string,
    options: { readonly owner: string; readonly leaseMs: number },
  ): Promise<ClaimAnswer>;

  /** Prolongs the lease from now on, and tells whether somebody asked to cancel. */
  abstract renew(lease: Lease, leaseMs: number): Promise<{ readonly cancelRequested: boolean }>;

  /** Records before and after each act. `failed` counts; the first `undo-started` begins a new count. */
  abstract recordStep(lease: Lease, step: string, event: StepEvent): Promise<void>;

  /** From now on the operation is undone; `error` null: it was cancelled. */
  abstract turnBack(lease: Lease, error: ReportedError | null): Promise<void>;

  /** Gives the lease back with the new state. */
  abstract settle(lease: Lease, settlement: Settlement): Promise<void>;
}
