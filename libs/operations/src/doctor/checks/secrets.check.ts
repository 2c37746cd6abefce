import type { TenantId, TenantState } from '@berth/domain';
import { type Check, type Examined, remark, type Remark, unseen } from '../check.js';
import { atWork, atWorkOn, type Evidence, type TenantEvidence } from '../evidence.js';
import { hasChanged } from './tenants.check.js';

export const secrets: Check = {
  name: 'secrets',
  examine: (evidence) => {
    const examined = evidence.tenants.filter((one) => !hasChanged(evidence, one)).map((one) => secretOf(one));
    const refs = evidence.system?.secretRefs;
    return {
      findings: [
        ...examined.flatMap(({ findings }) => findings),
        ...(refs !== undefined && 'value' in refs ? orphans(evidence, refs.value) : []),
      ],
      notExamined: [
        ...examined.flatMap(({ notExamined = [] }) => notExamined),
        ...(refs !== undefined && 'fault' in refs ? [unseen('the list of all secrets', refs.fault)] : []),
      ],
    };
  },
};

function secretOf({ tenant: { id }, secret }: TenantEvidence): Examined {
  const object = `tenant ${id}`;
  if ('fault' in secret) {
    const { code, message, hint } = secret.fault;
    if (code !== 'secret-missing') return { findings: [], notExamined: [unseen(`secret of ${object}`, secret.fault)] };
    return {
      findings: [
        remark(
          'error',
          code,
          object,
          message,
          hint ?? `By hand: bring it back from a backup of the secret store. Then: berth tenants repair ${id}`,
        ),
      ],
    };
  }
  switch (secret.value) {
    case null:
      return { findings: [] };
    case 'missing':
      return { findings: [mendable(id, 'secret-missing', 'Its secret is missing: the product cannot reach it.')] };
    case 'outdated':
      return { findings: [mendable(id, 'secret-outdated', 'Its secret names another address than its place.')] };
    case 'newer': {
      const message = 'Its secret names a newer generation than the catalog: somebody wrote one of the two by hand.';
      const remedy = `By hand, in the store: bring the version of tenants/${id}/db before it back on top (vault kv rollback; on a machine move the newest file out of its folder). Then: berth tenants repair ${id}`;
      return { findings: [remark('error', 'secret-conflict', object, message, remedy)] };
    }
  }
}

function mendable(tenantId: TenantId, code: string, message: string): Remark {
  const remedy = `berth tenants repair ${tenantId}`;
  const fix = { kind: 'repair-tenant', tenantId } as const;
  return { code, severity: 'error', object: `tenant ${tenantId}`, message, remedy, fix };
}

const withoutSecrets: readonly TenantState[] = ['removed', 'failed'];

/** Secrets of nobody. Never taken away by Berth: what they open may be in use. */
function orphans(evidence: Evidence, refs: readonly string[]): readonly Remark[] {
  return refs
    .filter((ref) => !belongs(evidence, ref.split('/')))
    .map((ref) =>
      remark(
        'warning',
        'secret-orphaned',
        `secret ${ref}`,
        'It belongs to no tenant, cluster or pooler that the catalog knows.',
        `If nobody needs it, in Vault: vault kv metadata delete -mount=<mount> ${ref}; on a machine: delete refs/${ref} in the folder of the secrets.`,
      ),
    );
}

function belongs(evidence: Evidence, [kind = '', name = '']: readonly string[]): boolean {
  const views = [evidence.before, evidence.after];
  switch (kind) {
    case 'tenants': {
      if (atWork(evidence, name as TenantId) !== undefined) return true;
      const states = views.map((view) => view.tenants.get(name as TenantId)?.state);
      return states.some((state) => state !== undefined && !withoutSecrets.includes(state));
    }
    case 'clusters':
      return views.some((view) => view.clusters.has(name)) || atWorkOn(evidence, name) !== undefined;
    default:
      return views.some((view) => view.poolers.some(({ id }) => id === name));
  }
}
