import { BerthError, quoteForMessage } from '@berth/domain';

const dedicated = /^dedicated-(?<tenant>[a-z].*)-g(?<generation>[1-9]\d*)$/;
const clusterIdPattern = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
/** RDS's own limit. */
const longest = 63;

/**
 * The identifier of a cluster's RDS instance. Injective: a prefix holds no hyphen, the letter after it tells a tenant's
 * instance from any other, and nothing is cut. The module `terraform/modules/names` says the same.
 * @throws `invalid-name`
 */
export function rdsIdentifier(prefix: string, clusterId: string): string {
  const { tenant, generation } = dedicated.exec(clusterId)?.groups ?? {};
  const identifier =
    tenant === undefined || generation === undefined
      ? `${prefix}-c-${clusterId}`
      : `${prefix}-t-${tenant}-g${generation}`;
  if (clusterIdPattern.test(clusterId) && identifier.length <= longest) return identifier;
  throw new BerthError('invalid-name', `${quoteForMessage(clusterId)} cannot be the name of an RDS instance.`, {
    hint: `Use a-z, 0-9 and single hyphens inside, starting with a letter; the identifier may have ${String(longest)} characters.`,
  });
}
