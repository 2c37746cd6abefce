import type { ConnectionPools, TenantPool } from './connections/connection-pools.js';
import type { AnnouncedPlace } from './placement/announced-place.js';
import { isSamePlace, type TenantAccess } from './secret.js';

/**
 * A place that is announced for a tenant, and the connections that wait there. Nobody gets one of them: the pool is handed out as
 * a whole, once the tenant is known to be there.
 */
export class NextPlace {
  readonly #pool: TenantPool;

  constructor(
    readonly access: TenantAccess,
    private readonly pools: ConnectionPools,
    tenantId: string,
  ) {
    this.#pool = pools.add(tenantId, access, { aside: true });
  }

  /** By the password of the present secret; null where the announcement is none for who reaches the tenant by that secret. */
  static accessOf({ from, to }: AnnouncedPlace, present: TenantAccess | null): TenantAccess | null {
    if (present === null || !isSamePlace(from, present)) return null;
    return to.generation > from.generation && to.username === from.username && to.schema === from.schema
      ? { ...to, password: present.password }
      : null;
  }

  /** How many connections are there. Never fails: where none can be made, the first caller after the switch makes one, as ever. */
  async warmUp(count: number): Promise<number> {
    await this.pools.fill(this.#pool, count).catch(() => undefined);
    return this.#pool.idle.length;
  }

  /** Somebody is logged in there, so the server knows the login and the session is in the right schema. */
  get isWarm(): boolean {
    return this.#pool.idle.some(({ broken }) => !broken);
  }

  /** The tenant is there: from now on a pool like any other. */
  take(): TenantPool {
    this.#pool.aside = false;
    return this.#pool;
  }

  close(): void {
    this.pools.retire(this.#pool, { moved: false });
  }
}
