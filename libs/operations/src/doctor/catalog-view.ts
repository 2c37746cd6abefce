import {
  endedOperationStates,
  operationStates,
  type Cluster,
  type Move,
  type Operation,
  type Placement,
  type Plan,
  type Pooler,
  type Tenant,
  type TenantId,
} from '@berth/domain';
import type {
  ClusterCatalog,
  MoveCatalog,
  OperationCatalog,
  Page,
  PageRequest,
  PlacementCatalog,
  PlanCatalog,
  PoolerCatalog,
  TenantCatalog,
} from '@berth/ports';
import { onEach } from './seen.js';

export interface CatalogPorts {
  readonly tenants: TenantCatalog;
  readonly placements: PlacementCatalog;
  readonly clusters: ClusterCatalog;
  readonly plans: PlanCatalog;
  readonly moves: MoveCatalog;
  readonly operations: OperationCatalog;
  readonly poolers: PoolerCatalog;
}

/** What the catalog says, without what is history alone. */
export interface CatalogView {
  readonly clusters: ReadonlyMap<string, Cluster>;
  readonly tenants: ReadonlyMap<TenantId, Tenant>;
  readonly plans: ReadonlyMap<string, Plan>;
  /** Those that are not retired. */
  readonly placements: readonly Placement[];
  readonly moves: readonly Move[];
  /** Those that have not ended. */
  readonly operations: readonly Operation[];
  readonly poolers: readonly Pooler[];
}

const pageSize = 500;
const clustersAtOnce = 8;

const openStates = operationStates.filter((state) => !(endedOperationStates as readonly string[]).includes(state));

/**
 * Operations first: whatever one makes is made after its row was written, and what one that has ended has left stands in the rows
 * that are read after it.
 */
export async function viewCatalog(ports: CatalogPorts): Promise<CatalogView> {
  const byState = openStates.map((state) => allOf((page) => ports.operations.list({ state }, page)));
  const operations = (await Promise.all(byState)).flat();
  const moves = await allOf((page) => ports.moves.list({ open: true }, page));
  const clusters = (await ports.clusters.list()).filter(({ state }) => state !== 'retired');
  const placements = await onEach(clusters, clustersAtOnce, ({ id }) => ports.placements.onCluster(id));
  const tenants = await allOf((page) => ports.tenants.list({}, page));
  return {
    clusters: new Map(clusters.map((cluster) => [cluster.id, cluster])),
    tenants: new Map(tenants.map((tenant) => [tenant.id, tenant])),
    plans: new Map((await ports.plans.list()).map((plan) => [plan.name, plan])),
    placements: placements.flat(),
    poolers: await ports.poolers.list(),
    ...{ moves, operations },
  };
}

async function allOf<T>(list: (page: PageRequest) => Promise<Page<T>>): Promise<readonly T[]> {
  const items: T[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await list({ limit: pageSize, ...(cursor !== undefined && { cursor }) });
    items.push(...page.items);
    if (page.next === null) return items;
    cursor = page.next;
  }
}

/** The operation that is at work on the tenant. */
export function workOn({ operations }: CatalogView, tenantId: TenantId): Operation | undefined {
  return operations.find((operation) => operation.tenantId === tenantId);
}
