import { randomBytes } from 'node:crypto';
import { scramVerifier, secretRefs } from '@berth/domain';
import { done, step } from '@berth/saga';
import type { Tools } from '../tools.js';
import type { ProvisionTenant } from './provision-tenant.input.js';

/** The password is made and kept before PostgreSQL hears of the role, so that a repeat finds the same one. */
export const stageLogins = step<ProvisionTenant, Pick<Tools, 'secrets'>>()({
  name: 'stage-logins',
  describe: ({ tenantId }) => `Make a random password and keep it at ${secretRefs.tenantLogins(tenantId)}.`,

  async run({ input, operationId, tools }) {
    const ref = secretRefs.tenantLogins(input.tenantId);
    if ((await tools.secrets.read(ref)) !== null) return done;
    const password = randomBytes(24).toString('base64url');
    await tools.secrets.write(
      ref,
      { active: 'a', a: { password, verifier: scramVerifier(password) }, b: null },
      {
        expectedVersion: await tools.secrets.newestVersion(ref),
        metadata: { tenantId: input.tenantId, generation: input.generation, operationId },
      },
    );
    return done;
  },

  async undo({ input, tools }) {
    await tools.secrets.destroy(secretRefs.tenantLogins(input.tenantId));
    return done;
  },
});
