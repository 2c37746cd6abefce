import {
  BerthError,
  decisionSentence,
  type Cluster,
  type ClusterRefusal,
  type PlacementDecision,
  type TenantConstraints,
  type Tier,
} from '@berth/domain';

export interface WantedCluster {
  readonly tier: Tier;
  readonly constraints: TenantConstraints;
  /** Only this cluster. */
  readonly only?: string;
  /** Any but this one: where the tenant is. */
  readonly not?: string;
  /** Clusters on which a tenant reached another one: they take none. */
  readonly broken: ReadonlySet<string>;
}

export interface ClusterChoice {
  readonly cluster: Cluster;
  readonly decision: PlacementDecision;
}

type TenantCounts = Readonly<Record<string, number>>;

/** The cluster that fits and has the fewest tenants; of equals the first by id. That none fits is a decision too. */
export function decideCluster(
  clusters: readonly Cluster[],
  tenantCounts: TenantCounts,
  wanted: WantedCluster,
): PlacementDecision {
  const considered = clusters
    .filter(
      ({ id, tier, state }) =>
        state !== 'retired' && (wanted.only === undefined ? tier === wanted.tier : id === wanted.only),
    )
    .map((cluster) => {
      const tenants = tenantCounts[cluster.id] ?? 0;
      const room = cluster.maxTenants === null ? null : Math.max(0, cluster.maxTenants - tenants);
      return { clusterId: cluster.id, tenants, room, refusal: refusalOf(cluster, tenants, wanted) };
    });
  const fitting = considered.filter(({ refusal }) => refusal === null);
  const [best] = [...fitting].sort(
    (one, other) => one.tenants - other.tenants || one.clusterId.localeCompare(other.clusterId),
  );
  const { tier, constraints, only } = wanted;
  const facts = { tier, constraints, askedFor: only ?? null, considered };
  if (best === undefined) {
    const none = considered.length === 0 ? ` There is no ${only ?? `${tier} cluster`}.` : '';
    return { ...facts, chosen: null, because: `No ${tier} cluster can take the tenant.${none}` };
  }
  return { ...facts, chosen: best.clusterId, because: reasonOf(best.tenants, fitting.length, only) };
}

/**
 * As {@link decideCluster}, for who cannot go on without. @throws `no-cluster-fits`; asked for one cluster, with its own reason:
 * `cluster-not-found`, `cluster-cordoned`, `isolation-broken`, `cluster-full`, `constraint-broken`, `placement-conflict`
 */
export function chooseCluster(
  clusters: readonly Cluster[],
  tenantCounts: TenantCounts,
  wanted: WantedCluster,
): ClusterChoice {
  const decision = decideCluster(clusters, tenantCounts, wanted);
  const cluster = clusters.find(({ id }) => id === decision.chosen);
  if (cluster === undefined) throw noneFits(decision);
  return { cluster, decision };
}

function reasonOf(tenants: number, fitting: number, only: string | undefined): string {
  if (only !== undefined) return 'it was asked for';
  return fitting > 1 ? `fewest tenants (${String(tenants)}) of ${String(fitting)} that fit` : 'the only one that fits';
}

function refusalOf(
  cluster: Cluster,
  tenants: number,
  { tier, constraints, not, broken }: WantedCluster,
): ClusterRefusal | null {
  const { id, maxTenants, postgresMajor } = cluster;
  if (cluster.tier !== tier) {
    const because = `Cluster ${id} is of tier ${cluster.tier}, the plan wants ${tier}.`;
    return { code: 'constraint-broken', because, details: { found: cluster.tier, wanted: tier } };
  }
  if (id === not) return { code: 'placement-conflict', because: `The tenant is on ${id} already.`, details: {} };
  if (cluster.state === 'cordoned') return { code: 'cluster-cordoned', because: `${id} is cordoned.`, details: {} };
  if (broken.has(id)) {
    const because = `${id} does not keep its tenants apart, as its last proof of isolation shows.`;
    return { code: 'isolation-broken', because, details: {} };
  }
  if (maxTenants !== null && tenants >= maxTenants) {
    const because = `${id} is full: ${String(tenants)} of ${String(maxTenants)} tenants.`;
    return { code: 'cluster-full', because, details: { tenants, maxTenants } };
  }
  for (const [label, value] of Object.entries(constraints.labels)) {
    const found = cluster.labels[label];
    if (found === value) continue;
    const because = `${id} breaks the constraint ${label}=${value}: it has ${found ?? 'no such label'}.`;
    return { code: 'constraint-broken', because, details: { label, wanted: value, found: found ?? null } };
  }
  const major = constraints.minPostgresMajor;
  if (major !== undefined && postgresMajor < major) {
    const because = `${id} runs PostgreSQL ${String(postgresMajor)}, the tenant needs ${String(major)} or newer.`;
    return { code: 'constraint-broken', because, details: { postgresMajor, minPostgresMajor: major } };
  }
  return null;
}

function noneFits(decision: PlacementDecision): BerthError {
  const { askedFor, considered } = decision;
  const [first] = considered;
  if (askedFor === null) {
    return new BerthError('no-cluster-fits', decisionSentence(decision), {
      hint: 'Register another cluster (berth clusters register), raise a limit, or uncordon one.',
      details: { considered },
    });
  }
  if (first === undefined || first.refusal === null) {
    return new BerthError('cluster-not-found', `There is no cluster ${askedFor}.`, {
      hint: 'Type: berth clusters list',
    });
  }
  const { code, because, details } = first.refusal;
  const choose = 'Choose another cluster: berth clusters list';
  const hint =
    code === 'isolation-broken'
      ? `See what was reached: berth prove isolation ${askedFor} --show. Mend it, and prove it again.`
      : choose;
  return new BerthError(code, because, { hint, details });
}
