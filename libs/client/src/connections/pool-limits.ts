/** How many connections there may be, and for how long. Every limit is a hard one. */
export interface PoolLimits {
  /** To all tenants together. Default 64. */
  readonly connections: number;
  /** To one tenant at one place. Default 4; below the `connectionLimit` of the tenant's plan divided by your processes. */
  readonly connectionsPerTenant: number;
  /** How long one is kept unused. Default 30 s. */
  readonly idleMs: number;
  /** How long one lives at most. Default 30 minutes. */
  readonly lifetimeMs: number;
  /** How often one is lent at most; a session's caches only grow. Default 100,000. */
  readonly uses: number;
  /** How long a caller waits for one. Default 10 s. */
  readonly acquireMs: number;
  /** How long making one may take. Default 5 s. */
  readonly connectMs: number;
}

export const standardLimits: PoolLimits = {
  connections: 64,
  connectionsPerTenant: 4,
  idleMs: 30_000,
  lifetimeMs: 1_800_000,
  uses: 100_000,
  acquireMs: 10_000,
  connectMs: 5_000,
};
