import { hasEnded, type Finding, type TenantState } from '@berth/domain';
import { type Check, type Examined, remark, type Remark, unseen } from '../check.js';
import { atWork, type Evidence, type TenantEvidence } from '../evidence.js';

/** A tenant in one of these has objects that should be as its plan says. */
const kept: readonly TenantState[] = ['ready', 'suspended', 'quarantined'];

/** Differences that are told; the dry run of a repair has all of them. */
const mostTold = 3;

export const tenants: Check = {
  name: 'tenants',
  examine: (evidence) => {
    const examined = evidence.tenants.map((one) => examinedTenant(evidence, one));
    return {
      findings: [...examined.flatMap(({ findings }) => findings), ...homeless(evidence)],
      notExamined: [...examined.flatMap(({ notExamined = [] }) => notExamined), ...busy(evidence)],
    };
  },
};

function examinedTenant(evidence: Evidence, { tenant, place, drift }: TenantEvidence): Examined {
  const object = `tenant ${tenant.id}`;
  if (hasChanged(evidence, { tenant, place })) {
    // Whoever is at work on it is told below.
    if (atWork(evidence, tenant.id) !== undefined) return { findings: [] };
    return { findings: [], notExamined: [{ object, because: 'It was changed while it was looked at.' }] };
  }
  if ('fault' in drift) return { findings: [], notExamined: [unseen(object, drift.fault)] };
  return { findings: drift.value.length === 0 ? [] : [drifted(tenant.id, drift.value)] };
}

/** Between the first look and the last. */
export function hasChanged(evidence: Evidence, { tenant, place }: Pick<TenantEvidence, 'tenant' | 'place'>): boolean {
  const { before, after } = evidence;
  const stays = after.current.get(tenant.id)?.generation === place.generation;
  const replanned = before.plans.get(tenant.plan)?.version !== after.plans.get(tenant.plan)?.version;
  const isSame = after.tenants.get(tenant.id)?.version === tenant.version;
  return !stays || replanned || !isSame || atWork(evidence, tenant.id) !== undefined;
}

function drifted(tenantId: TenantEvidence['tenant']['id'], drift: readonly Finding[]): Remark {
  const messages = drift.slice(0, mostTold).map(({ message }) => message);
  const more = drift.length - messages.length;
  return {
    code: 'tenant-drifted',
    severity: drift.some(({ severity }) => severity === 'error') ? 'error' : 'warning',
    object: `tenant ${tenantId}`,
    message: `${messages.join(' ')}${more > 0 ? ` And ${String(more)} more.` : ''}`,
    remedy: `berth tenants repair ${tenantId}`,
    fix: { kind: 'repair-tenant', tenantId },
  };
}

/** Said by both views: whoever is on the way has an operation. */
function homeless(evidence: Evidence): readonly Remark[] {
  if (evidence.system === null) return [];
  const { before, after } = evidence;
  return [...after.tenants.values()]
    .filter(({ id, state }) => kept.includes(state) && !before.current.has(id) && !after.current.has(id))
    .filter(({ id }) => atWork(evidence, id) === undefined)
    .map(({ id, state }) =>
      remark(
        'error',
        'tenant-without-place',
        `tenant ${id}`,
        `It is ${state}, and the catalog has no current place of it on any cluster that is registered.`,
        `berth tenants show ${id} says where it was. By hand: register that cluster again (berth clusters register), or bring the catalog back from a backup (docs/restore-the-catalog.md)`,
      ),
    );
}

function busy({ busy: working, servers }: Evidence) {
  const examined = new Set(servers.map(({ clusterId }) => clusterId));
  return [...working.values()]
    .filter(({ clusterIds }) => clusterIds.some((id) => examined.has(id)))
    .map(({ id, kind, tenantId, state }) => ({
      object: `tenant ${tenantId}`,
      because: `The operation ${id} (${kind}) ${hasEnded(state) ? 'was at work on it meanwhile' : 'is at work on it'}.`,
    }));
}
