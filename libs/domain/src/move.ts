import type { ComparisonReport } from './comparison.js';
import type { TenantId } from './names.js';
import type { ErrorReport } from './operation.js';
import type { ReadBack } from './read-back.js';
import type { Tier } from './tenant.js';

export const moveStrategies = ['online', 'dump'] as const;
export type MoveStrategy = (typeof moveStrategies)[number];

/** `promote`: shared to dedicated; `demote`: back; `relocate`: shared to another shared cluster. */
export type MoveDirection = 'promote' | 'demote' | 'relocate';

export type SwitchMode = 'auto' | 'manual';

/** When a move may switch; outside of it the tenant is left alone. */
export interface SwitchWindow {
  /** ISO 8601; null: as soon as all is ready. */
  readonly notBefore: string | null;
  /** ISO 8601; a move that has not begun to switch by then is undone. Null: it waits as long as it takes. */
  readonly deadline: string | null;
}

export const moveStates = [
  'preflight',
  'provisioned',
  'schema-copied',
  'copying',
  'catching-up',
  'ready',
  'switching',
  'switched',
  'completing',
  'completed',
  'reversing',
  'reversed',
  'cancelled',
  'needs-operator',
] as const;
export type MoveState = (typeof moveStates)[number];

/** Ends of a move. A reversed one still keeps the place that it was to lead to, until it is completed. */
export const closedMoveStates = ['completed', 'cancelled'] as const satisfies readonly MoveState[];

export function isClosedMove(state: MoveState): boolean {
  return (closedMoveStates as readonly MoveState[]).includes(state);
}

/** How far the new place is behind the old one, at one moment; after the switch, the other way round. */
export interface MoveLag {
  /** Of the old server's log, from what the other end has confirmed to its end. Neighbours write to that log too. */
  readonly bytes: number;
  /** How long a marker took from its commit until it was to be seen at the other end. Null: none was sent, or it did not come in time. */
  readonly seconds: number | null;
  /** What the old server keeps of its log for the other end, in bytes: at least `bytes`, and on its disk. */
  readonly retainedBytes: number;
  readonly at: Date;
}

export interface Move {
  /** The id of the operation that runs the move up to the switch. */
  readonly id: string;
  readonly tenantId: TenantId;
  readonly strategy: MoveStrategy;
  readonly direction: MoveDirection;
  readonly switchMode: SwitchMode;
  readonly state: MoveState;
  readonly reason: string | null;
  /** What it was undone for, or its reverse; null: for nothing that failed. */
  readonly error: ErrorReport | null;
  /** What was found to be gone when it was undone, or completed; null: it was neither. */
  readonly readBack: ReadBack | null;
  readonly fromGeneration: number;
  readonly toGeneration: number;
  readonly fromClusterId: string;
  readonly toClusterId: string;
  /** Set when somebody pressed switch, or at the start of an automatic move. */
  readonly switchRequestedAt: Date | null;
  /** Set while somebody waits for a fresh comparison; null: nobody does, or it was made. */
  readonly verifyRequestedAt: Date | null;
  readonly switchedAt: Date | null;
  /** When it was taken back to the old place; null: it was not. */
  readonly reversedAt: Date | null;
  /** Of log that a server may keep for it, see {@link StreamLimits}; null: a move by dump, which has no stream. */
  readonly maxRetainedBytes: number | null;
  /** The plan that the tenant had before, if the move gave it another one. */
  readonly planBefore: string | null;
  /** How long writers were refused or held, from the fence to the open target, in ms, at the last switch; null before it. */
  readonly writePauseMs: number | null;
  /** The last before the switch, or of both ends as they were at it. */
  readonly comparison: ComparisonReport | null;
  /** The same of the reverse; null: there was none. */
  readonly reverseComparison: ComparisonReport | null;
  /** Of both ends as they were compared last before a switch, by which that switch goes; null: nothing was compared. */
  readonly comparedStamp: string | null;
  /** The newest that is known; null: there was no stream yet. */
  readonly lag: MoveLag | null;
  readonly version: number;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

export function directionOf(from: Tier, to: Tier): MoveDirection {
  if (from === to) return 'relocate';
  return to === 'dedicated' ? 'promote' : 'demote';
}
