import { decisiveStep, done, forwardStep } from '@berth/saga';
import { actorOf, wantedAt, type Tools } from '../tools.js';
import type { AdoptTenant } from './adopt-tenant.input.js';

/** One transaction on the cluster decides: with it goes what is known of before. */
export const confirmAdoption = decisiveStep<AdoptTenant, Pick<Tools, 'adoption' | 'secrets'>>()({
  name: 'confirm-adoption',
  describe: ({ place }) =>
    `Take every right of others in ${place.schema} away, read it back, and forget what was before: from here on only forward.`,

  async run(context) {
    const { input, tools } = context;
    const wanted = await wantedAt(tools, input.place, input.limits, input.logins);
    return { done: { changes: await tools.adoption.confirm(wanted, actorOf(context)) } };
  },

  async hasHappened(context) {
    return (await context.tools.adoption.onTrial(context.input.place, actorOf(context))) === null;
  },
});

export const endTrial = forwardStep<AdoptTenant, Pick<Tools, 'tenants'>>()({
  name: 'end-trial',
  describe: () => 'Record that the tenant is ready, no more on trial.',
  async run({ input, tools }) {
    await tools.tenants.transition(input.tenantId, { from: ['ready'], to: 'ready', reason: null });
    return done;
  },
});
