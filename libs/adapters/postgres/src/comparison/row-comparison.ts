import { createHash, type Hash } from 'node:crypto';
import type { TableComparison } from '@berth/domain';
import {
  hashesOf,
  nameDifferences,
  type Pair,
  partsOfGrown,
  type RangeHash,
  rangesOf,
  sameHashes,
  sum,
} from './compare-rows.js';
import type { DifferenceList } from './difference-list.js';
import type { KeyRange } from './range-queries.js';
import type { TableShape } from './table-shape.js';

/**
 * The rows of one table, compared range by range. The ranges are cut once and cover every key there is, so that they can be compared at different
 * moments and each row is met: unless its key changes in between, from a range that is still to be compared to one that was.
 */
export class RowComparison {
  readonly #whole = { source: createHash('sha256'), target: createHash('sha256') };
  #left: KeyRange[] | null = null;
  readonly #total = { sourceRows: 0, targetRows: 0, bytes: 0, ms: 0, equal: true };
  #moments = 0;

  constructor(
    readonly table: TableShape,
    private readonly differences: DifferenceList,
    /** Hears how many rows were compared, and may stop it by throwing. */
    private readonly onRows: (rows: number) => void,
  ) {}

  /** True: all of it was compared. False: `timeUp` said so first, at least one range later than the time before. */
  async advance(pair: Pair, timeUp: () => boolean): Promise<boolean> {
    const started = performance.now();
    this.#moments += 1;
    const left = (this.#left ??= [...(await rangesOf(pair, this.table))]);
    for (let range = left.shift(); range !== undefined; range = left.shift()) {
      left.unshift(...(await this.#compare(pair, range)));
      if (left.length > 0 && timeUp()) break;
    }
    this.#total.ms += performance.now() - started;
    return left.length === 0;
  }

  /** Once all of it was compared. */
  result(): TableComparison {
    const { ms, ...total } = this.#total;
    return {
      table: this.table.name,
      ...total,
      ms: Math.round(ms),
      sourceHash: this.#whole.source.digest('hex'),
      targetHash: this.#whole.target.digest('hex'),
      ...(this.#moments > 1 && { moments: this.#moments }),
    };
  }

  /** Answers what is to be compared instead of the range: it has grown. */
  async #compare(pair: Pair, range: KeyRange): Promise<readonly KeyRange[]> {
    const hashes = await hashesOf(pair, this.table, range);
    const parts = await partsOfGrown(pair, this.table, range, hashes);
    if (parts !== null) return parts;
    const [source, target] = hashes;
    const { rows, bytes } = sum(source);
    this.#total.sourceRows += rows;
    this.#total.targetRows += sum(target).rows;
    this.#total.bytes += bytes;
    this.onRows(rows);
    add(this.#whole.source, source);
    add(this.#whole.target, target);
    if (!sameHashes(source, target)) {
      this.#total.equal = false;
      await nameDifferences(pair, this.table, range, hashes, this.differences);
    }
    return [];
  }
}

function add(whole: Hash, ranges: readonly RangeHash[]): void {
  for (const { bucket, rows, hash } of ranges) whole.update(`${String(bucket)}:${String(rows)}:${hash}\n`);
}
