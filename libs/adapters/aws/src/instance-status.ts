import type { DBInstance } from '@aws-sdk/client-rds';
import type { InstanceStatus } from '@berth/ports';

/** Tags that the module `tenant-storage` puts on an instance; what Berth reads comes from them, not from a note of its own. */
export const clusterTag = 'berth:cluster';
const labelTag = 'berth:label:';

/** RDS answers connections in these. Others that it may invent are taken for "not now", never for "gone". */
const serving = new Set([
  'available',
  'backing-up',
  'configuring-enhanced-monitoring',
  'configuring-iam-database-auth',
  'configuring-log-exports',
  'modifying',
  'resetting-master-credentials',
  'storage-config-upgrade',
  'storage-initialization',
  'storage-optimization',
]);
/** And in these nothing but a person helps. */
const broken: Readonly<Record<string, string>> = {
  failed: 'RDS says that it failed and cannot be recovered',
  'storage-full': 'its disk is full',
  'inaccessible-encryption-credentials': 'RDS cannot use the KMS key that encrypts it',
  'inaccessible-encryption-credentials-recoverable': 'RDS cannot use the KMS key that encrypts it',
  'incompatible-network': 'RDS says incompatible-network: see its subnets and their free addresses',
  'incompatible-option-group': 'RDS says incompatible-option-group',
  'incompatible-parameters': 'RDS cannot start it with the parameter group that it has',
  'incompatible-restore': 'RDS says incompatible-restore',
  'restore-error': 'RDS says restore-error',
  deleting: 'it is being deleted',
};

export interface Reading {
  readonly clusterId: string;
  readonly ca: string;
}

/** An instance as RDS describes it, in Berth's words. */
export function statusOf(found: DBInstance, { clusterId, ca }: Reading): InstanceStatus {
  const { DBInstanceStatus: status = 'unknown', Endpoint: endpoint, EngineVersion: version = '' } = found;
  const because = broken[status];
  if (because !== undefined) return { state: 'broken', because };
  if (status === 'creating') return { state: 'creating', because: 'RDS is making it' };
  if (!serving.has(status)) return { state: 'stopped', because: `RDS says that it is ${status}` };
  const { Address: host, Port: port } = endpoint ?? {};
  const postgresMajor = Number.parseInt(version, 10);
  if (host === undefined || port === undefined || Number.isNaN(postgresMajor)) {
    return { state: 'creating', because: 'it has no address yet' };
  }
  return {
    state: 'running',
    instance: { clusterId, host, port, postgresMajor, labels: labelsOf(found), sslMode: 'verify-full', ca },
  };
}

export function tagOf({ TagList: tags = [] }: DBInstance, key: string): string | undefined {
  return tags.find(({ Key }) => Key === key)?.Value;
}

function labelsOf({ TagList: tags = [] }: DBInstance): Readonly<Record<string, string>> {
  const labels = tags.filter(({ Key = '' }) => Key.startsWith(labelTag));
  return Object.fromEntries(labels.map(({ Key = '', Value = '' }) => [Key.slice(labelTag.length), Value]));
}
