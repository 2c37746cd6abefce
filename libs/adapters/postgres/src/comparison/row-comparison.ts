import { createHash, type Hash } from 'node:crypto';
import type { TableComparison } from '@berth/domain';
import { cutRange, hashesOf, nameDifferences, type Pair, type RangeHash, sameHashes, sum } from './compare-rows.js';
import type { DifferenceList } from './difference-list.js';
import { type KeyRange, wholeTable } from './range-queries.js';
import type { TableShape } from './table-shape.js';

/** A range is one statement on each side: 1.6 MB of hashes to sort, some hundred ms. */
const rowsOfSteadyRange = 50_000;
/** Where no index yields the order every range reads the whole table: fewer and larger ones. 32 MB of hashes. */
const rowsOfUnsteadyRange = 1_000_000;

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
    const left = (this.#left ??= await this.#cut(pair));
    for (let range = left.shift(); range !== undefined; range = left.shift()) {
      await this.#compare(pair, range);
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

  async #cut(pair: Pair): Promise<KeyRange[]> {
    const { key } = this.table;
    if (key.length === 0) return [wholeTable];
    const size = key.every(({ steady }) => steady) ? rowsOfSteadyRange : rowsOfUnsteadyRange;
    return [...(await cutRange(pair.source, this.table, wholeTable, size))];
  }

  async #compare(pair: Pair, range: KeyRange): Promise<void> {
    const hashes = await hashesOf(pair, this.table, range);
    const [source, target] = hashes;
    const { rows, bytes } = sum(source);
    this.#total.sourceRows += rows;
    this.#total.targetRows += sum(target).rows;
    this.#total.bytes += bytes;
    this.onRows(rows);
    add(this.#whole.source, source);
    add(this.#whole.target, target);
    if (sameHashes(source, target)) return;
    this.#total.equal = false;
    await nameDifferences(pair, this.table, range, hashes, this.differences);
  }
}

function add(whole: Hash, ranges: readonly RangeHash[]): void {
  for (const { bucket, rows, hash } of ranges) whole.update(`${String(bucket)}:${String(rows)}:${hash}\n`);
}
