import type { Actor, Place } from '@berth/domain';

/** `open`: no fence; `prepared`: triggers stand, disabled; `armed`: every write is refused with SQLSTATE 25006. */
export type FenceState = 'open' | 'prepared' | 'armed';

export interface MovedMarker {
  readonly generation: number;
  readonly operationId: string;
  readonly at: Date;
}

/**
 * The fence: a trigger on each table that refuses writes with SQLSTATE 25006 "tenant moved". Armed by ALTER TABLE inside one
 * transaction, never by a flag that a trigger reads: an old snapshot would read the old flag, and its write would be lost.
 */
export abstract class TenantFence {
  abstract state(place: Place): Promise<FenceState>;

  /** Makes the triggers, disabled, in the transaction that creates them. Convergent. `generation` is the one that writers are told. */
  abstract prepare(place: Place, generation: number, actor: Actor): Promise<void>;

  /**
   * Locks all tables in one statement and enables the triggers; also takes the right to create tables in the schema away,
   * since a new table would stand outside the fence. Committed on return. @throws `lock-timeout` (nothing changed)
   */
  abstract arm(
    place: Place,
    generation: number,
    actor: Actor,
    options: { readonly lockTimeoutMs: number },
  ): Promise<void>;

  /**
   * Removes every trace of the fence and gives the rights back. Convergent. Refused once the tenant has moved away, unless a
   * closed {@link TenantGate} refuses its writes instead. @throws `past-point-of-no-return`
   */
  abstract remove(place: Place, actor: Actor): Promise<void>;

  /**
   * The pivot: records in one local transaction that the tenant lives elsewhere from now on, after checking that each table
   * of the schema is fenced and that the definition's fingerprint is still `fingerprint`. @throws `fence-missing`, `schema-changed`
   */
  abstract markMoved(
    place: Place,
    moved: { readonly generation: number; readonly fingerprint: string },
    actor: Actor,
  ): Promise<void>;

  /**
   * The marker of the pivot, or null. What decides when the fate of a commit is unknown: it waits for a pivot that is about to
   * commit, and from then on refuses every older lease, so that an answer of null stays true.
   */
  abstract movedMarker(place: Place, actor: Actor): Promise<MovedMarker | null>;

  /** Takes the marker away: at the end of a removal, or when the tenant comes back to this place. Convergent. */
  abstract clearMarker(place: Place, actor: Actor): Promise<void>;

  /**
   * What of the fence, armed or not, and of the marker is still there, as sentences that name the cluster; empty when all is gone, also
   * with the schema. Read-only.
   */
  abstract leftovers(place: Place): Promise<readonly string[]>;

  /** SHA-256 over the definition of everything in the schema (without the fence's own triggers), hex. */
  abstract fingerprint(place: Place): Promise<string>;
}
