import { done, step } from '@berth/saga';
import type { Tools } from '../tools.js';
import type { AdoptTenant } from './adopt-tenant.input.js';

/** From here on the tenant works by its own logins; what was before works too. */
export const beginTrial = step<AdoptTenant, Pick<Tools, 'placements' | 'tenants'>>()({
  name: 'begin-trial',
  describe: () => 'Make the placement current and the tenant ready, on trial.',

  async run({ input, tools }) {
    await tools.placements.switchTo(input.tenantId, { from: null, to: input.generation });
    await tools.tenants.transition(input.tenantId, {
      from: ['provisioning'],
      to: 'ready',
      reason: `On trial: the schema ${input.place.schema} was adopted, and its owners of before still work in it.`,
    });
    return done;
  },

  async undo({ input, tools }) {
    await tools.tenants.transition(input.tenantId, {
      from: ['ready', 'provisioning'],
      to: 'provisioning',
      reason: null,
    });
    // A current placement cannot be retired alone; the tenant has no other that lives.
    await tools.placements.retireAll(input.tenantId);
    return done;
  },
});
