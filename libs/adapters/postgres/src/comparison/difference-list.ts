import type { Difference } from '@berth/domain';

/** Enough to see what went wrong; a report goes into the catalog and over the wire. */
const mostNamed = 100;

export class DifferenceList {
  readonly #named: Difference[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Whether one more would be counted only. */
  get full(): boolean {
    return this.#named.length >= mostNamed;
  }

  get named(): readonly Difference[] {
    return this.#named;
  }

  add(difference: Difference): void {
    this.#count += 1;
    if (!this.full) this.#named.push(difference);
  }

  /** Differences that are known to be there and are not looked up any more. */
  addUnnamed(count: number): void {
    this.#count += count;
  }
}
