import type { Actor, ComparisonReport, ReplicationStream, StreamDirection } from '@berth/domain';
import type { LongWork } from './tenant-copy.js';

export interface SwitchRequest {
  readonly streams: Readonly<Record<StreamDirection, ReplicationStream>>;
  /** The one that writers at the old place are told. */
  readonly generation: number;
  /** Of the source's definitions, as they were when the copy began. */
  readonly fingerprint: string;
  /** Of the live comparison that this switch goes by; null: rows were not compared. */
  readonly stamp: string | null;
  /** Longest time that the tenant's writers may wait, from the lock to the pivot, in ms. */
  readonly deadlineMs: number;
  /** Longest wait for the lock itself, in which writers queue behind it, in ms. */
  readonly lockTimeoutMs: number;
  /** Tries with a pause between them, before `lock-timeout`. */
  readonly attempts: number;
}

/** Clients whom something can let wait before they reach a server, so that they meet neither lock nor fence: those of poolers. */
export interface HeldClients {
  /** Before the lock, at every try. When it fails, so does the try, with its error, and nothing was decided. */
  hold(): Promise<unknown>;
  /** The gate is open: on to the target. A failure of it is nobody's but its own. */
  follow(): Promise<unknown>;
  /** A try came to nothing: back to the source, unless it was decided after all. Never fails. */
  release(): Promise<unknown>;
}

/** In ms, in the order of the switch. `lock` ends when writers begin to wait; what follows is their wait. */
export interface SwitchTimes {
  readonly prepare: number;
  readonly lock: number;
  readonly arm: number;
  readonly marker: number;
  readonly sequences: number;
  readonly pivot: number;
  readonly open: number;
}

/** What was decided at, for the record: positions in the servers' logs, as PostgreSQL prints them; null where one could not be read any more. */
export interface SwitchPositions {
  /** The last marker of the stream that the target had to show. */
  readonly marker: number;
  /** Of the source, behind the marker: every acknowledged write lies before it. */
  readonly markerLsn: string | null;
  /** Of the source, behind the transaction that decided. */
  readonly pivotLsn: string | null;
  /** Of the target, behind its opening: every write of the new place comes later. */
  readonly openLsn: string | null;
}

export interface SwitchReport {
  readonly attempts: number;
  /** When writers began to wait. */
  readonly lockedAt: Date;
  /** From the lock to the open gate, in ms: how long a writer waited at most. */
  readonly writePauseMs: number;
  readonly times: SwitchTimes;
  readonly positions: SwitchPositions;
  readonly sequences: number;
}

/** The instant at which a move changes the place that takes writes. */
export abstract class TenantSwitch {
  /**
   * One critical section: locks the tenant's tables, waits until the target has everything, carries the sequences, decides by one
   * local transaction at the source, and opens the gate of the target. Up to that transaction a failure leaves the tenant working where it is; after
   * it {@link TenantFence.movedMarker} says that it happened. What both ends held at that moment is kept for {@link compareFrozen}.
   * @throws `lock-timeout`, `stream-stalled`, `schema-changed`, `verification-stale` (a table was written anew
   * since the rows were compared: compare again), `fence-missing`, and what holding the clients throws: nothing was decided
   */
  abstract run(request: SwitchRequest, actor: Actor, clients?: HeldClients): Promise<SwitchReport>;

  /**
   * Compares every row and definition of both ends as they were when nobody could write, while the tenant works on. Once a switch, by the
   * process that made it, and within a quarter of an hour. Null: what was kept is gone, or a table was written anew since.
   */
  abstract compareFrozen(stream: ReplicationStream, work: LongWork): Promise<ComparisonReport | null>;

  /**
   * After one that was cut off, perhaps with the worker, before it decided: what it had stopped goes on. Where it has decided, or another one has,
   * nothing happens. Convergent.
   */
  abstract giveUp(streams: SwitchRequest['streams'], actor: Actor): Promise<void>;

  /**
   * After a switch, and before its gate is removed: from then on the way back brings everything that was written at the target since its gate opened.
   * Where the servers tell apart what came by a stream it has done so all the time. Convergent. @throws `stream-lost` (for the operator),
   * `stream-stalled`, `streams-login-missing`
   */
  abstract turn(streams: SwitchRequest['streams'], actor: Actor): Promise<void>;
}
