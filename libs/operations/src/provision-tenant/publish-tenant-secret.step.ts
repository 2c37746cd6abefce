import { secretRefs } from '@berth/domain';
import { done, step } from '@berth/saga';
import { publishSecret } from '../steps/publish-secret.js';
import type { Tools } from '../tools.js';
import type { ProvisionTenant } from './provision-tenant.input.js';

export const publishTenantSecret = step<ProvisionTenant, Pick<Tools, 'directory' | 'secrets'>>()({
  name: 'publish-tenant-secret',
  describe: ({ tenantId }) => `Write the connection secret to ${secretRefs.tenantDb(tenantId)} by check-and-set.`,

  run: async ({ input, operationId, tools }) => ({
    done: await publishSecret(tools, { place: input.place, generation: input.generation, operationId }),
  }),

  async undo({ input, tools }) {
    await tools.secrets.destroy(secretRefs.tenantDb(input.tenantId));
    return done;
  },
});
