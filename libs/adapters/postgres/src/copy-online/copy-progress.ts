import type { Amount } from '@berth/domain';
import type { LongWork } from '@berth/ports';
import type { PlannedTable } from './copy-ledger.js';
import type { CopyPart } from './copy-parts.js';
import { firstBytesPerSecond, type Pace } from './pace.js';
import type { StandbyLag } from './standbys.js';

/** In bytes on the source's disk, of which COPY's own bytes are a guess; never past a part's weight. */
export class CopyProgress {
  readonly #passed = new Map<CopyPart, number>();
  readonly #total: number;
  readonly #tables: number;
  /** Parts that have not arrived, by the table's name. */
  readonly #missing = new Map<string, number>();
  #done: number;
  /** Null: of some part nobody knows how many it had. */
  #rows: number | null;
  #yielding = '';
  #waiting = '';
  /** Of which was told last. */
  #table: string;

  constructor(
    parts: readonly CopyPart[],
    kept: readonly PlannedTable[],
    private readonly work: LongWork,
  ) {
    this.#done = kept.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#total = this.#done + parts.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { table } of parts) this.#missing.set(table, (this.#missing.get(table) ?? 0) + 1);
    this.#tables = kept.length + this.#missing.size;
    this.#table = parts[0]?.table ?? '';
    this.#rows = kept.length === 0 ? 0 : null;
  }

  /** Others would feel it for longer than it takes to find that out. */
  get isLong(): boolean {
    return this.#total - this.#done > firstBytesPerSecond;
  }

  add(part: CopyPart, bytes: number): void {
    const before = Math.min(part.bytes, this.#passed.get(part) ?? 0);
    const after = Math.min(part.bytes, before + bytes);
    this.#passed.set(part, after);
    this.#done += after - before;
    this.#tell(part.table);
  }

  /** `rows` null: a try that was cut off had brought it. */
  arrived(part: CopyPart, rows: number | null): void {
    const missing = (this.#missing.get(part.table) ?? 1) - 1;
    if (missing === 0) this.#missing.delete(part.table);
    else this.#missing.set(part.table, missing);
    this.#rows = rows === null || this.#rows === null ? null : this.#rows + rows;
    this.#tell(part.table);
  }

  #tell(table: string): void {
    this.#table = table;
    const text = `copying ${table}${this.#waiting === '' ? this.#yielding : this.#waiting}`;
    const tables: Amount = { done: this.#tables - this.#missing.size, total: this.#tables, unit: 'tables' };
    const rows: readonly Amount[] = this.#rows === null ? [] : [{ done: this.#rows, total: null, unit: 'rows' }];
    this.work.onProgress({ text, done: this.#done, total: this.#total, unit: 'bytes', also: [tables, ...rows] });
  }

  /** Null: it goes on. Told at once, as no byte passes that would. */
  setBehind(standby: StandbyLag | null, most: number): void {
    this.#waiting =
      standby === null
        ? ''
        : `, paused: the standby ${standby.name} of the source is ${megabytes(standby.bytes)} MB behind, more than ${megabytes(most)} MB`;
    this.#tell(this.#table);
  }

  setPace({ bytesPerSecond, yielding }: Pace): void {
    this.#yielding = yielding
      ? `, yielding to other tenants of the source: at most ${megabytes(bytesPerSecond)} MB/s`
      : '';
  }
}

const megabytes = (bytes: number): string => (bytes / 1_048_576).toFixed(1);
