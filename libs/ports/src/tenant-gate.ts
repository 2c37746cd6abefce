import type { Actor, Place } from '@berth/domain';

/** `none`: no gate; `closed`: every write of a client is refused with SQLSTATE 25006; `open`: the gate stands and lets all through. */
export type GateState = 'none' | 'closed' | 'open';

/**
 * The gate of a place that is still to become the tenant's: its triggers stand enabled and read one row, so that opening is one
 * update whatever the number of tables. A transaction with an older snapshot still sees it closed, is refused and repeats: safe
 * here, as it would not be at the old place, which has a fence. Changes of a stream pass.
 */
export abstract class TenantGate {
  abstract state(place: Place): Promise<GateState>;

  /** Convergent. `generation` is the one that writers are told. The owner may make no tables until it is opened. */
  abstract close(place: Place, generation: number, actor: Actor): Promise<void>;

  /** Convergent; without a gate there is nothing to open. */
  abstract open(place: Place, actor: Actor): Promise<void>;

  /** Whoever closed it and does not open it sees to the right to make tables. Takes the triggers away, one table at a time, then the row. Convergent. @throws `lock-timeout` */
  abstract remove(place: Place, actor: Actor): Promise<void>;

  /** What of the gate, open or closed, is still there, as sentences that name the cluster; empty when all is gone, also with the schema. Read-only. */
  abstract leftovers(place: Place): Promise<readonly string[]>;
}
