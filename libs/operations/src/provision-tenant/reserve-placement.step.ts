import { done, step } from '@berth/saga';
import { retireOwn } from '../steps/retire-own.js';
import type { Tools } from '../tools.js';
import type { ProvisionTenant } from './provision-tenant.input.js';

export const reservePlacement = step<ProvisionTenant, Pick<Tools, 'placements' | 'tenants'>>()({
  name: 'reserve-placement',
  describe: ({ place, generation }) =>
    `Reserve the schema ${place.schema} on cluster ${place.clusterId} as generation ${String(generation)}.`,

  async run({ input, operationId, tools }) {
    const { place, tier, generation } = input;
    await tools.placements.reserve({ ...place, tier, generation, operationId });
    return done;
  },

  undoUnstarted: 'the row of the tenant was written with the operation',

  /** Runs last on the way back: what the other steps made is gone by now. */
  async undo({ input, operationId, tools }) {
    await retireOwn(tools, input.tenantId, input.generation, operationId);
    await tools.tenants.transition(input.tenantId, {
      from: ['provisioning', 'failed'],
      to: 'failed',
      reason: `It was not provisioned and nothing of it is left. Create it again: berth tenants create ${input.tenantId}`,
    });
    return done;
  },
});
