import type { Actor, ComparisonReport, Place, ReplicationStream } from '@berth/domain';
import type { LongWork } from './tenant-copy.js';

export interface OnlineCopyOptions {
  /** How long the stream's first change may wait for open transactions of the server. */
  readonly keepTimeoutMs: number;
  /** Tables and parts of tables that are copied at the same time; one connection to each end. */
  readonly lanes: number;
  /** Most bytes a second, of all lanes together; null: as fast as it goes. */
  readonly bytesPerSecond: number | null;
}

/** What was copied. `again`: parts that had to be tried more than once. */
export interface CopiedRows {
  readonly tables: number;
  readonly parts: number;
  readonly rows: number;
  readonly bytes: number;
  readonly again: number;
  readonly ms: number;
}

/** Rows of both ends at one moment, compared while the tenant works on. */
export interface LiveComparison {
  readonly report: ComparisonReport;
  /** How long the tenant's writers waited while that moment was taken, in ms. */
  readonly heldMs: number;
  /** Of both ends at that moment: changes with every change of a definition and every rewrite of a table. */
  readonly stamp: string;
}

/** Materialized views by name. `stale`: as they were when the copy was made, because a reader or their own query was in the way. */
export interface RefreshedViews {
  readonly refreshed: readonly string[];
  readonly stale: readonly string[];
}

/** Copies a tenant that goes on working, as the beginning of a stream. */
export abstract class OnlineCopy {
  /** Tables, types, functions and views in the (empty) schema of the target: no indexes, no keys, no triggers yet. What an earlier try left is removed. */
  abstract copyDefinitions(stream: ReplicationStream, name: string, actor: Actor, work: LongWork): Promise<void>;

  /**
   * Begins to keep the changes of a published stream and copies the rows of that very moment. A try that was cut off begins
   * anew, as its moment is gone with it; one that had come to its end answers what it had copied. @throws `lock-timeout`, `copy-failed`, `disk-full`
   */
  abstract copyRows(
    stream: ReplicationStream,
    actor: Actor,
    options: OnlineCopyOptions,
    work: LongWork,
  ): Promise<CopiedRows>;

  /** Indexes, keys, triggers and policies, several at once, then ANALYZE. What an earlier try made of them is made anew. */
  abstract finishDefinitions(stream: ReplicationStream, name: string, actor: Actor, work: LongWork): Promise<void>;

  /** Brings the materialized views of a place that had rows in them up to date, since no stream carries them. Readers of one without a unique index wait while it is made. */
  abstract refreshViews(place: Place, actor: Actor, work: LongWork): Promise<RefreshedViews>;

  /**
   * Compares every row and definition as both ends were at one moment: the tenant's writers wait for some ms while it is taken, and work on
   * while it is compared. Sequences are not compared: no stream carries them. @throws `lock-timeout` (nobody waited longer than
   * `lockTimeoutMs`), `stream-stalled`
   */
  abstract compareLive(
    stream: ReplicationStream,
    options: { readonly lockTimeoutMs: number; readonly lanes: number },
    work: LongWork,
  ): Promise<LiveComparison>;
}
