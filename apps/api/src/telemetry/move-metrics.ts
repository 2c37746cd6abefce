import type { Move, MoveProgress } from '@berth/domain';
import type { MoveCatalog, OperationCatalog } from '@berth/ports';
import { type Counter, Gauge, type Registry } from 'prom-client';
import { progressOfMoves } from '../moves/move-progress.js';

/** Each open move is a series of its own in every gauge: of more than the newest hundred a monitoring system would have too many. */
const mostMoves = 100;

const counted = (['tables', 'rows', 'bytes'] as const).flatMap((unit) => [
  {
    name: `berth_move_${unit}_done`,
    help: `What the step under way of an open move has done, in ${unit}. The newest 100 open moves.`,
    of: (progress: MoveProgress) => progress[unit]?.done,
  },
  {
    name: `berth_move_${unit}_total`,
    help: `How much there is for the step under way of an open move, in ${unit}, where that is known. The newest 100 open moves.`,
    of: (progress: MoveProgress) => progress[unit]?.total,
  },
]);

const gauges = [
  ...counted,
  {
    name: 'berth_move_lag_bytes',
    help: 'How far the other end of an open online move is behind, in bytes of log. The newest 100 open moves.',
    of: ({ lag }: MoveProgress) => lag?.bytes,
  },
  {
    name: 'berth_move_lag_seconds',
    help: 'How far the other end of an open online move is behind, by a marker. The newest 100 open moves.',
    of: ({ lag }: MoveProgress) => lag?.seconds,
  },
  {
    name: 'berth_move_retained_bytes',
    help: "What the tenant's server keeps of its log for an open online move. The newest 100 open moves.",
    of: ({ retained }: MoveProgress) => retained?.bytes,
  },
  {
    name: 'berth_move_retained_ratio',
    help: 'The same as a part of what it may keep at most. From 0.5 on somebody has to look. The newest 100 open moves.',
    of: ({ retained }: MoveProgress) => (retained === null ? null : retained.bytes / retained.maxBytes),
  },
  {
    name: 'berth_move_seconds_left',
    help: 'Estimated time until the step under way of an open move is done. The newest 100 open moves.',
    of: ({ secondsLeft }: MoveProgress) => secondsLeft,
  },
  {
    name: 'berth_move_verification_age_seconds',
    help: 'Time since both ends of an open move were last found equal. The newest 100 open moves.',
    of: ({ verificationAgeSeconds }: MoveProgress) => verificationAgeSeconds,
  },
];

type Told = readonly (readonly [Move, MoveProgress | undefined])[];

/** How far open moves are, read once for all gauges of a scrape. What nobody knows of a move has no series. */
export function tellMoves(
  registry: Registry,
  unread: Counter<'metric'>,
  ports: { readonly moves: Pick<MoveCatalog, 'list'>; readonly operations: Pick<OperationCatalog, 'openOf'> },
): void {
  let reading: Promise<Told> | undefined;
  const read = (): Promise<Told> => (reading ??= readMoves(ports).finally(() => (reading = undefined)));
  for (const { name, help, of } of gauges) {
    new Gauge({
      name,
      help,
      labelNames: ['tenant', 'move'],
      registers: [registry],
      async collect() {
        this.reset();
        try {
          for (const [{ id: move, tenantId: tenant }, progress] of await read()) {
            const value = progress === undefined ? null : of(progress);
            if (value !== null && value !== undefined) this.set({ tenant, move }, value);
          }
        } catch {
          unread.inc({ metric: name });
        }
      },
    });
  }
}

async function readMoves({ moves, operations }: Parameters<typeof tellMoves>[2]): Promise<Told> {
  const { items } = await moves.list({ open: true }, { limit: mostMoves });
  const progress = await progressOfMoves(operations, items);
  return items.map((move) => [move, progress.get(move.id)]);
}
