import { exchanged, type MoveState, type ReplicationStream, type StreamDirection, streamsOf } from '@berth/domain';
import type { Switching } from './move-tenant.input.js';

type Streams = Readonly<Record<StreamDirection, ReplicationStream>>;

/** As this switch sees them: `forward` leads to its target, `reverse` is its way back. */
export function streamsOfMove({
  source,
  target,
  reverses,
}: Pick<Switching, 'source' | 'target' | 'reverses'>): Streams {
  if (reverses === undefined) return streamsOf(source.place, target.place, target.generation);
  return exchanged(streamsOf(target.place, source.place, reverses.generation));
}

/** States of the move's row while a switch is on its way, and what is written when it is made. */
export interface Course {
  readonly moveId: string;
  /** Where its comparisons are kept. */
  readonly compared: 'comparison' | 'reverseComparison';
  readonly before: readonly MoveState[];
  readonly underWay: MoveState;
  readonly made: { readonly state: MoveState; readonly time: 'switchedAt' | 'reversedAt' };
}

export function courseOf({ reverses }: Pick<Switching, 'reverses'>, operationId: string): Course {
  if (reverses === undefined) {
    const made = { state: 'switched', time: 'switchedAt' } as const;
    return { moveId: operationId, compared: 'comparison', before: ['ready', 'switching'], underWay: 'switching', made };
  }
  const made = { state: 'reversed', time: 'reversedAt' } as const;
  return { moveId: reverses.moveId, compared: 'reverseComparison', before: ['reversing'], underWay: 'reversing', made };
}

/** The dump of a move, of all of the tenant or of its definitions: one step discards either. */
export const dumpOf = (operationId: string): string => `move-${operationId}`;
