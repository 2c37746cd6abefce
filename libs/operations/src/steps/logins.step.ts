import type { Place, TenantId } from '@berth/domain';
import { done, step } from '@berth/saga';
import { actorOf, type Tools } from '../tools.js';

export interface HasLogins {
  readonly tenantId: TenantId;
  readonly place: Place;
  /** How they were before the operation: what an undo goes back to. */
  readonly loginsBefore: 'open' | 'closed';
}

type LoginTools = Pick<Tools, 'database'>;

export const closeLogins = step<HasLogins, LoginTools>()({
  name: 'close-logins',
  describe: ({ place }) => `Close the tenant's logins on cluster ${place.clusterId} and end their sessions.`,
  async run(context) {
    await context.tools.database.setLogins(context.input.place, 'closed', actorOf(context));
    return done;
  },
  async undo(context) {
    await context.tools.database.setLogins(context.input.place, context.input.loginsBefore, actorOf(context));
    return done;
  },
});

export const openLogins = step<HasLogins, LoginTools>()({
  name: 'open-logins',
  describe: ({ place }) => `Open the tenant's logins on cluster ${place.clusterId}.`,
  async run(context) {
    await context.tools.database.setLogins(context.input.place, 'open', actorOf(context));
    return done;
  },
  async undo(context) {
    await context.tools.database.setLogins(context.input.place, context.input.loginsBefore, actorOf(context));
    return done;
  },
});
