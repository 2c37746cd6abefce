import { type Cluster, parseTenantId, placeOf, type Placement, type TenantId } from '@berth/domain';
import type {
  ApiKeyCatalog,
  AuditLog,
  ClientReports,
  ClusterCatalog,
  Confirmations,
  DrainCatalog,
  IdempotencyCatalog,
  IsolationProofs,
  MigrationLedger,
  MoveCatalog,
  NewOperation,
  OperationCatalog,
  PlaceAnnouncements,
  PlacementCatalog,
  PlanCatalog,
  PoolerCatalog,
  TenantCatalog,
} from '@berth/ports';
import type { ClaimedOperation, Journal } from '@berth/saga';

/** Every door to one catalog. */
export interface CatalogDoors {
  readonly tenants: TenantCatalog;
  readonly placements: PlacementCatalog;
  readonly clusters: ClusterCatalog;
  readonly drains: DrainCatalog;
  readonly plans: PlanCatalog;
  readonly moves: MoveCatalog;
  readonly operations: OperationCatalog;
  readonly journal: Journal;
  readonly ledger: MigrationLedger;
  readonly apiKeys: ApiKeyCatalog;
  readonly audit: AuditLog;
  readonly idempotency: IdempotencyCatalog;
  readonly clients: ClientReports;
  readonly announcements: PlaceAnnouncements;
  readonly proofs: IsolationProofs;
  readonly confirmations: Confirmations;
  readonly poolers: PoolerCatalog;
}

/** An empty catalog with the seeded plans. */
export interface CatalogSubject {
  readonly catalog: CatalogDoors;
  /** The same catalog as another process sees it. */
  readonly other: CatalogDoors;
  /** Makes everything that was written so much older, so that no test waits for a clock. */
  readonly passTime: (ms: number) => Promise<void>;
  /** The catalog's clock. */
  readonly now: () => Date;
  readonly close: () => Promise<void>;
}

export type MakeCatalog = () => Promise<CatalogSubject>;

let made = 0;

/** Ids that never repeat in a test run. */
export function freshTenantId(prefix = 'tenant'): TenantId {
  made += 1;
  return parseTenantId(`${prefix}-${String(made)}`);
}

export function newOperation(change: Partial<NewOperation> = {}): NewOperation {
  made += 1;
  return {
    id: `op-${String(made)}`,
    kind: 'provision-tenant',
    saga: 'provision-shared',
    sagaVersion: 1,
    tenantId: 'acme' as TenantId,
    clusterIds: ['c1'],
    input: { plan: 'free', nested: { list: [1, null, 'x'] } },
    steps: [
      { name: 'reserve-names', description: 'Reserve the names.', pointOfNoReturn: false },
      { name: 'publish-secret', description: 'Publish the secret.', pointOfNoReturn: true },
      { name: 'tell-everybody', description: 'Tell everybody.', pointOfNoReturn: false },
    ],
    requestedBy: 'key:test',
    ...change,
  };
}

/** An operation that makes a tenant of its own. */
export function newTenantOperation(change: Partial<NewOperation> = {}): NewOperation {
  return newOperation({
    tenantId: freshTenantId(),
    newTenant: { plan: 'free', constraints: { labels: {} } },
    ...change,
  });
}

/** A tenant that exists and has no operation under way. */
export async function addTenant(
  catalog: CatalogDoors,
  id: TenantId = freshTenantId(),
  plan = 'free',
): Promise<TenantId> {
  const operation = newOperation({ tenantId: id, newTenant: { plan, constraints: { labels: {} } } });
  await catalog.operations.create(operation);
  await finish(catalog, operation.id);
  await catalog.tenants.transition(id, { from: ['provisioning'], to: 'ready', reason: null });
  return id;
}

export async function claim(catalog: CatalogDoors, operationId: string, leaseMs = 60_000): Promise<ClaimedOperation> {
  const answer = await catalog.journal.claim(operationId, { owner: 'worker', leaseMs });
  if (answer.kind !== 'claimed') throw new Error(`not claimed but ${answer.kind}`);
  return answer.operation;
}

export async function finish(catalog: CatalogDoors, operationId: string): Promise<void> {
  const { lease } = await claim(catalog, operationId);
  await catalog.journal.settle(lease, { state: 'succeeded', result: {} });
}

export function cluster(change: Partial<Cluster> = {}): Omit<Cluster, 'version' | 'createdAt'> {
  return {
    id: 'c1',
    tier: 'shared',
    state: 'active',
    host: '127.0.0.1',
    port: 5432,
    sslMode: 'disable',
    ca: null,
    database: 'tenants',
    postgresMajor: 15,
    labels: { region: 'here', class: 'small' },
    maxTenants: null,
    maxOperations: 4,
    managed: false,
    ...change,
  };
}

export function reservation(
  tenantId: TenantId,
  change: Partial<Placement> = {},
): Omit<Placement, 'state' | 'createdAt' | 'endedAt'> {
  const place = placeOf(tenantId, change.clusterId ?? 'c1', 'tenants');
  return { ...place, tier: 'shared', generation: 1, operationId: 'op-of-placement', ...change };
}

/** How many of the attempts succeeded, and the codes of the errors of the rest. */
export async function race<T>(
  attempts: readonly Promise<T>[],
): Promise<{ readonly won: readonly T[]; readonly codes: readonly unknown[] }> {
  const settled = await Promise.allSettled(attempts);
  return {
    won: settled.filter((one) => one.status === 'fulfilled').map((one) => one.value),
    codes: settled.filter((one) => one.status === 'rejected').map(({ reason }) => (reason as { code?: unknown }).code),
  };
}

/** Follows a list from page to page. */
export async function allPages<T>(
  list: (page: { limit: number; cursor?: string }) => Promise<{ items: readonly T[]; next: string | null }>,
  limit: number,
): Promise<readonly (readonly T[])[]> {
  const pages: (readonly T[])[] = [];
  let cursor: string | null = null;
  do {
    const page: { items: readonly T[]; next: string | null } = await list({
      limit,
      ...(cursor === null ? {} : { cursor }),
    });
    pages.push(page.items);
    cursor = page.next;
  } while (cursor !== null);
  return pages;
}
