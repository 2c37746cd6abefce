import type { Actor, ComparisonReport, Difference, Finding, Place, Progress, StreamLimits } from '@berth/domain';

export interface LongWork {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

export interface Dump {
  /** Folder of a `pg_dump -Fd`. */
  readonly folder: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly ms: number;
}

/** How fast rows may be copied while the tenant works. */
export type CopyPace = Pick<StreamLimits, 'maxBytesPerSecond' | 'yields'>;

/** Copies a whole schema by pg_dump and pg_restore, with each server's own programs. */
export abstract class TenantCopy {
  /**
   * Everything that would make the copy fail or lose something, both ends looked at, at once. `target` null: it does not exist
   * yet, and only the source is looked at. `pace`: that of an online copy, whose time is estimated then. Read-only.
   */
  abstract preflight(
    source: Place,
    target: { readonly clusterId: string; readonly database: string } | null,
    pace?: CopyPace,
  ): Promise<readonly Finding[]>;

  /** Dumps into a folder named by `name` below the adapter's own folder; an older half-made dump there is replaced. @throws `copy-failed`, `disk-full` */
  abstract dump(source: Place, name: string, work: LongWork): Promise<Dump>;

  /** Restores into the (empty) schema of the target as its owner; what an earlier try left there is removed first. @throws `copy-failed`, `disk-full` */
  abstract restore(name: string, target: Place, actor: Actor, work: LongWork): Promise<void>;

  /** ANALYZE of every table, so that the first query at the new place has a plan. */
  abstract analyze(place: Place, work: LongWork): Promise<void>;

  /** Restores the dump into a scratch database of the cluster, compares it with the source, drops the scratch. */
  abstract rehearse(name: string, source: Place, work: LongWork): Promise<ComparisonReport>;

  /**
   * Where each sequence of the schema stands, by name, as an opaque text. A fence stops writes and cannot stop `nextval`: what an
   * application takes from a fenced source shows as another text.
   */
  abstract sequencePositions(place: Place): Promise<Readonly<Record<string, string>>>;

  /**
   * Brings each sequence of the target that would give out a number that the source has given out already to where the source
   * stands, and returns their names. Convergent; never sets one back. At a target that is `open` for the tenant it takes numbers as the tenant does,
   * since one that is set could go back behind a number taken meanwhile. @throws `placement-conflict` when an open one is too far behind
   */
  abstract carrySequences(
    source: Place,
    target: Place,
    actor: Actor,
    targetIs: 'closed' | 'open',
  ): Promise<readonly string[]>;

  /** Deletes the dump. Convergent. */
  abstract discard(name: string): Promise<void>;
}

/** Compares every row and every definition of two places. */
export abstract class TenantComparison {
  /** Both sides must not change meanwhile; reads only. Rows by key ranges with SHA-256, definitions by pg_catalog, sequences by position. */
  abstract compare(source: Place, target: Place, work: LongWork): Promise<ComparisonReport>;

  /** How the definitions differ, as `compare` names it; no rows and no positions of sequences. Quick, reads only. */
  abstract compareDefinitions(source: Place, target: Place): Promise<readonly Difference[]>;
}
