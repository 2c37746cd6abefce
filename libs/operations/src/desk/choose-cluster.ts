import { BerthError, type Cluster, type ErrorCode, type TenantConstraints, type Tier } from '@berth/domain';

export interface ClusterChoice {
  readonly cluster: Cluster;
  /** A sentence for people: why this one, and why not the others. */
  readonly decision: string;
}

interface Refusal {
  readonly code: ErrorCode;
  readonly because: string;
}

/**
 * The cluster that fits and has the fewest tenants; of equals the first by id. `only` asks for one cluster and is refused with
 * that cluster's own reason. @throws `cluster-not-found`, `cluster-cordoned`, `cluster-full`, `constraint-broken`, `no-cluster-fits`
 */
export function chooseCluster(
  clusters: readonly Cluster[],
  tenantCounts: Readonly<Record<string, number>>,
  wanted: {
    readonly tier: Tier;
    readonly constraints: TenantConstraints;
    readonly only?: string;
    readonly not?: string;
  },
): ClusterChoice {
  if (wanted.only !== undefined)
    return { cluster: theOne(clusters, tenantCounts, wanted, wanted.only), decision: 'It was asked for.' };
  const refused: string[] = [];
  const fitting: Cluster[] = [];
  for (const cluster of clusters) {
    if (cluster.tier !== wanted.tier || cluster.state === 'retired') continue;
    const refusal = refusalOf(cluster, tenantCounts, wanted);
    if (refusal === null) fitting.push(cluster);
    else refused.push(refusal.because);
  }
  const countOf = (cluster: Cluster) => tenantCounts[cluster.id] ?? 0;
  const [best] = fitting.sort((one, other) => countOf(one) - countOf(other) || one.id.localeCompare(other.id));
  if (best === undefined) throw noneFits(wanted.tier, refused);
  const others = fitting.length - 1;
  const why =
    others > 0
      ? `fewest tenants (${String(countOf(best))}) of ${String(fitting.length)} that fit`
      : 'the only one that fits';
  return { cluster: best, decision: [`${best.id}: ${why}.`, ...refused].join(' ') };
}

function theOne(
  clusters: readonly Cluster[],
  tenantCounts: Readonly<Record<string, number>>,
  wanted: Parameters<typeof chooseCluster>[2],
  id: string,
): Cluster {
  const cluster = clusters.find((candidate) => candidate.id === id && candidate.state !== 'retired');
  if (cluster === undefined) {
    throw new BerthError('cluster-not-found', `There is no cluster ${id}.`, { hint: 'Type: berth clusters list' });
  }
  if (cluster.tier !== wanted.tier) {
    throw new BerthError(
      'constraint-broken',
      `Cluster ${id} is of tier ${cluster.tier}, the plan wants ${wanted.tier}.`,
    );
  }
  const refusal = refusalOf(cluster, tenantCounts, wanted);
  if (refusal !== null)
    throw new BerthError(refusal.code, refusal.because, { hint: 'Choose another cluster: berth clusters list' });
  return cluster;
}

function refusalOf(
  cluster: Cluster,
  tenantCounts: Readonly<Record<string, number>>,
  { constraints, not }: { readonly constraints: TenantConstraints; readonly not?: string },
): Refusal | null {
  if (cluster.id === not) return { code: 'placement-conflict', because: `The tenant is on ${cluster.id} already.` };
  if (cluster.state === 'cordoned') return { code: 'cluster-cordoned', because: `${cluster.id} is cordoned.` };
  const count = tenantCounts[cluster.id] ?? 0;
  if (cluster.maxTenants !== null && count >= cluster.maxTenants) {
    return {
      code: 'cluster-full',
      because: `${cluster.id} is full: ${String(count)} of ${String(cluster.maxTenants)} tenants.`,
    };
  }
  for (const [label, value] of Object.entries(constraints.labels)) {
    const found = cluster.labels[label];
    if (found !== value) {
      return {
        code: 'constraint-broken',
        because: `${cluster.id} breaks the constraint ${label}=${value}: it has ${found === undefined ? 'no such label' : found}.`,
      };
    }
  }
  const major = constraints.minPostgresMajor;
  if (major !== undefined && cluster.postgresMajor < major) {
    return {
      code: 'constraint-broken',
      because: `${cluster.id} runs PostgreSQL ${String(cluster.postgresMajor)}, the tenant needs ${String(major)} or newer.`,
    };
  }
  return null;
}

function noneFits(tier: Tier, refused: readonly string[]): BerthError {
  const why = refused.length === 0 ? `There is no ${tier} cluster.` : refused.join(' ');
  return new BerthError('no-cluster-fits', `No ${tier} cluster can take the tenant. ${why}`, {
    hint: 'Register another cluster (berth clusters register), raise a limit, or uncordon one.',
    details: { refused },
  });
}
