import type { AnnouncedPlace, TenantId } from '@berth/domain';

/** The places to which tenants are about to move, for clients that open their connections before. Nothing here is secret. */
export abstract class PlaceAnnouncements {
  /**
   * Takes the place of what was announced for the tenant. The same operation once more keeps the time of its first word: how long
   * ago that was, in ms by the catalog's clock, is the answer.
   */
  abstract announce(announced: Omit<AnnouncedPlace, 'announcedAt'>): Promise<number>;

  /** Convergent. What another operation has announced stays. */
  abstract withdraw(tenantId: TenantId, operationId: string): Promise<void>;

  /** Those that lead away from where the tenant is now: of all tenants, or of one. By the tenants' ids. */
  abstract live(tenantId?: TenantId): Promise<readonly AnnouncedPlace[]>;
}
