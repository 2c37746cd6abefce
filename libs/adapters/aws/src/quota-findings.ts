import type { AccountQuota } from '@aws-sdk/client-rds';
import type { Finding } from '@berth/domain';

/** What a new instance uses up, by RDS's name for the quota (default limits of an account: 40, 100 TB; 50 subnet groups). */
const watched: Readonly<Record<string, string>> = {
  DBInstances: 'DB instances',
  AllocatedStorage: 'GiB of storage for DB instances',
  DBSubnetGroups: 'DB subnet groups',
  DBParameterGroups: 'DB parameter groups',
  EventSubscriptions: 'event subscriptions',
};
/** Only these are taken up by one more instance; the others by one more foundation. */
const neededByInstance = new Set(['DBInstances', 'AllocatedStorage']);
const warnFromShare = 0.8;

/** A used-up quota is an error where the next instance would hit it, a warning else; a nearly used-up one always warns. */
export function quotaFindings(quotas: readonly AccountQuota[], region: string): readonly Finding[] {
  return quotas.flatMap(({ AccountQuotaName: name = '', Used: used = 0, Max: max = 0 }) => {
    const what = watched[name];
    if (what === undefined || max === 0 || used < max * warnFromShare) return [];
    const usedUp = used >= max;
    return [
      {
        code: 'infrastructure-quota',
        severity: usedUp && neededByInstance.has(name) ? 'error' : 'warning',
        object: `AWS account, ${region}`,
        message: `${String(used)} of ${String(max)} ${what} are used${usedUp ? '' : `: room for ${String(max - used)} more`}.`,
        remedy: `Ask AWS for more in the console of Service Quotas (Amazon RDS, ${region}), or delete what is not needed.`,
      } satisfies Finding,
    ];
  });
}
