import { BerthError, type Finding, type Place, type TenantId, type TenantLimits } from '@berth/domain';
import { done, step } from '@berth/saga';
import { wantedAt, type Tools } from '../tools.js';

export interface HasWanted {
  readonly tenantId: TenantId;
  readonly place: Place;
  readonly limits: TenantLimits;
  readonly logins: 'open' | 'closed';
}

/** Reads everything back: a tenant is what the server says it is, not what no exception says. */
export const verifyTenant = step<HasWanted, Pick<Tools, 'database' | 'secrets'>>()({
  name: 'verify-tenant',
  describe: ({ place }) => `Read roles, schema, grants and limits back from cluster ${place.clusterId}.`,
  async run({ input, tools }) {
    const findings = await tools.database.inspect(await wantedAt(tools, input.place, input.limits, input.logins));
    refuseErrors(findings, `Tenant ${input.tenantId} is not as it should be`);
    return done;
  },
  nothingToUndo: 'it only reads',
});

/** @throws `verification-failed` that lists every finding which is not mere information */
export function refuseErrors(findings: readonly Finding[], what: string): void {
  const faults = findings.filter((finding) => finding.severity !== 'info');
  if (faults.length === 0) return;
  const sentences = faults.map((finding) => finding.message).join(' ');
  throw new BerthError('verification-failed', `${what}: ${sentences}`, { details: { findings: faults } });
}
