import { secretRefs } from '@berth/domain';
import { done, step } from '@berth/saga';
import { dropWhatWasMade } from '../steps/drop-what-was-made.js';
import { actorOf, wantedAt, type Tools } from '../tools.js';
import type { MoveTenant } from './move-tenant.input.js';

/** Owner, logins, settings and verifiers as at the source; the logins are closed until the switch. */
export const createTarget = step<MoveTenant, Pick<Tools, 'database' | 'moves' | 'secrets'>>()({
  name: 'create-target',
  describe: ({ target }) => `Create roles and schema on cluster ${target.place.clusterId}, logins closed.`,

  async run(context) {
    const { input, tools } = context;
    const wanted = await wantedAt(tools, input.target.place, input.limits, 'closed');
    await tools.database.create(wanted, actorOf(context));
    await tools.moves.transition(context.operationId, { from: ['preflight'], to: 'provisioned' });
    return { done: { secretVersionBefore: await tools.secrets.newestVersion(secretRefs.tenantDb(input.tenantId)) } };
  },

  async undo(context) {
    await dropWhatWasMade(context, context.input.target.place);
    return done;
  },
});
