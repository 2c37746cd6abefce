import { schemaNameOf, type TenantId } from '@berth/domain';
import { inTurn, type Ambush } from '@berth/testing';
import type { Ending } from './cells.js';

export type SwitchLine = 'shared-1' | 'shared-2' | 'pool-1';

/** A message by which a worker does one thing of the switch. */
interface Message {
  /** To the source, the target, or the console of the pooler. */
  readonly line: SwitchLine;
  /** What one connection says, one after the other, up to the message. */
  readonly words: (tenantId: TenantId, moveId: string) => readonly RegExp[];
}

/** One point of the switch: see `run` in `libs/adapters/postgres/src/switch/switch-attempt.ts`. */
export interface SwitchPoint extends Message {
  /** As it is numbered there. */
  readonly name: string;
  /** The method that `run` calls there. */
  readonly method: string;
  /** The same is said elsewhere, too: it is listened for from this message on. */
  readonly from?: Message;
  /** Whether the move is decided when the server has not heard the message, and when it has. */
  readonly decided: { readonly before: boolean; readonly after: boolean };
}

const not = { before: false, after: false };
const long = { before: true, after: true };

const lock: Message = { line: 'shared-1', words: () => [/LOCK TABLE .* IN SHARE ROW EXCLUSIVE MODE/s] };
const pivot: Message = {
  line: 'shared-1',
  words: (_, moveId) => [new RegExp(`INSERT INTO berth\\.moved.*${moveId}.*COMMIT`, 's')],
};

/** In the order of `run`; those of the second act go on side by side. */
export const switchPoints: readonly SwitchPoint[] = [
  {
    name: '0 bring the sequences',
    method: '#bringSequences',
    line: 'shared-2',
    words: () => [/setval\(/],
    decided: not,
  },
  {
    name: '0 creators',
    method: '#stopCreators',
    line: 'shared-1',
    words: (tenantId) => [new RegExp(`REVOKE CREATE ON SCHEMA "?${schemaNameOf(tenantId)}`), /COMMIT/],
    decided: not,
  },
  {
    name: '0 hold at poolers',
    method: 'hold',
    line: 'pool-1',
    words: (tenantId) => [new RegExp(`PAUSE "${tenantId}"`)],
    decided: not,
  },
  { name: '1 lock', method: '#lockSource', ...lock, decided: not },
  { name: '2a arm', method: '#armFence', line: 'shared-1', words: () => [/ENABLE TRIGGER/], from: lock, decided: not },
  {
    name: '2b marker',
    method: '#awaitEverything',
    line: 'shared-1',
    words: () => [/UPDATE \S+ SET n = n \+ 1/],
    from: lock,
    decided: not,
  },
  {
    name: '2c read the sequences',
    method: '#readSource',
    line: 'shared-1',
    words: () => [/last_value::text AS last/],
    from: lock,
    decided: not,
  },
  {
    name: '2d fence off the target',
    method: '#fenceTarget',
    line: 'shared-2',
    words: () => [/INSERT INTO berth\.operation_fence/],
    from: lock,
    decided: not,
  },
  {
    name: '3 sequences',
    method: '#setSequences',
    line: 'shared-2',
    words: () => [/COMMIT; BEGIN; SET LOCAL synchronous_commit = off/],
    from: lock,
    decided: not,
  },
  { name: '4 pivot', method: '#decide', ...pivot, decided: { before: false, after: true } },
  {
    name: '5 open',
    method: '#openGate',
    line: 'shared-2',
    // The gate's row is written before the pivot; then nothing but COMMIT is said.
    words: () => [/UPDATE berth\.gate SET open/, /^Q[^]{4}COMMIT\0/],
    decided: long,
  },
  {
    name: '5 follow at poolers',
    method: 'follow',
    line: 'pool-1',
    words: (tenantId) => [new RegExp(`RESUME "${tenantId}"`)],
    from: pivot,
    decided: long,
  },
];

/** One death of a worker in the middle of the switch. */
export interface SwitchCell {
  readonly point: SwitchPoint;
  readonly when: Ambush['when'];
  readonly ending: Ending;
}

const ways = (['before the server', 'after the server'] as const).flatMap((when) =>
  (['resume', 'cancel'] as const).map((ending) => ({ when, ending })),
);

/** Each point in each way; in the short form the ways take turns, but at the point that decides. */
export function switchCells(extent: 'short' | 'full'): readonly SwitchCell[] {
  const waysOf = ({ name, decided }: SwitchPoint) =>
    extent === 'full' || decided.before !== decided.after ? ways : inTurn(name, ways);
  return switchPoints.flatMap((point) => waysOf(point).map((way) => ({ point, ...way })));
}

/** Who cancels before the decision gets the tenant back where it was; after it the move goes on, as nothing takes it back. */
export function endOfCell({ point, when, ending }: SwitchCell): 'succeeded' | 'cancelled' {
  const decided = when === 'before the server' ? point.decided.before : point.decided.after;
  return ending === 'cancel' && !decided ? 'cancelled' : 'succeeded';
}

/** A line for each point and side of its message: how the move ended that went on, and that was cancelled. */
export function switchTable(ends: ReadonlyMap<SwitchCell, string>): readonly (readonly string[])[] {
  return switchPoints.flatMap((point) =>
    (['before the server', 'after the server'] as const).map((when) => {
      const endOf = (ending: Ending) =>
        [...ends].find(([cell]) => cell.point === point && cell.when === when && cell.ending === ending)?.[1] ?? '';
      return [point.name, when, endOf('resume'), endOf('cancel')];
    }),
  );
}
