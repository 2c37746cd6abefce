import { done, step } from '@berth/saga';
import { actorOf, type Tools } from '../tools.js';
import type { RemoveTenant } from './remove-tenant.input.js';

/** How long a transaction of the product's own jobs may hold a table; then it goes first and we try again. */
const lockTimeoutMs = 2_000;

/** The tenant's logins are closed; the product's own jobs, with the service role, could still write after the last dump. */
export const fenceTenant = step<RemoveTenant, Pick<Tools, 'fence'>>()({
  name: 'fence-tenant',
  describe: ({ place }) => `Refuse every write to ${place.schema}, so that the final dump holds the last one.`,
  async run(context) {
    const { input, tools } = context;
    await tools.fence.prepare(input.place, input.generation, actorOf(context));
    await tools.fence.arm(input.place, input.generation, actorOf(context), { lockTimeoutMs });
    return done;
  },
  async undo(context) {
    await context.tools.fence.remove(context.input.place, actorOf(context));
    return done;
  },
});
