import type { TenantSecret } from '../secret.js';
import type { AnnouncedPlace } from './announced-place.js';

/** What a secret can be told apart by without its password. */
export interface PlacementMark {
  readonly generation: number;
  readonly username: string;
}

/** Where a tenant's secret is read. Write your own where none of ours fits: `read` is enough. */
export interface PlacementSource {
  /**
   * The newest secret, or null where the tenant has none. Called on first use, when a login is refused or a tenant moves, and
   * when `peek` tells something new; never twice at once for one tenant.
   */
  read(tenantId: string, options: { readonly signal: AbortSignal }): Promise<TenantSecret | null>;
  /** A cheaper look for the poll. Without it the poll reads. */
  peek?(tenantId: string, options: { readonly signal: AbortSignal }): Promise<PlacementMark | null>;
  /** Where tenants are about to go, of all at once. Without it Berth's API is asked, where `berth` names it. */
  announced?(options: { readonly signal: AbortSignal }): Promise<readonly AnnouncedPlace[]>;
}
