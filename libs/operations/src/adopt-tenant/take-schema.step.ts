import { done, step } from '@berth/saga';
import { actorOf, wantedAt, type Tools } from '../tools.js';
import type { AdoptTenant } from './adopt-tenant.input.js';

export const takeSchema = step<AdoptTenant, Pick<Tools, 'adoption' | 'secrets'>>()({
  name: 'take-schema',
  describe: ({ place }) =>
    `Keep who owns what in ${place.schema} and who may what; create ${place.ownerRole} and ${place.loginRoles.a}, give them all of it, and make the present owners members, so that they work on.`,

  async run(context) {
    const { input, tools } = context;
    const wanted = await wantedAt(tools, input.place, input.limits, input.logins);
    return { done: { changes: (await tools.adoption.take(wanted, actorOf(context))).length } };
  },

  async undo(context) {
    await context.tools.adoption.giveBack(context.input.place, actorOf(context));
    return done;
  },
});
