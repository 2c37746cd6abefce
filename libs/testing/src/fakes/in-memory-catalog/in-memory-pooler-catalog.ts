import { BerthError, type Pooler, type TenantId } from '@berth/domain';
import { PoolerCatalog, type RoutableTenant } from '@berth/ports';
import type { CatalogMemory } from './catalog-memory.js';

export class InMemoryPoolerCatalog extends PoolerCatalog {
  /** The last work on each pooler, begun or waiting. */
  readonly #last = new Map<string, Promise<unknown>>();

  constructor(private readonly memory: CatalogMemory) {
    super();
  }

  async get(id: string): Promise<Pooler | null> {
    return this.memory.poolers.get(id) ?? null;
  }

  async list(): Promise<readonly Pooler[]> {
    return [...this.memory.poolers.values()].sort((left, right) => (left.id < right.id ? -1 : 1));
  }

  async add(pooler: Omit<Pooler, 'createdAt'>): Promise<Pooler> {
    const present = this.memory.poolers.get(pooler.id);
    if (present !== undefined && factsOf(present) === factsOf(pooler)) return present;
    if (present !== undefined || [...this.memory.poolers.values()].some(({ folder }) => folder === pooler.folder)) {
      throw new BerthError('pooler-exists', `The pooler ${pooler.id} or its folder is registered already.`);
    }
    const added = { ...pooler, createdAt: this.memory.now() };
    this.memory.poolers.set(pooler.id, added);
    return added;
  }

  async remove(id: string): Promise<void> {
    await this.#last.get(id);
    this.memory.poolers.delete(id);
  }

  async exclusively<T>(id: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(id) ?? Promise.resolve();
    const mine = before.then(async () => {
      if (!this.memory.poolers.has(id)) throw new BerthError('pooler-not-found', `There is no pooler ${id}.`);
      return await work();
    });
    this.#last.set(
      id,
      mine.catch(() => undefined),
    );
    return await mine;
  }

  async atWork(): Promise<ReadonlySet<TenantId>> {
    const { operations } = this.memory;
    const working = [...operations.values()].filter(({ state }) => state === 'running' || state === 'undoing');
    return new Set(working.map(({ tenantId }) => tenantId));
  }

  async routable(after: TenantId | null, limit: number): Promise<readonly RoutableTenant[]> {
    const { placements, tenants, plans, clusters } = this.memory;
    const found: RoutableTenant[] = [];
    for (const place of placements.values()) {
      const tenant = tenants.get(place.tenantId);
      const cluster = clusters.get(place.clusterId);
      if (place.state !== 'current' || tenant?.state !== 'ready' || cluster === undefined) continue;
      const connectionLimit = plans.get(tenant.plan)?.limits.connectionLimit ?? 1;
      found.push({ place, connectionLimit, host: cluster.host, port: cluster.port });
    }
    const byId = found.sort((one, other) => (one.place.tenantId < other.place.tenantId ? -1 : 1));
    return byId.filter(({ place }) => place.tenantId > (after ?? '')).slice(0, limit);
  }
}

const factsOf = ({ host, port, sslMode, folder }: Omit<Pooler, 'createdAt'>): string =>
  JSON.stringify([host, port, sslMode, folder]);
