import { secretRefs } from '@berth/domain';
import { done, step } from '@berth/saga';
import { actorOf, wantedAt, type Tools } from '../tools.js';
import { waitUntilUnused } from './login-users.js';
import type { RotateLogin } from './rotate-login.input.js';

export const createLogin = step<RotateLogin, Pick<Tools, 'clients' | 'database' | 'secrets'>>()({
  name: 'create-login',
  describe: ({ place, to, limits, logins }) =>
    `Create the login ${place.loginRoles[to]} on cluster ${place.clusterId} (${String(limits.connectionLimit)} connections, ${logins}) beside the present one.`,

  async run(context) {
    const { input, tools } = context;
    await tools.database.converge(await wantedAt(tools, input.place, input.limits, input.logins), actorOf(context));
    return done;
  },

  /** Whoever has moved to the new login already gets the same time to come back that it had to go. */
  async undo(context) {
    const { input, operationId, tools } = context;
    const versions = await tools.secrets.versions(secretRefs.tenantDb(input.tenantId));
    const takenBack = versions.find(({ metadata }) => metadata.operationId === operationId);
    if (takenBack !== undefined && input.logins === 'open') {
      const outcome = await waitUntilUnused(tools, input, input.to, takenBack.createdAt);
      if ('notYet' in outcome) return outcome;
    }
    const { verifiers, ...wanted } = await wantedAt(tools, input.place, input.limits, input.logins);
    const { [input.to]: _dropped, ...kept } = verifiers;
    await tools.database.converge({ ...wanted, verifiers: kept }, actorOf(context));
    return done;
  },
});
