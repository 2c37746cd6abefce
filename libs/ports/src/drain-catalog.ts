import type { Drain, DrainTenant, TenantId } from '@berth/domain';

/** Drains with their tenants. All that a drain knows stands here: whoever drives it may end at any moment. */
export abstract class DrainCatalog {
  /** @throws `cluster-draining` while another one of the cluster has not ended */
  abstract start(drain: Omit<Drain, 'state' | 'createdAt' | 'endedAt'>, tenantIds: readonly TenantId[]): Promise<Drain>;
  abstract newestOf(clusterId: string): Promise<Drain | null>;
  /** By tenant id. */
  abstract tenants(drainId: string): Promise<readonly DrainTenant[]>;
  /** Adds tenants as `waiting`; those that are there already stay as they are. */
  abstract add(drainId: string, tenantIds: readonly TenantId[]): Promise<void>;
  abstract record(
    drainId: string,
    tenantId: TenantId,
    change: Partial<Pick<DrainTenant, 'state' | 'moveId' | 'targetClusterId' | 'error'>>,
  ): Promise<void>;
  /** Drains that have not ended and that nobody drives; the caller drives them for so long, in ms. */
  abstract claim(driveMs: number): Promise<readonly Drain[]>;
  /** Lets anybody drive it again. */
  abstract release(drainId: string): Promise<void>;
  /** Asks to stop. Convergent. @throws `drain-not-found` when it has ended, or was never there */
  abstract stop(drainId: string): Promise<Drain>;
  /** `running` becomes `finished`, `stopping` becomes `stopped`. Convergent. */
  abstract end(drainId: string): Promise<void>;
}
