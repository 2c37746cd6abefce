import type { AnnouncedPlace, TenantId } from '@berth/domain';
import { PlaceAnnouncements } from '@berth/ports';
import type { CatalogMemory } from './catalog-memory.js';

export class InMemoryPlaceAnnouncements extends PlaceAnnouncements {
  readonly #announced = new Map<TenantId, AnnouncedPlace>();

  constructor(private readonly memory: CatalogMemory) {
    super();
  }

  async announce(announced: Omit<AnnouncedPlace, 'announcedAt'>): Promise<number> {
    const known = this.#announced.get(announced.tenantId);
    const again = known?.operationId === announced.operationId;
    const kept = { ...announced, announcedAt: again ? known.announcedAt : this.memory.now() };
    this.#announced.set(announced.tenantId, kept);
    return this.memory.now().getTime() - kept.announcedAt.getTime();
  }

  async withdraw(tenantId: TenantId, operationId: string): Promise<void> {
    if (this.#announced.get(tenantId)?.operationId === operationId) this.#announced.delete(tenantId);
  }

  async live(tenantId?: TenantId): Promise<readonly AnnouncedPlace[]> {
    const current = new Map(
      [...this.memory.placements.values()]
        .filter(({ state }) => state === 'current')
        .map((placement) => [placement.tenantId, placement.generation]),
    );
    return [...this.#announced.values()]
      .filter(({ from, tenantId: id }) => current.get(id) === from.generation && (tenantId ?? id) === id)
      .sort((one, other) => (one.tenantId < other.tenantId ? -1 : 1));
  }
}
