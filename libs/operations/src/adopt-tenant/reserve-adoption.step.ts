import { done, step } from '@berth/saga';
import { retireOwn } from '../steps/retire-own.js';
import type { Tools } from '../tools.js';
import type { AdoptTenant } from './adopt-tenant.input.js';

export const reserveAdoption = step<AdoptTenant, Pick<Tools, 'placements' | 'tenants'>>()({
  name: 'reserve-adoption',
  describe: ({ place, generation }) =>
    `Reserve the schema ${place.schema}, which is there, on cluster ${place.clusterId} as generation ${String(generation)}.`,

  async run({ input, operationId, tools }) {
    const { place, tier, generation } = input;
    await tools.placements.reserve({ ...place, tier, generation, operationId });
    return done;
  },

  undoUnstarted: 'the row of the tenant was written with the operation',

  /** Runs last on the way back: the schema is as it was by now. */
  async undo({ input, operationId, tools }) {
    await retireOwn(tools, input.tenantId, input.generation, operationId);
    await tools.tenants.transition(input.tenantId, {
      from: ['provisioning', 'failed'],
      to: 'failed',
      reason: `It was not adopted: the schema ${input.place.schema} is as it was, and its own.`,
    });
    return done;
  },
});
