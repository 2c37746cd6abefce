import { decisiveStep, done } from '@berth/saga';
import type { Tools } from '../tools.js';
import type { RemoveTenant } from './remove-tenant.input.js';

export const decideRemoval = decisiveStep<RemoveTenant, Pick<Tools, 'tenants'>>()({
  name: 'decide-removal',
  describe: () => 'Record that the tenant is being removed: from here on there is no way back.',

  async run({ input, tools }) {
    await tools.tenants.transition(input.tenantId, { from: [input.stateBefore], to: 'removing', reason: input.reason });
    return done;
  },

  hasHappened: async ({ input, tools }) => (await tools.tenants.get(input.tenantId))?.state === 'removing',
});
