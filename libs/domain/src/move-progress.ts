import { isClosedMove, type Move, type MoveLag } from './move.js';
import { isMuchRetained } from './stream.js';
import type { Amount, ErrorReport, NotedProgress, Operation, OperationKind } from './operation.js';

/** What is done of something and, where that is known, how much there is. */
export type Counted = Pick<Amount, 'done' | 'total'>;

/** What a server keeps of its log for a move, of how much it may keep, in bytes. */
export interface RetainedLog {
  readonly bytes: number;
  readonly maxBytes: number;
  /** So much that somebody has to look. */
  readonly warns: boolean;
}

/** How far an open move is; each part null as long as nobody knows it. */
export interface MoveProgress {
  /** Name of the step that is under way; null: nobody works on the move. */
  readonly step: string | null;
  /** Of that step, as are rows and bytes. */
  readonly tables: Counted | null;
  readonly rows: Counted | null;
  readonly bytes: Counted | null;
  /** Of that step alone, at its pace of the last half minute. */
  readonly secondsLeft: number | null;
  readonly lag: MoveLag | null;
  /** Of a server's log, measured with the lag. */
  readonly retained: RetainedLog | null;
  /** When both ends were last found equal. */
  readonly verifiedAt: Date | null;
  readonly verificationAgeSeconds: number | null;
  /** What keeps who works on it from going on, or makes them go back; null: nothing. */
  readonly trouble: ErrorReport | null;
}

/** Operations that work on the open move of their tenant. */
export const kindsOfMoves: readonly OperationKind[] = ['move-tenant', 'reverse-move', 'complete-move'];

/** What a step told longer ago says nothing about now. */
const freshMs = 30_000;

/** `operation`: the one of the tenant that has not ended, if there is one. Null: the move has ended, or not begun. */
export function progressOfMove(move: Move, operation: Operation | null, now: Date): MoveProgress | null {
  const own = operation !== null && kindsOfMoves.includes(operation.kind) ? operation : null;
  const begun = move.state !== 'preflight' || (own !== null && own.startedAt !== null);
  if (isClosedMove(move.state) || !begun) return null;
  const step = own?.steps.find(({ state }) => state === 'started' || state === 'undo-started') ?? null;
  // The numbers of a step that is being undone are those of its way there.
  const told = step?.state === 'started' ? step.progress : null;
  const compared = move.reverseComparison ?? move.comparison;
  const lag = lagOf(move);
  const verifiedAt = compared?.equal === true ? new Date(compared.comparedAt) : null;
  return {
    step: step?.name ?? null,
    tables: countedIn(told, 'tables'),
    rows: countedIn(told, 'rows'),
    bytes: countedIn(told, 'bytes'),
    secondsLeft: own?.state === 'running' ? secondsLeftOf(told, now) : null,
    lag,
    retained: lag === null ? null : retainedOf(move, lag),
    verifiedAt,
    verificationAgeSeconds:
      verifiedAt === null ? null : Math.max(0, Math.floor((now.getTime() - verifiedAt.getTime()) / 1_000)),
    trouble: own?.error ?? null,
  };
}

/** What was measured before the switch, or before the way back, is that of a stream that leads the other way. */
function lagOf({ lag, switchedAt, reversedAt }: Move): MoveLag | null {
  const turnedAt = reversedAt ?? switchedAt;
  return lag === null || (turnedAt !== null && lag.at < turnedAt) ? null : lag;
}

function retainedOf({ maxRetainedBytes: maxBytes }: Move, { retainedBytes: bytes }: MoveLag): RetainedLog | null {
  return maxBytes === null ? null : { bytes, maxBytes, warns: isMuchRetained(bytes, maxBytes) };
}

function countedIn(told: NotedProgress | null, unit: Amount['unit']): Counted | null {
  const found = told === null ? undefined : [told, ...(told.also ?? [])].find((one) => one.unit === unit);
  return found === undefined ? null : { done: found.done, total: found.total };
}

function secondsLeftOf(told: NotedProgress | null, now: Date): number | null {
  if (told?.at === undefined || now.getTime() - Date.parse(told.at) > freshMs) return null;
  return told.secondsLeft ?? null;
}
