import type { Place, Pooler, TenantId } from '@berth/domain';

/** What the catalog says of one tenant that clients should reach. */
export interface RoutableTenant {
  readonly place: Place;
  /** Of its plan. */
  readonly connectionLimit: number;
  readonly host: string;
  readonly port: number;
}

export abstract class PoolerCatalog {
  abstract get(id: string): Promise<Pooler | null>;
  abstract list(): Promise<readonly Pooler[]>;
  /** @throws `pooler-exists` unless it is the very same registration again; also when another pooler has the folder */
  abstract add(pooler: Omit<Pooler, 'createdAt'>): Promise<Pooler>;
  /** Waits for whoever works on it. Convergent. @throws `pooler-busy` */
  abstract remove(id: string): Promise<void>;

  /**
   * Runs the work while nobody else works on this pooler, in any process; the lock ends with the process that holds it.
   * @throws `pooler-not-found`, `pooler-busy` (somebody has worked on it for seconds)
   */
  abstract exclusively<T>(id: string, work: () => Promise<T>): Promise<T>;

  /** Tenants on which an operation is running at this moment: of them the operation knows better. */
  abstract atWork(): Promise<ReadonlySet<TenantId>>;

  /** Tenants that are ready, at their current places, by their ids: so many after this one. */
  abstract routable(after: TenantId | null, limit: number): Promise<readonly RoutableTenant[]>;
}
