import { BerthError } from '@berth/domain';
import { done, step } from '@berth/saga';
import { retireOwn } from '../steps/retire-own.js';
import { turnedBack } from '../steps/turned-back.js';
import type { Tools } from '../tools.js';
import type { MoveTenant } from './move-tenant.input.js';

export const reserveTarget = step<MoveTenant, Pick<Tools, 'moves' | 'placements'>>()({
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
  async undo({ input, operationId, tools, because }) {
    await retireOwn(tools, input.tenantId, input.target.generation, operationId);
    await tools.moves.transition(operationId, {
      from: [
        ...(['preflight', 'provisioned', 'schema-copied', 'copying', 'catching-up'] as const),
        ...(['ready', 'switching', 'needs-operator', 'cancelled'] as const),
      ],
      to: 'cancelled',
      ...turnedBack(because, 'The tenant stayed where it was; nothing of the move is left.'),
    });
    return done;
  },
});
