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

/** What a comparison makes of the move's row, which is one of `from`. */
interface Noted {
  readonly from: readonly MoveState[];
  readonly equal: MoveState;
  readonly unequal: MoveState;
}

/** States of the move's row while a switch is on its way, and what is written when it is made. */
export interface Course {
  readonly moveId: string;
  /** Where its comparisons are kept. */
  readonly compared: 'comparison' | 'reverseComparison';
  /** Comparisons before the switch: only a good one makes a move ready. */
  readonly waits: Noted;
  /** Comparisons of the switch itself. */
  readonly switches: Noted;
  readonly before: readonly MoveState[];
  readonly underWay: MoveState;
  readonly made: { readonly state: MoveState; readonly time: 'switchedAt' | 'reversedAt' };
}

export function courseOf({ reverses }: Pick<Switching, 'reverses'>, operationId: string): Course {
  if (reverses === undefined) {
    return {
      moveId: operationId,
      compared: 'comparison',
      waits: { from: ['catching-up', 'ready'], equal: 'ready', unequal: 'catching-up' },
      switches: { from: ['switching'], equal: 'switching', unequal: 'switching' },
      ...{ before: ['ready', 'switching'], underWay: 'switching' },
      made: { state: 'switched', time: 'switchedAt' },
    };
  }
  const stays = { from: ['reversing'], equal: 'reversing', unequal: 'reversing' } as const;
  return {
    ...{ moveId: reverses.moveId, compared: 'reverseComparison' },
    ...{ waits: stays, switches: stays, before: ['reversing'], underWay: 'reversing' },
    made: { state: 'reversed', time: 'reversedAt' },
  };
}

/** The dump of a move, of all of the tenant or of its definitions: one step discards either. */
export const dumpOf = (operationId: string): string => `move-${operationId}`;
