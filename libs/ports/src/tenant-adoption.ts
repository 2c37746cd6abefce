import type { Actor, Finding, Place } from '@berth/domain';
import type { WantedTenant } from './tenant-database.js';

/** What a look at a schema says that is to become a tenant. */
export interface AdoptionPreview {
  /** What refuses is an error; each object, with its owner and what changes, is information. */
  readonly findings: readonly Finding[];
  /** Roles that own something in the schema, or hold a right there. */
  readonly roles: readonly string[];
}

/**
 * Takes over a schema that somebody made by hand. From `take` to `confirm` the tenant is on trial: its own logins work, and so do
 * the roles of before; the server keeps who owned what and who held which right, and `giveBack` returns to just that.
 */
export abstract class TenantAdoption {
  /** Everything at once, also what `take` would refuse. `place.schema` is the schema that is there. Read-only. */
  abstract preview(place: Place): Promise<AdoptionPreview>;

  /**
   * One transaction: keeps what is there, makes the tenant's roles, gives them the schema and all in it, and makes the owners of
   * before members of the tenant's owner. Takes no right from anybody. The same operation again: brings to that what changed since.
   * @throws `preflight-failed` (details: findings), `placement-conflict` (roles of that name, or another adoption), `lock-timeout`
   */
  abstract take(wanted: WantedTenant, actor: Actor): Promise<readonly string[]>;

  /** The operation on whose trial the tenant is, or null. Refuses every older lease from then on: an answer of null stays true. */
  abstract onTrial(place: Place, actor: Actor): Promise<string | null>;

  /** What differs from a tenant on trial; empty: nothing. What `confirm` takes away is no difference. Read-only. */
  abstract inspect(wanted: WantedTenant): Promise<readonly Finding[]>;

  /**
   * Ends the tenant's sessions and logins, gives every object to its owner of before, and brings every right to what it was; what was
   * made since goes to the owner of the schema. Convergent; without a trial of this operation it changes nothing.
   * @throws `leftovers-found` with what could not be brought back (then nothing has changed but the closed logins)
   */
  abstract giveBack(place: Place, actor: Actor): Promise<readonly string[]>;

  /**
   * One transaction ends the trial: everybody else's rights in the schema and the memberships go, everything is brought to the standard
   * and read back. Convergent. @throws `leftovers-found` with what is not as it should be (nothing has changed)
   */
  abstract confirm(wanted: WantedTenant, actor: Actor): Promise<readonly string[]>;
}
