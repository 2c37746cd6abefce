import { BerthError, type Drain, type DrainTenant, type TenantId } from '@berth/domain';
import { DrainCatalog } from '@berth/ports';
import type { CatalogMemory, DrainRecord } from './catalog-memory.js';

export class InMemoryDrainCatalog extends DrainCatalog {
  constructor(private readonly memory: CatalogMemory) {
    super();
  }

  async start(drain: Parameters<DrainCatalog['start']>[0], tenantIds: readonly TenantId[]): Promise<Drain> {
    if (this.memory.drains.some((record) => isOpen(record) && record.drain.clusterId === drain.clusterId)) {
      throw new BerthError('cluster-draining', `The cluster ${drain.clusterId} is being drained already.`);
    }
    const now = this.memory.now();
    const started: Drain = { ...drain, state: 'running', createdAt: now, endedAt: null };
    this.memory.drains.push({ drain: started, drivenUntil: now, tenants: new Map() });
    await this.add(drain.id, tenantIds);
    return started;
  }

  async newestOf(clusterId: string): Promise<Drain | null> {
    return this.memory.drains.findLast(({ drain }) => drain.clusterId === clusterId)?.drain ?? null;
  }

  async tenants(drainId: string): Promise<readonly DrainTenant[]> {
    const { tenants } = this.#record(drainId);
    return [...tenants.values()].sort((one, other) => (one.tenantId < other.tenantId ? -1 : 1));
  }

  async add(drainId: string, tenantIds: readonly TenantId[]): Promise<void> {
    const { tenants } = this.#record(drainId);
    const fresh = { state: 'waiting', moveId: null, targetClusterId: null, error: null } as const;
    for (const tenantId of tenantIds) if (!tenants.has(tenantId)) tenants.set(tenantId, { tenantId, ...fresh });
  }

  async record(drainId: string, tenantId: TenantId, change: Parameters<DrainCatalog['record']>[2]): Promise<void> {
    const { tenants } = this.#record(drainId);
    const present = tenants.get(tenantId);
    if (present !== undefined) tenants.set(tenantId, { ...present, ...change });
  }

  async claim(driveMs: number): Promise<readonly Drain[]> {
    const idle = this.memory.drains.filter((record) => isOpen(record) && record.drivenUntil <= this.memory.now());
    for (const record of idle) record.drivenUntil = this.memory.now(driveMs);
    return idle.map(({ drain }) => drain);
  }

  async release(drainId: string): Promise<void> {
    this.#record(drainId).drivenUntil = this.memory.now();
  }

  async stop(drainId: string): Promise<Drain> {
    const record = this.memory.drains.find(({ drain }) => drain.id === drainId);
    if (record === undefined || !isOpen(record)) {
      throw new BerthError('drain-not-found', `There is no drain ${drainId} under way.`);
    }
    record.drain = { ...record.drain, state: 'stopping' };
    return record.drain;
  }

  async end(drainId: string): Promise<void> {
    const record = this.#record(drainId);
    if (!isOpen(record)) return;
    const state = record.drain.state === 'running' ? 'finished' : 'stopped';
    record.drain = { ...record.drain, state, endedAt: this.memory.now() };
  }

  #record(drainId: string): DrainRecord {
    const record = this.memory.drains.find(({ drain }) => drain.id === drainId);
    if (record === undefined) throw new Error(`there is no drain ${drainId}`);
    return record;
  }
}

function isOpen({ drain: { state } }: DrainRecord): boolean {
  return state === 'running' || state === 'stopping';
}
