import { type Check, remark, type Remark, unseen } from '../check.js';
import type { Evidence } from '../evidence.js';

const dayMs = 86_400_000;
/** Time enough to have a certificate renewed. */
const warnedDays = 30;

export const certificates: Check = {
  name: 'certificates',
  examine: (evidence) => {
    const { servers, system } = evidence;
    const ofClusters = servers.flatMap(({ fitness }) =>
      'value' in fitness ? fitness.value.filter(({ code }) => code === 'tls-expiry') : [],
    );
    const own = system === null ? { findings: [] } : ofParts(evidence, system.certificates);
    return { ...own, findings: [...ofClusters.map((finding) => ({ ...finding, fix: null })), ...own.findings] };
  },
};

function ofParts({ now }: Evidence, seen: NonNullable<Evidence['system']>['certificates']) {
  if ('fault' in seen) return { findings: [], notExamined: [unseen("the parts' certificates", seen.fault)] };
  const findings = seen.value.flatMap(({ part, validTo }): readonly Remark[] => {
    const days = validTo === null ? warnedDays : Math.floor((Number(validTo) - Number(now)) / dayMs);
    if (days >= warnedDays) return [];
    const message = days < 0 ? 'Its certificate has expired.' : `Its certificate expires in ${String(days)} days.`;
    const remedy = `By the hand of whoever runs ${part}: renew it and have it read again. Then: berth doctor`;
    return [remark(days < 0 ? 'error' : 'warning', 'tls-expiry', part, message, remedy)];
  });
  const notExamined = seen.value.flatMap(({ part, because }) => (because === null ? [] : [{ object: part, because }]));
  return { findings, notExamined };
}
