import { BerthError, type Placement, type PlacementState, type TenantId } from '@berth/domain';
import { PlacementCatalog } from '@berth/ports';
import type { CatalogMemory } from './catalog-memory.js';

type Reservation = Parameters<PlacementCatalog['reserve']>[0];

export class InMemoryPlacementCatalog extends PlacementCatalog {
  constructor(private readonly memory: CatalogMemory) {
    super();
  }

  async current(id: TenantId): Promise<Placement | null> {
    return this.#of(id).find(({ state }) => state === 'current') ?? null;
  }

  async history(id: TenantId): Promise<readonly Placement[]> {
    return this.#of(id);
  }

  async get(id: TenantId, generation: number): Promise<Placement | null> {
    return this.memory.placements.get(keyOf(id, generation)) ?? null;
  }

  async nextGeneration(id: TenantId): Promise<number> {
    return (this.#of(id).at(-1)?.generation ?? 0) + 1;
  }

  async reserve(wanted: Reservation): Promise<Placement> {
    const { tenantId, generation, clusterId, schema } = wanted;
    const present = this.memory.placements.get(keyOf(tenantId, generation));
    if (present !== undefined) return sameReservation(wanted, present);
    this.#refuseFullCluster(wanted);
    if (this.#onCluster(clusterId).some((live) => live.schema === schema)) {
      throw new BerthError('placement-conflict', `The schema ${schema} is taken on the cluster ${clusterId}.`);
    }
    if (!this.memory.tenants.has(tenantId)) throw new BerthError('internal', `There is no tenant ${tenantId}.`);
    const placement: Placement = { ...wanted, state: 'preparing', createdAt: this.memory.now(), endedAt: null };
    this.memory.placements.set(keyOf(tenantId, generation), placement);
    return placement;
  }

  async switchTo(id: TenantId, change: { readonly from: number | null; readonly to: number }): Promise<void> {
    const current = this.#of(id).find(({ state }) => state === 'current') ?? null;
    if (current?.generation === change.to) return;
    const target = this.memory.placements.get(keyOf(id, change.to));
    if ((current?.generation ?? null) !== change.from || target === undefined || target.state === 'retired') {
      throw new BerthError('placement-conflict', `The tenant ${id} cannot switch to generation ${String(change.to)}.`);
    }
    if (current !== null) this.#write(current, 'previous');
    this.#write(target, 'current');
  }

  async returnTo(id: TenantId, change: Parameters<PlacementCatalog['returnTo']>[1]): Promise<void> {
    const { from, back, to, operationId } = change;
    const current = await this.current(id);
    if (current?.generation === to && current.operationId === operationId) return;
    const kept = this.memory.placements.get(keyOf(id, back));
    const isNext = this.#of(id).every(({ generation }) => generation < to);
    if (current?.generation !== from || kept?.state !== 'previous' || !isNext) {
      throw new BerthError('placement-conflict', `The tenant ${id} cannot return to generation ${String(back)}.`);
    }
    this.#write(kept, 'retired');
    this.#write(current, 'previous');
    this.#write({ ...kept, generation: to, operationId, createdAt: this.memory.now() }, 'current');
  }

  async retire(id: TenantId, generation: number): Promise<void> {
    const placement = this.memory.placements.get(keyOf(id, generation));
    if (placement === undefined || placement.state === 'retired') return;
    if (placement.state === 'current') {
      throw new BerthError('placement-conflict', `Generation ${String(generation)} of ${id} is current.`);
    }
    this.#write(placement, 'retired');
  }

  async retireAll(id: TenantId): Promise<void> {
    for (const placement of this.#of(id)) if (placement.state !== 'retired') this.#write(placement, 'retired');
  }

  async onCluster(clusterId: string): Promise<readonly Placement[]> {
    return this.#onCluster(clusterId);
  }

  #of(id: TenantId): readonly Placement[] {
    return [...this.memory.placements.values()]
      .filter(({ tenantId }) => tenantId === id)
      .sort((left, right) => left.generation - right.generation);
  }

  #onCluster(id: string): readonly Placement[] {
    return [...this.memory.placements.values()]
      .filter(({ clusterId, state }) => clusterId === id && state !== 'retired')
      .sort((left, right) => (left.tenantId < right.tenantId ? -1 : 1) || left.generation - right.generation);
  }

  #refuseFullCluster({ clusterId, tier }: Reservation): void {
    const cluster = this.memory.clusters.get(clusterId);
    if (cluster === undefined) {
      if (tier === 'dedicated') return;
      throw new BerthError('cluster-not-found', `There is no cluster ${clusterId}.`);
    }
    if (cluster.state !== 'active') {
      throw new BerthError('cluster-cordoned', `The cluster ${clusterId} is ${cluster.state} and takes no new tenant.`);
    }
    if (cluster.maxTenants !== null && this.#onCluster(clusterId).length >= cluster.maxTenants) {
      throw new BerthError('cluster-full', `The cluster ${clusterId} holds as many tenants as it may.`);
    }
  }

  #write(placement: Placement, state: PlacementState): void {
    const endedAt = state === 'retired' ? this.memory.now() : null;
    this.memory.placements.set(keyOf(placement.tenantId, placement.generation), { ...placement, state, endedAt });
  }
}

function keyOf(id: TenantId, generation: number): string {
  return `${id}/${String(generation)}`;
}

function sameReservation(wanted: Reservation, present: Placement): Placement {
  const same = (['operationId', 'clusterId', 'database', 'schema'] as const).every(
    (key) => wanted[key] === present[key],
  );
  if (same) return present;
  throw new BerthError('placement-conflict', `Generation ${String(wanted.generation)} belongs to another operation.`);
}
