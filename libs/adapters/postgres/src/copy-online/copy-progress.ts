import type { LongWork } from '@berth/ports';
import type { PlannedTable } from './copy-ledger.js';
import type { CopyPart } from './copy-parts.js';
import { firstBytesPerSecond, type Pace } from './pace.js';

/** In bytes on the source's disk, of which COPY's own bytes are a guess; never past a part's weight. */
export class CopyProgress {
  readonly #passed = new Map<CopyPart, number>();
  readonly #total: number;
  #done: number;
  #yielding = '';

  constructor(
    parts: readonly CopyPart[],
    kept: readonly PlannedTable[],
    private readonly work: LongWork,
  ) {
    this.#done = kept.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#total = this.#done + parts.reduce((sum, { bytes }) => sum + bytes, 0);
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
    const text = `copying ${part.table}${this.#yielding}`;
    this.work.onProgress({ text, done: this.#done, total: this.#total, unit: 'bytes' });
  }

  setPace({ bytesPerSecond, yielding }: Pace): void {
    const megabytes = (bytesPerSecond / 1_048_576).toFixed(1);
    this.#yielding = yielding ? `, yielding to other tenants of the source: at most ${megabytes} MB/s` : '';
  }
}
