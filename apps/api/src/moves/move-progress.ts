import { z } from 'zod';
import { isClosedMove, type Move, type MoveProgress, progressOfMove } from '@berth/domain';
import type { OperationCatalog } from '@berth/ports';
import { errorDto } from '../operations/operation.dto.js';
import { output, time, timeField, timeOrNull } from '../http/dto.js';

type OpenOperations = Pick<OperationCatalog, 'openOf'>;

/** How far these moves are, by their ids. Those that have ended ask the catalog nothing, the others one question together. */
export async function progressOfMoves(
  operations: OpenOperations,
  moves: readonly Move[],
  now = new Date(),
): Promise<ReadonlyMap<string, MoveProgress>> {
  const open = moves.filter(({ state }) => !isClosedMove(state));
  if (open.length === 0) return new Map();
  const atWork = await operations.openOf(open.map(({ tenantId }) => tenantId));
  const byTenant = new Map(atWork.map((operation) => [operation.tenantId, operation]));
  return new Map(
    open.flatMap((move) => {
      const progress = progressOfMove(move, byTenant.get(move.tenantId) ?? null, now);
      return progress === null ? [] : [[move.id, progress] as const];
    }),
  );
}

const counted = (description: string) =>
  z
    .object({ done: z.number(), total: z.number().nullable().meta({ description: 'Null: not known.' }) })
    .nullable()
    .meta({ description });

export const moveProgressExample = {
  step: 'copy-rows',
  tables: { done: 31, total: 138 },
  rows: { done: 18_204_113, total: null },
  bytes: { done: 1_288_490_188, total: 4_294_967_296 },
  secondsLeft: 183,
  lag: { bytes: 12_582_912, seconds: null, at: '2026-11-21T09:30:58.000Z' },
  retained: { bytes: 201_326_592, maxBytes: 17_179_869_184, warns: false },
  verifiedAt: null,
  verificationAgeSeconds: null,
  trouble: null,
} as const;

export const moveProgressDto = output(
  'MoveProgress',
  z.object({
    step: z.string().nullable().meta({ description: 'Name of the step under way; null: nobody works on the move.' }),
    tables: counted('What the step under way has done of tables, where it counts them.'),
    rows: counted('As `tables`, in rows.'),
    bytes: counted('As `tables`, in bytes.'),
    secondsLeft: z.number().int().nullable().meta({
      description:
        'Of the step under way alone, at its pace of the last 30 seconds. Null: it has no pace yet, or is silent.',
    }),
    lag: z
      .object({
        bytes: z.number().meta({
          description:
            "Of the log of the tenant's server that the other end has not confirmed; neighbours write to it too.",
        }),
        seconds: z.number().nullable().meta({
          description:
            'How long a marker took from its commit until it was to be seen at the other end, or how long it has been on its way. Null: none was sent.',
        }),
        at: timeField,
      })
      .nullable()
      .meta({
        description:
          'How far the new place is behind; once the move has switched, the old one. Online moves only, the newest that is known.',
      }),
    retained: z
      .object({
        bytes: z.number(),
        maxBytes: z.number().meta({
          description: 'The `maxRetainedBytes` of the move: past it, it is undone, unless it has switched.',
        }),
        warns: z
          .boolean()
          .meta({ description: 'From half of it on: look at what keeps the other end from following.' }),
      })
      .nullable()
      .meta({ description: "What the tenant's server keeps of its log for the move, measured with `lag`." }),
    verifiedAt: timeField.nullable().meta({ description: 'When both ends were last found equal.' }),
    verificationAgeSeconds: z.number().int().nullable(),
    trouble: errorDto.nullable().meta({
      description: 'What keeps the operation at work from going on, or makes it go back. Null: nothing.',
    }),
  }),
  moveProgressExample,
);

export function moveProgressBody(progress: MoveProgress): z.output<typeof moveProgressDto> {
  const { lag, verifiedAt, ...rest } = progress;
  return {
    ...rest,
    lag: lag === null ? null : { bytes: lag.bytes, seconds: lag.seconds, at: time(lag.at) },
    verifiedAt: timeOrNull(verifiedAt),
  };
}
