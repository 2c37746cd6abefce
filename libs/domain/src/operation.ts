import type { PlacementDecision } from './decision.js';
import type { TenantId } from './names.js';

/** One kind for each saga: a kind without one does not compile. */
export const operationKinds = [
  'provision-tenant',
  'adopt-tenant',
  'suspend-tenant',
  'resume-tenant',
  'repair-tenant',
  'change-plan',
  'quarantine-tenant',
  'remove-tenant',
  'move-tenant',
  'reverse-move',
  'complete-move',
  'rotate-login',
] as const;
export type OperationKind = (typeof operationKinds)[number];

/** Kinds that wait for a person's yes before they decide. */
export const confirmedKinds: readonly OperationKind[] = ['adopt-tenant'];

/**
 * `queued` waits for a worker; `running` has a lease; `waiting` knows why and until when; `undoing` goes back; the rest are
 * ends, except `needs-operator`, which a person ends by `retry` or `cancel`.
 */
export const operationStates = [
  'queued',
  'running',
  'waiting',
  'undoing',
  'needs-operator',
  'succeeded',
  'cancelled',
  'failed',
] as const;
export type OperationState = (typeof operationStates)[number];

export const endedOperationStates = ['succeeded', 'cancelled', 'failed'] as const satisfies readonly OperationState[];

export function hasEnded(state: OperationState): boolean {
  return (endedOperationStates as readonly OperationState[]).includes(state);
}

export const openOperationStates = operationStates.filter((state) => !hasEnded(state));

export const stepStates = ['pending', 'started', 'done', 'undo-started', 'undone'] as const;
export type StepState = (typeof stepStates)[number];

/** `done` and `total` count `unit`s; `total` null: not known yet. */
export interface Amount {
  readonly done: number;
  readonly total: number | null;
  readonly unit: 'bytes' | 'rows' | 'tables' | 'steps';
}

/** How far a long step is. `also`: the same work in other units, where they are known. */
export interface Progress extends Amount {
  readonly text: string;
  readonly also?: readonly Amount[];
}

/** What is kept of it. Steps of an older Berth have told neither. */
export interface NotedProgress extends Progress {
  /** When the step told it. */
  readonly at?: string;
  /** Of this step alone, at its pace of the last half minute; null: nobody knows. */
  readonly secondsLeft?: number | null;
}

/** An error as it is kept and shown; never holds a secret. */
export interface ErrorReport {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface OperationStep {
  /** 1 for the first. */
  readonly number: number;
  readonly name: string;
  /** The sentence of the plan. */
  readonly description: string;
  readonly state: StepState;
  readonly pointOfNoReturn: boolean;
  readonly attempts: number;
  readonly progress: NotedProgress | null;
  readonly error: ErrorReport | null;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
}

export interface Operation {
  readonly id: string;
  readonly kind: OperationKind;
  readonly tenantId: TenantId;
  /** Clusters that it works on: their limits of operations at the same time count it. */
  readonly clusterIds: readonly string[];
  readonly state: OperationState;
  /** Why it waits, failed or needs an operator, and what to do; null when there is nothing to say. */
  readonly reason: string | null;
  readonly error: ErrorReport | null;
  readonly cancelRequestedAt: Date | null;
  readonly requestedBy: string;
  /** Where the tenant was to go and why; null for operations that choose no place. */
  readonly decision: PlacementDecision | null;
  readonly steps: readonly OperationStep[];
  readonly result: Readonly<Record<string, unknown>> | null;
  readonly nextAttemptAt: Date | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
}

/**
 * Who acts, for every port method that changes something. `fence` is the number of the lease, it only grows: a worker that
 * lost its lease still carries the old one, and is refused wherever the newer one has been seen.
 */
export interface Actor {
  readonly operationId: string;
  readonly tenantId: TenantId;
  readonly fence: number;
}
