import { isDeepStrictEqual } from 'node:util';
import { BerthError, type Tenant, type TenantConstraints, type TenantId, type TenantState } from '@berth/domain';
import { type Page, type PageRequest, TenantCatalog } from '@berth/ports';
import { asJson, type CatalogMemory, pageOf } from './catalog-memory.js';

export class InMemoryTenantCatalog extends TenantCatalog {
  constructor(private readonly memory: CatalogMemory) {
    super();
  }

  async get(id: TenantId): Promise<Tenant | null> {
    return this.memory.tenants.get(id) ?? null;
  }

  async list(filter: Parameters<TenantCatalog['list']>[0], page: PageRequest): Promise<Page<Tenant>> {
    const onCluster = new Set(
      [...this.memory.placements.values()]
        .filter(({ clusterId, state }) => clusterId === filter.clusterId && state !== 'retired')
        .map(({ tenantId }) => tenantId),
    );
    const rows = [...this.memory.tenants.values()]
      .filter((tenant) => filter.state === undefined || tenant.state === filter.state)
      .filter((tenant) => filter.plan === undefined || tenant.plan === filter.plan)
      .filter((tenant) => filter.tenantId === undefined || tenant.id === filter.tenantId)
      .filter((tenant) => filter.prefix === undefined || tenant.id.startsWith(filter.prefix))
      .filter((tenant) => filter.clusterId === undefined || onCluster.has(tenant.id))
      .sort((left, right) => (left.id < right.id ? -1 : 1));
    const read = { letter: 't', key: (row: Tenant) => row.id, item: (row: Tenant) => row };
    return pageOf(rows, page, { ...read, isAfter: (row, key) => row.id > key });
  }

  async transition(id: TenantId, change: Parameters<TenantCatalog['transition']>[1]): Promise<Tenant> {
    const tenant = this.#require(id);
    const { from, to, reason } = change;
    if (tenant.state === to && tenant.reason === reason) return tenant;
    if (!from.includes(tenant.state)) {
      const details = { tenantId: id, state: tenant.state, wanted: to, allowedFrom: from };
      throw new BerthError('tenant-state', `The tenant ${id} is ${tenant.state} and cannot become ${to}.`, { details });
    }
    const quarantinedUntil = to === 'quarantined' ? (change.quarantinedUntil ?? tenant.quarantinedUntil) : null;
    return this.#write(tenant, { state: to, reason, quarantinedUntil });
  }

  async update(
    id: TenantId,
    change: { readonly plan?: string; readonly constraints?: TenantConstraints },
    expectedVersion?: number,
  ): Promise<Tenant> {
    const tenant = this.#require(id);
    if (expectedVersion !== undefined && tenant.version !== expectedVersion) {
      throw new BerthError('version-conflict', `The tenant ${id} is at version ${String(tenant.version)}.`);
    }
    const wanted = { ...tenant, ...asJson(change) };
    if (!this.memory.plans.has(wanted.plan)) throw new BerthError('plan-not-found', `There is no plan ${wanted.plan}.`);
    return isDeepStrictEqual(wanted, tenant) ? tenant : this.#write(tenant, wanted);
  }

  async dueForRemoval(now: Date, limit: number): Promise<readonly TenantId[]> {
    return [...this.memory.tenants.values()]
      .filter(
        ({ state, quarantinedUntil }) =>
          state === 'quarantined' && quarantinedUntil !== null && quarantinedUntil <= now,
      )
      .sort((left, right) => Number(left.quarantinedUntil) - Number(right.quarantinedUntil))
      .slice(0, limit)
      .map(({ id }) => id);
  }

  async countByState(): Promise<Readonly<Partial<Record<TenantState, number>>>> {
    const counts: Partial<Record<TenantState, number>> = {};
    for (const { state } of this.memory.tenants.values()) counts[state] = (counts[state] ?? 0) + 1;
    return counts;
  }

  #require(id: TenantId): Tenant {
    const tenant = this.memory.tenants.get(id);
    if (tenant === undefined) throw new BerthError('tenant-not-found', `There is no tenant ${id}.`);
    return tenant;
  }

  #write(tenant: Tenant, change: Partial<Tenant>): Tenant {
    const changed = { ...tenant, ...change, version: tenant.version + 1, updatedAt: this.memory.now() };
    this.memory.tenants.set(tenant.id, changed);
    return changed;
  }
}
