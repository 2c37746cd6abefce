import {
  openOperationStates,
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
  /** Of these the ones where the tenants are. */
  readonly current: ReadonlyMap<TenantId, Placement>;
  readonly moves: readonly Move[];
  /** Those that have not ended. */
  readonly operations: readonly Operation[];
  readonly poolers: readonly Pooler[];
}

const pageSize = 500;
const clustersAtOnce = 8;

/**
 * Operations first: whatever one makes is made after its row was written, and what one that has ended has left stands in the rows
 * that are read after it.
 */
export async function viewCatalog(ports: CatalogPorts): Promise<CatalogView> {
  const byState = openOperationStates.map((state) => allOf((page) => ports.operations.list({ state }, page)));
  const operations = (await Promise.all(byState)).flat();
  const moves = await allOf((page) => ports.moves.list({ open: true }, page));
  const clusters = (await ports.clusters.list()).filter(({ state }) => state !== 'retired');
  const onClusters = await onEach(clusters, clustersAtOnce, ({ id }) => ports.placements.onCluster(id));
  const placements = onClusters.flat();
  const current = placements.filter(({ state }) => state === 'current');
  const tenants = await allOf((page) => ports.tenants.list({}, page));
  return {
    clusters: new Map(clusters.map((cluster) => [cluster.id, cluster])),
    tenants: new Map(tenants.map((tenant) => [tenant.id, tenant])),
    plans: new Map((await ports.plans.list()).map((plan) => [plan.name, plan])),
    current: new Map(current.map((place) => [place.tenantId, place])),
    poolers: await ports.poolers.list(),
    ...{ placements, moves, operations },
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

/**
 * Every operation that was at work at some moment while `during` ran: those that were open when it began, and those that were asked
 * for since, ended or not.
 */
export async function operationsDuring<T>(
  { operations }: Pick<CatalogPorts, 'operations'>,
  openAtFirst: (result: T) => readonly Operation[],
  during: () => Promise<T>,
): Promise<readonly [T, readonly Operation[]]> {
  const [last] = (await operations.list({}, { limit: 1 })).items;
  const result = await during();
  const since: Operation[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await operations.list({}, { limit: pageSize, ...(cursor !== undefined && { cursor }) });
    const known = page.items.findIndex(({ id }) => id === last?.id);
    since.push(...page.items.slice(0, known === -1 ? undefined : known));
    if (known !== -1 || page.next === null) return [result, [...openAtFirst(result), ...since]];
    cursor = page.next;
  }
}
