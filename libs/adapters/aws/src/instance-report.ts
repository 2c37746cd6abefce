import type { DBInstance, Event } from '@aws-sdk/client-rds';
import type { InstanceReport } from '@berth/ports';

const gib = 1024 ** 3;

/** What RDS and CloudWatch say about an instance, in the port's words. */
export function reportOf(found: DBInstance, events: readonly Event[], freeBytes: number | null): InstanceReport {
  const { DBInstanceIdentifier: identifier = '', DBInstanceStatus: status = 'unknown', Endpoint: endpoint } = found;
  const limit = found.MaxAllocatedStorage;
  return {
    provider: 'Amazon RDS',
    identifier,
    status,
    endpoint: endpoint?.Address === undefined ? null : `${endpoint.Address}:${String(endpoint.Port ?? 5432)}`,
    pending: pendingOf(found),
    storage: {
      allocatedBytes: (found.AllocatedStorage ?? 0) * gib,
      freeBytes,
      limitBytes: limit === undefined || limit <= (found.AllocatedStorage ?? 0) ? null : limit * gib,
    },
    events: events
      .flatMap(({ Date: at, Message: message }) => (at === undefined || message === undefined ? [] : [{ at, message }]))
      .sort((one, other) => Number(other.at) - Number(one.at)),
  };
}

/** Values that may be told; a password that waits is told without it. */
function pendingOf(found: DBInstance): readonly string[] {
  const { PendingModifiedValues: pending = {}, PreferredMaintenanceWindow: window } = found;
  const when = window === undefined ? 'in the maintenance window' : `in the maintenance window ${window}`;
  const changes = Object.entries(pending)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => {
      const scalar = ['string', 'number', 'boolean'].includes(typeof value) && name !== 'MasterUserPassword';
      return `${name} changes${scalar ? ` to ${String(value)}` : ''} ${when}.`;
    });
  const groups = (found.DBParameterGroups ?? [])
    .filter(({ ParameterApplyStatus: apply }) => apply === 'pending-reboot')
    .map(({ DBParameterGroupName: name = '' }) => `Parameters of ${name} wait for a restart.`);
  return [...changes, ...groups];
}
