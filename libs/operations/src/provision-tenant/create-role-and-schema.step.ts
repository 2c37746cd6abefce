import { done, step } from '@berth/saga';
import { dropWhatWasMade } from '../steps/drop-what-was-made.js';
import { actorOf, wantedAt, type Tools } from '../tools.js';
import type { ProvisionTenant } from './provision-tenant.input.js';

export const createRoleAndSchema = step<ProvisionTenant, Pick<Tools, 'database' | 'secrets'>>()({
  name: 'create-role-and-schema',
  describe: ({ place }) =>
    `Create the owner role ${place.ownerRole}, the login ${place.loginRoles.a}, the schema and its grants on ${place.clusterId}.`,

  async run(context) {
    const { input, tools } = context;
    await tools.database.create(await wantedAt(tools, input.place, input.limits, input.logins), actorOf(context));
    return done;
  },

  async undo(context) {
    await dropWhatWasMade(context, context.input.place);
    return done;
  },
});
