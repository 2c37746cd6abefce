import { type Check, type Examined, type Remark, remark, unseen } from '../check.js';
import { atWork, type Evidence, type PoolerEvidence } from '../evidence.js';

const mostTold = 3;

export const poolers: Check = {
  name: 'poolers',
  examine: (evidence) => {
    const examined = (evidence.system?.poolers ?? []).map((one) => examinedPooler(evidence, one));
    return {
      findings: examined.flatMap(({ findings }) => findings),
      notExamined: examined.flatMap(({ notExamined = [] }) => notExamined),
    };
  },
};

function examinedPooler(evidence: Evidence, { pooler: { id }, findings, drift }: PoolerEvidence): Examined {
  const object = `pooler ${id}`;
  const told: Remark[] = [];
  if ('fault' in findings) {
    const { code, message, hint } = findings.fault;
    told.push(remark('error', code, object, message, hint ?? atThePooler(id)));
  } else {
    for (const finding of findings.value)
      if (finding.severity !== 'info') told.push({ ...finding, remedy: finding.remedy ?? atThePooler(id), fix: null });
  }
  if ('fault' in drift) return { findings: told, notExamined: [unseen(`aliases of ${object}`, drift.fault)] };
  const differs = drift.value.filter(({ tenantId }) => tenantId === null || !isOnTheWay(evidence, tenantId));
  if (differs.length === 0) return { findings: told };
  const messages = differs.slice(0, mostTold).map(({ message }) => message);
  const more = differs.length - messages.length;
  told.push({
    code: 'pooler-drifted',
    severity: 'warning',
    object,
    message: `${messages.join(' ')}${more > 0 ? ` And ${String(more)} more.` : ''} The worker's next round mends it, if it can.`,
    remedy: 'berth doctor --fix',
    fix: { kind: 'mend-routes', poolerId: id },
  });
  return { findings: told };
}

function atThePooler(id: string): string {
  return `By the hand of whoever runs the pooler: mend what is said of it. Then: berth poolers show ${id}`;
}

/** Its alias may have been written between the look at the catalog and the look at the pooler. */
function isOnTheWay(evidence: Evidence, tenantId: Parameters<typeof atWork>[1]): boolean {
  const [before, after] = [evidence.before, evidence.after].map((view) => view.tenants.get(tenantId)?.version);
  return atWork(evidence, tenantId) !== undefined || before !== after;
}
