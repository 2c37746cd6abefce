import type { Finding } from '@berth/domain';
import { type Check, remark, type Remark, unseen } from '../check.js';
import type { ServerEvidence } from '../evidence.js';

/** Told by another check. */
const elsewhere: readonly string[] = ['tls-expiry'];

/** What a registration would only note, as preparing the cluster mends it, keeps a cluster that has tenants from its work. */
const unprepared: readonly string[] = ['cluster-not-prepared', 'cluster-open'];

export const clusters: Check = {
  name: 'clusters',
  examine: ({ servers }) => ({
    findings: servers.flatMap(findingsAbout),
    notExamined: servers.flatMap(({ clusterId, reading }) =>
      'fault' in reading ? [unseen(`cluster ${clusterId}, and all that is on it`, reading.fault)] : [],
    ),
  }),
};

function findingsAbout({ clusterId, fitness }: ServerEvidence): readonly Remark[] {
  if ('fault' in fitness) {
    const { code, message, hint } = fitness.fault;
    return [remark('error', code, `cluster ${clusterId}`, message, hint ?? atTheServer(clusterId))];
  }
  return fitness.value
    .filter(({ code }) => !elsewhere.includes(code))
    .filter(({ code, severity }) => severity !== 'info' || unprepared.includes(code))
    .map((finding) => told(clusterId, finding));
}

function atTheServer(clusterId: string): string {
  return `By the hand of whoever runs the server: mend what is said of it. Then: berth doctor --cluster ${clusterId}`;
}

function told(clusterId: string, finding: Finding): Remark {
  if (!unprepared.includes(finding.code))
    return { ...finding, remedy: finding.remedy ?? atTheServer(clusterId), fix: null };
  const remedy = `berth doctor --cluster ${clusterId} --fix`;
  return { ...finding, severity: 'error', remedy, fix: { kind: 'prepare-cluster', clusterId } };
}
