import { BerthError, type ReadBack } from '@berth/domain';
import { done, step, type UndoContext } from '@berth/saga';
import { readBack, type ReadBackTools } from '../steps/read-back.js';
import { retireOwn } from '../steps/retire-own.js';
import { turnedBack } from '../steps/turned-back.js';
import type { Tools } from '../tools.js';
import { streamsOfMove } from './course.js';
import type { MoveTenant } from './move-tenant.input.js';

type UndoTools = ReadBackTools & Pick<Tools, 'moves' | 'placements'>;

export const reserveTarget = step<MoveTenant, UndoTools>()({
  name: 'reserve-target',
  describe: ({ target }) =>
    `Reserve ${target.place.schema} on cluster ${target.place.clusterId} as generation ${String(target.generation)}.`,

  async run({ input, operationId, tools }) {
    const { place, tier, generation } = input.target;
    const current = await tools.placements.current(input.tenantId);
    if (current?.generation !== input.source.generation) {
      throw new BerthError('placement-conflict', `Tenant ${input.tenantId} is not where the plan of this move says.`, {
        hint: `Look where it is (berth tenants show ${input.tenantId}), then plan the move anew.`,
        details: { planned: input.source.place.clusterId, found: current?.clusterId ?? null },
      });
    }
    await tools.placements.reserve({ ...place, tier, generation, operationId });
    return done;
  },

  undoUnstarted: 'the row of the move was written with the operation',

  /** Runs last on the way back: the target is gone and the source is as it was. */
  async undo(context) {
    const { input, operationId, tools, because } = context;
    const found = await nothingLeft(context);
    await retireOwn(tools, input.tenantId, input.target.generation, operationId);
    await tools.moves.transition(operationId, {
      from: [
        ...(['preflight', 'provisioned', 'schema-copied', 'copying', 'catching-up'] as const),
        ...(['ready', 'switching', 'needs-operator', 'cancelled'] as const),
      ],
      to: 'cancelled',
      ...turnedBack(because, 'The tenant stayed where it was; nothing of the move is left.'),
      ...(found !== null && { readBack: found }),
    });
    return done;
  },
});

/**
 * What is read back on both servers. Before the target was made there was nothing to leave, and no server has to answer for a move to be
 * cancelled: null, or the instance alone. @throws `leftovers-found`
 */
async function nothingLeft({
  input,
  operationId,
  tools,
}: UndoContext<MoveTenant, UndoTools>): Promise<ReadBack | null> {
  const { source, target, instance } = input;
  const ownInstance = instance !== null;
  const move = await tools.moves.get(operationId);
  if (move === null || move.state === 'cancelled') return null;
  const begun = move.state !== 'preflight';
  if (!begun && !ownInstance) return null;
  return await readBack(tools, {
    streams: begun && move.strategy === 'online' ? Object.values(streamsOfMove(input)) : [],
    place: target.place,
    ownInstance,
    home: begun ? source.place : null,
  });
}
