import {
  asBerthError,
  BerthError,
  decisionSentence,
  type Cluster,
  type ErrorReport,
  type Finding,
  type MoveStrategy,
  type Placement,
  type PlacementDecision,
  type TenantId,
} from '@berth/domain';
import type { ClusterCatalog, MoveCatalog, PlacementCatalog, TenantCatalog } from '@berth/ports';
import type { IsolationPolicy } from '../isolation/isolation-policy.js';
import { decideCluster } from '../desk/choose-cluster.js';
import { elsewhereThan } from '../desk/plan-move.js';
import type { OperationDesk } from '../request.js';

export interface DrainPlanPorts {
  readonly tenants: TenantCatalog;
  readonly placements: PlacementCatalog;
  readonly clusters: ClusterCatalog;
  readonly moves: MoveCatalog;
  readonly isolation: Pick<IsolationPolicy, 'brokenClusters'>;
  readonly desk: OperationDesk;
}

/** Where one tenant would go, or why it cannot. */
export interface PlannedDeparture {
  readonly tenantId: TenantId;
  readonly target: string | null;
  readonly decision: PlacementDecision | null;
  readonly refusal: ErrorReport | null;
}

export interface DrainPlan {
  readonly clusterId: string;
  readonly departures: readonly PlannedDeparture[];
  /** Fenced old places of moves that switched: the cluster is not empty before these are completed. */
  readonly keptPlaces: readonly { readonly tenantId: TenantId; readonly moveId: string | null }[];
}

/** Live checks of so many tenants at the same time. */
const checkedAtOnce = 4;

/** @throws `cluster-not-found`, `cluster-in-use` for a dedicated one, whose tenant moves by itself */
export async function drainable(ports: Pick<DrainPlanPorts, 'clusters'>, clusterId: string): Promise<Cluster> {
  const cluster = await ports.clusters.get(clusterId);
  if (cluster === null || cluster.state === 'retired') {
    throw new BerthError('cluster-not-found', `There is no cluster ${clusterId}.`, {
      hint: 'Type: berth clusters list',
    });
  }
  if (cluster.tier === 'shared') return cluster;
  throw new BerthError('cluster-in-use', `Cluster ${clusterId} belongs to one tenant: it cannot be drained.`, {
    hint: 'Demote the tenant (berth moves start <tenant> --to shared), or remove it.',
  });
}

/**
 * What a drain would do, tenant by tenant: targets are chosen as if every one before had gone, so that room is not promised twice,
 * and each move is planned with its live checks. Changes nothing.
 */
export async function planDrain(
  ports: DrainPlanPorts,
  { clusterId, strategy }: { readonly clusterId: string; readonly strategy: MoveStrategy },
): Promise<DrainPlan> {
  const source = await drainable(ports, clusterId);
  const [placements, clusters, counts] = await Promise.all([
    ports.placements.onCluster(clusterId),
    ports.clusters.list(),
    ports.clusters.tenantCounts(),
  ]);
  const broken = await ports.isolation.brokenClusters();
  const taken = { ...counts };
  const decided: { placement: Placement; decision: PlacementDecision | null }[] = [];
  for (const placement of placements.filter(({ state }) => state === 'current')) {
    const tenant = await ports.tenants.get(placement.tenantId);
    const decision = tenant && decideCluster(clusters, taken, { ...elsewhereThan(tenant, placement, source), broken });
    const chosen = decision?.chosen ?? null;
    if (chosen !== null) taken[chosen] = (taken[chosen] ?? 0) + 1;
    decided.push({ placement, decision });
  }
  const departures: PlannedDeparture[] = [];
  for (let next = 0; next < decided.length; next += checkedAtOnce) {
    const some = decided.slice(next, next + checkedAtOnce);
    departures.push(...(await Promise.all(some.map((one) => checked(ports, one, strategy)))));
  }
  const previous = placements.filter(({ state }) => state === 'previous');
  const keptPlaces = previous.map(async ({ tenantId }) => ({
    tenantId,
    moveId: (await ports.moves.openMoveOf(tenantId))?.id ?? null,
  }));
  return { clusterId, departures, keptPlaces: await Promise.all(keptPlaces) };
}

/** By the very plan that the move would begin with. */
async function checked(
  { desk }: DrainPlanPorts,
  { placement: { tenantId }, decision }: { readonly placement: Placement; readonly decision: PlacementDecision | null },
  strategy: MoveStrategy,
): Promise<PlannedDeparture> {
  const chosen = decision?.chosen ?? null;
  const target = { tier: 'shared', ...(chosen !== null && { clusterId: chosen }) } as const;
  try {
    const plan = await desk.plan({ kind: 'move-tenant', tenantId, target, strategy, switchMode: 'auto' });
    const refusal = refusalOf(plan.findings) ?? noRoom(decision);
    return { tenantId, decision, refusal, target: refusal === null ? chosen : null };
  } catch (error) {
    return { tenantId, decision, refusal: reportOf(error), target: null };
  }
}

/** There is room for it alone, and not after all the others. */
function noRoom(decision: PlacementDecision | null): ErrorReport | null {
  if (decision === null || decision.chosen !== null) return null;
  const hint = 'Register another cluster (berth clusters register), raise a limit, or uncordon one.';
  return { code: 'no-cluster-fits', message: decisionSentence(decision), hint, details: {} };
}

function refusalOf(findings: readonly Finding[]): ErrorReport | null {
  const errors = findings.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first === undefined) return null;
  const message = errors.map((finding) => finding.message).join(' ');
  return { code: first.code, message, hint: first.remedy, details: {} };
}

export function reportOf(thrown: unknown): ErrorReport {
  const { code, message, hint, details } = asBerthError(thrown);
  return { code, message, hint: hint ?? null, details };
}
