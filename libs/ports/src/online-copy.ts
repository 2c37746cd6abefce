import type { Actor, ComparisonReport, Place, ReplicationStream } from '@berth/domain';
import type { LongWork } from './tenant-copy.js';

export interface OnlineCopyOptions {
  /** How long the stream's first change may wait for open transactions of the server. */
  readonly keepTimeoutMs: number;
  /** Tables and parts of tables that are copied at the same time; one connection to each end. */
  readonly lanes: number;
  /** Most bytes a second, of all lanes together; null: as fast as it goes. */
  readonly bytesPerSecond: number | null;
  /** Slower than that whenever others on the source would feel it. */
  readonly yields: boolean;
  /** Paused while a standby of the source is further behind than that; null, or left out: nobody looks. */
  readonly maxStandbyLagBytes?: number | null;
}

/** What was copied. `again`: parts that had to be tried more than once; `kept`: tables that an earlier try, which was cut off, had brought. */
export interface CopiedRows {
  readonly tables: number;
  readonly parts: number;
  readonly rows: number;
  readonly bytes: number;
  readonly again: number;
  readonly kept: number;
  readonly ms: number;
}

/** Rows of both ends at one moment, of a very large tenant at several, compared while the tenant works on. */
export interface LiveComparison {
  readonly report: ComparisonReport;
  /** How long the tenant's writers waited at most while a moment was taken, in ms. */
  readonly heldMs: number;
  /** Of both ends at the first moment, and at every later one: changes with every change of a definition and every rewrite of a table. */
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
   * Begins to keep the changes of a published stream and copies the rows of that very moment. After a try that was cut off the tables that had
   * arrived whole are kept, and the others are copied at a later moment, for which their writers wait for some ms; one that had come to its end
   * answers what it had copied. @throws `lock-timeout`, `copy-failed`, `disk-full`
   */
  abstract copyRows(
    stream: ReplicationStream,
    actor: Actor,
    options: OnlineCopyOptions,
    work: LongWork,
  ): Promise<CopiedRows>;

  /**
   * Indexes, keys, triggers and policies, several at once, then ANALYZE. What an earlier try made of them is made anew. Keys between tables
   * of different moments are left to {@link joinTables}.
   */
  abstract finishDefinitions(stream: ReplicationStream, name: string, actor: Actor, work: LongWork): Promise<void>;

  /**
   * After a copy that was cut off and went on: once the target has caught up all its tables are of one moment, and the keys between them are
   * made, while it applies nothing. False: there was nothing to do. True: it has to catch up again.
   */
  abstract joinTables(stream: ReplicationStream, name: string, actor: Actor, work: LongWork): Promise<boolean>;

  /** Brings the materialized views of a place that had rows in them up to date, since no stream carries them. Readers of one without a unique index wait while it is made. */
  abstract refreshViews(place: Place, actor: Actor, work: LongWork): Promise<RefreshedViews>;

  /**
   * Compares every row and definition as both ends were at one moment: the tenant's writers wait for some ms while it is taken, and work on
   * while it is compared. What takes longer than a snapshot may be held is compared in pieces, each as it was at its own moment.
   * Sequences are not compared: no stream carries them. @throws `lock-timeout` (nobody waited longer than `lockTimeoutMs`),
   * `stream-stalled`, `verification-stale` (definitions changed between moments, again and again)
   */
  abstract compareLive(
    stream: ReplicationStream,
    options: { readonly lockTimeoutMs: number; readonly lanes: number },
    work: LongWork,
  ): Promise<LiveComparison>;
}
