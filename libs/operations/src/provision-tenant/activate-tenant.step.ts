import { decisiveStep, done } from '@berth/saga';
import type { Tools } from '../tools.js';
import type { ProvisionTenant } from './provision-tenant.input.js';

export const activateTenant = decisiveStep<ProvisionTenant, Pick<Tools, 'placements' | 'tenants'>>()({
  name: 'activate-tenant',
  describe: () => 'Make the placement current and the tenant ready.',

  async run({ input, tools }) {
    await tools.placements.switchTo(input.tenantId, { from: null, to: input.generation });
    await tools.tenants.transition(input.tenantId, { from: ['provisioning'], to: 'ready', reason: null });
    return done;
  },

  async hasHappened({ input, tools }) {
    return (await tools.placements.current(input.tenantId))?.generation === input.generation;
  },
});
