/** One table compared on both sides. Times in ms, sizes in bytes of what was hashed. */
export interface TableComparison {
  readonly table: string;
  readonly sourceRows: number;
  readonly targetRows: number;
  readonly bytes: number;
  readonly ms: number;
  readonly equal: boolean;
  /** SHA-256 over the hashes of all ranges of rows, hex, at each end; null where the columns differ, so that rows were only counted. */
  readonly sourceHash?: string | null;
  readonly targetHash?: string | null;
  /** At how many moments its ranges were compared; left out: at one. */
  readonly moments?: number;
}

/** One thing that differs: rows of a table, a sequence, an index, a constraint, a grant, a trigger … */
export interface Difference {
  readonly kind:
    | 'missing-row'
    | 'extra-row'
    | 'changed-row'
    | 'table'
    | 'column'
    | 'index'
    | 'constraint'
    | 'trigger'
    | 'grant'
    | 'owner'
    | 'view'
    | 'function'
    | 'type'
    | 'policy'
    | 'comment'
    | 'sequence'
    | 'sequence-position';
  /** For example `album` or `album.album_pkey`; for rows the table and the key, never other values. */
  readonly object: string;
  readonly message: string;
}

export interface ComparisonReport {
  readonly equal: boolean;
  readonly rows: number;
  readonly bytes: number;
  readonly ms: number;
  readonly tables: readonly TableComparison[];
  /** At most 100; `differenceCount` tells how many there were. */
  readonly differences: readonly Difference[];
  readonly differenceCount: number;
  readonly comparedAt: string;
  /** At how many moments of both ends; left out: at one. */
  readonly moments?: number;
}
