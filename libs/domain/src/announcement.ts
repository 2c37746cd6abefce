import type { TenantId } from './names.js';
import type { TenantSecret } from './secret.js';

/** How a tenant is reached at a place: its secret without what is secret. */
export type PlaceAddress = Omit<TenantSecret, 'password' | 'url'>;

/** Where a move is about to take a tenant: told to its clients, so that their connections are open before they are needed. */
export interface AnnouncedPlace {
  readonly tenantId: TenantId;
  readonly operationId: string;
  /** Where it is now. Whoever reaches it otherwise, through a pooler for example, has nothing to prepare. */
  readonly from: PlaceAddress;
  readonly to: PlaceAddress;
  readonly announcedAt: Date;
}
