import { done, step } from '@berth/saga';
import { refuseErrors } from '../steps/verify-tenant.step.js';
import { wantedAt, type Tools } from '../tools.js';
import type { AdoptTenant } from './adopt-tenant.input.js';

export const verifyAdoption = step<AdoptTenant, Pick<Tools, 'adoption' | 'secrets'>>()({
  name: 'verify-adoption',
  describe: ({ place }) => `Read owners, roles, grants and limits back from cluster ${place.clusterId}.`,
  async run({ input, tools }) {
    const wanted = await wantedAt(tools, input.place, input.limits, input.logins);
    refuseErrors(await tools.adoption.inspect(wanted), `Tenant ${input.tenantId} is not as it should be`);
    return done;
  },
  nothingToUndo: 'it only reads',
});
