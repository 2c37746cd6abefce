import { randomBytes } from 'node:crypto';
import { BerthError, scramVerifier, secretRefs } from '@berth/domain';
import { done, step } from '@berth/saga';
import { storedLogins, type Tools } from '../tools.js';
import { changeLogins } from './change-logins.js';
import { ownVersion } from './own-version.js';
import type { RotateLogin } from './rotate-login.input.js';

/** Kept before PostgreSQL hears of it, so that a repeat finds the same password; the active login is as it was. */
export const stageLogin = step<RotateLogin, Pick<Tools, 'secrets'>>()({
  name: 'stage-login',
  describe: ({ tenantId, place, to }) =>
    `Make a random password for the login ${place.loginRoles[to]} and keep it at ${secretRefs.tenantLogins(tenantId)}.`,

  async run({ input, operationId, tools }) {
    const { tenantId, generation, from, to } = input;
    const { ref, version, document } = await storedLogins(tools, tenantId);
    if ((await ownVersion(tools.secrets, ref, operationId)) === 0) {
      if (document.active !== from) throw alreadyRotated(input, document.active);
      const password = randomBytes(24).toString('base64url');
      const staged = { ...document, [to]: { password, verifier: scramVerifier(password) } };
      const metadata = { tenantId, generation, operationId };
      await tools.secrets.write(ref, staged, { expectedVersion: version, metadata });
    }
    // What the switch writes on top of: a version that comes in between is somebody's, and is not lost.
    return { done: { secretBefore: await tools.secrets.newestVersion(secretRefs.tenantDb(tenantId)) } };
  },

  async undo(context) {
    const { input, operationId, tools } = context;
    const { ref, document } = await storedLogins(tools, input.tenantId);
    const wasStaged = (await ownVersion(tools.secrets, ref, operationId)) > 0;
    if (wasStaged && document[input.to] !== null) await changeLogins(context, () => ({ [input.to]: null }));
    return done;
  },
});

function alreadyRotated({ tenantId, from }: RotateLogin, active: string): BerthError {
  const message = `The active login of tenant ${tenantId} is ${active}, not ${from} as this rotation was planned for.`;
  return new BerthError('secret-conflict', message, { retry: 'never', hint: 'Plan the rotation anew.' });
}
