import type { Cluster, Finding, PoolerAccess, RouteDrift, RoutePlace, TenantId, TenantRoute } from '@berth/domain';

/** What an alias should be; null: there should be none. */
export interface RouteChange {
  readonly tenantId: TenantId;
  readonly route: TenantRoute | null;
}

/** `quiet`: nobody is inside; `busy`: somebody still was when the time was over; `absent`: there is no such alias, or no such process. */
export type HeldRoute = 'quiet' | 'busy' | 'absent';

/**
 * Keeps the aliases by which clients reach tenants through a pooler. What it is told it writes to files that the pooler reads, also
 * when it starts; that it was done is what the running pooler shows, never that a file was written.
 *
 * One caller at a time for a pooler: whoever changes something holds `PoolerCatalog.exclusively`.
 */
export abstract class TenantRouter {
  /** Every check of version and settings, all findings at once, nothing changed. `clusters` are those that it has to reach. */
  abstract check(
    access: PoolerAccess,
    clusters: readonly Pick<Cluster, 'id' | 'sslMode' | 'postgresMajor'>[],
  ): Promise<readonly Finding[]>;

  /**
   * Writes Berth's files where there are none and finds out, by an alias and a user that are tried and taken away again, whether the
   * pooler reads them. Findings of severity `error`: it does not. @throws `pooler-unreachable`, `pooler-files`
   */
  abstract takeOver(access: PoolerAccess): Promise<readonly Finding[]>;

  /**
   * Makes each named alias what it should be: written, reloaded, neither held nor switched off, and read back. Other aliases
   * stay as they are. Convergent; without a change it brings the files themselves back to what was written last.
   *
   * @throws `pooler-files` (nothing may have been written), `pooler-unreachable` (written, not read back), `pooler-refused` (the
   * pooler shows something else)
   */
  abstract route(access: PoolerAccess, changes: readonly RouteChange[]): Promise<void>;

  /**
   * From now on clients of the alias wait instead of being let through; those inside may end what they began, for `timeoutMs`. It
   * stays held, whatever the answer and whoever dies, until `route`. @throws `pooler-unreachable`
   */
  abstract hold(access: PoolerAccess, tenantId: TenantId, options: { readonly timeoutMs: number }): Promise<HeldRoute>;

  /**
   * What differs from `wanted`, which names every alias there should be, in the files and in what the pooler shows. Of a pooler that
   * does not answer, what its files lack. @throws `pooler-unreachable` (its files are as they should be), `pooler-files`
   */
  abstract drift(access: PoolerAccess, wanted: readonly RoutePlace[]): Promise<readonly RouteDrift[]>;

  /** Takes every alias away, from the files and from a pooler that answers. Convergent. @throws `pooler-files`, `pooler-unreachable` */
  abstract forget(access: PoolerAccess): Promise<void>;
}
