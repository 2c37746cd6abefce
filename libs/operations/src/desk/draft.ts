import type { Finding, PlacementDecision, TenantId } from '@berth/domain';
import type {
  ClusterCatalog,
  MoveCatalog,
  NewOperation,
  PlacementCatalog,
  PlanCatalog,
  PoolerCatalog,
  TenantCatalog,
} from '@berth/ports';
import type { Saga } from '@berth/saga';
import type { Tools } from '../tools.js';
import type { IsolationPolicy } from '../isolation/isolation-policy.js';
import type { ClusterFitness } from './cluster-fitness.js';

type PlanningTools = Pick<
  Tools,
  | 'adoption'
  | 'clients'
  | 'comparison'
  | 'confirmations'
  | 'copy'
  | 'database'
  | 'directory'
  | 'infrastructure'
  | 'migrations'
  | 'probe'
  | 'replication'
  | 'router'
  | 'secrets'
>;

/** What planning reads. Nothing is changed while planning. */
export interface PlanningPorts extends PlanningTools {
  readonly tenants: TenantCatalog;
  readonly placements: PlacementCatalog;
  readonly clusters: ClusterCatalog;
  readonly plans: PlanCatalog;
  readonly moves: MoveCatalog;
  readonly fitness: ClusterFitness;
  readonly isolation: Pick<IsolationPolicy, 'brokenClusters'>;
  readonly poolers: PoolerCatalog;
  readonly retentionDays: number;
  readonly now: () => Date;
}

/** A planned operation: its saga with the whole input, and what the live checks found. */
export interface Draft {
  readonly tenantId: TenantId;
  readonly saga: Pick<Saga<never, never>, 'name' | 'version' | 'steps'>;
  readonly input: Readonly<Record<string, unknown>>;
  readonly clusterIds: readonly string[];
  readonly findings: readonly Finding[];
  readonly decision: PlacementDecision | null;
  readonly seen?: NewOperation['seen'];
  readonly newTenant?: NewOperation['newTenant'];
  readonly newMove?: NewOperation['newMove'];
}

/** Whether aliases are kept anywhere: without a pooler no step about them is planned. */
export async function isAnyPooler({ poolers }: Pick<PlanningPorts, 'poolers'>): Promise<boolean> {
  return (await poolers.list()).length > 0;
}

/** Binds a saga to its input: an input that the saga's steps do not understand does not compile. */
export function draftOf<Input extends object>(
  saga: Saga<Input, never>,
  input: Input & { readonly tenantId: TenantId },
  rest: {
    readonly clusterIds: readonly string[];
    readonly findings?: readonly Finding[];
    readonly decision?: PlacementDecision;
    readonly seen?: NewOperation['seen'];
    readonly newTenant?: NewOperation['newTenant'];
    readonly newMove?: NewOperation['newMove'];
  },
): Draft {
  return {
    tenantId: input.tenantId,
    saga,
    input,
    clusterIds: rest.clusterIds,
    findings: rest.findings ?? [],
    decision: rest.decision ?? null,
    ...(rest.seen && { seen: rest.seen }),
    ...(rest.newTenant && { newTenant: rest.newTenant }),
    ...(rest.newMove && { newMove: rest.newMove }),
  };
}
