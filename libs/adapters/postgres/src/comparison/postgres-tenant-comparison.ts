import { BerthError, type ComparisonReport, type Difference, type Place } from '@berth/domain';
import { type LongWork, TenantComparison } from '@berth/ports';
import type { ClusterConnections } from '../connection/index.js';
import { compareSequences } from './compare-sequences.js';
import { readSchema, type SchemaShape, TableComparisons } from './compare-tables.js';
import { compareDefinitions, type Definition, readDefinitions } from './definitions.js';
import { DifferenceList } from './difference-list.js';
import { reprintViews } from './reprint-views.js';
import { type Side, withSide } from './snapshot-side.js';

/** Tables compared at the same time: one connection a side for each. */
const lanes = 2;

interface ComparedUnder {
  readonly lanes: number;
  readonly sequences: boolean;
  readonly snapshots?: { readonly source: string; readonly target: string };
}

/** The first major with the privilege MAINTAIN: an older server cannot have granted it. */
const firstWithMaintain = 17;

/**
 * Compares two places row by row on the servers themselves: what travels is one hash a range. Both sides work at the same
 * time, each under one snapshot.
 */
export class PostgresTenantComparison extends TenantComparison {
  readonly #connections: ClusterConnections;

  constructor(connections: ClusterConnections) {
    super();
    this.#connections = connections;
  }

  compare(source: Place, target: Place, work: LongWork): Promise<ComparisonReport> {
    return this.compareUnder(source, target, { lanes, sequences: true }, work);
  }

  compareDefinitions(source: Place, target: Place): Promise<readonly Difference[]> {
    const side = { lanes: 1, signal: new AbortController().signal };
    return withSide(this.#connections, source, side, (ours) =>
      withSide(this.#connections, target, side, (theirs) => definitionsOf(this.#connections, ours, theirs)),
    );
  }

  /** Under snapshots that other sessions have exported, where they are given: both sides may change meanwhile. */
  async compareUnder(source: Place, target: Place, how: ComparedUnder, work: LongWork): Promise<ComparisonReport> {
    const run = new ComparisonRun(this.#connections, work, how.sequences);
    await this.advanceUnder(run, source, target, { ...how, timeUp: () => false }, work);
    return run.report();
  }

  /** Goes on with a comparison at another moment. True: everything was compared. */
  async advanceUnder(
    run: ComparisonRun,
    source: Place,
    target: Place,
    how: Omit<ComparedUnder, 'sequences'> & { readonly timeUp: () => boolean },
    work: LongWork,
  ): Promise<boolean> {
    const side = (snapshot: string | undefined) => ({
      lanes: how.lanes,
      signal: work.signal,
      ...(snapshot === undefined ? {} : { snapshot }),
    });
    throwIfCancelled(work.signal);
    try {
      return await withSide(this.#connections, source, side(how.snapshots?.source), (ours) =>
        withSide(this.#connections, target, side(how.snapshots?.target), (theirs) =>
          run.advance(ours, theirs, how.timeUp),
        ),
      );
    } catch (error) {
      throwIfCancelled(work.signal);
      throw error;
    }
  }
}

/** One comparison, at one moment of both sides or, with `timeUp`, at several, as long as their definitions stay as they are. */
export class ComparisonRun {
  readonly #differences = new DifferenceList();
  #tables: TableComparisons | null = null;
  #ms = 0;
  #moments = 0;

  constructor(
    private readonly connections: ClusterConnections,
    private readonly work: LongWork,
    private readonly sequences: boolean,
  ) {}

  /** True: everything was compared. */
  async advance(source: Side, target: Side, timeUp: () => boolean): Promise<boolean> {
    const started = performance.now();
    this.#moments += 1;
    const [ours, theirs] = await Promise.all([readSchema(source), readSchema(target)]);
    this.#tables ??= await this.#begin(source, target, ours, theirs);
    const done = await this.#tables.advance(ours, theirs, timeUp);
    this.#ms += performance.now() - started;
    return done;
  }

  async #begin(source: Side, target: Side, ours: SchemaShape, theirs: SchemaShape): Promise<TableComparisons> {
    const found = await definitionsOf(this.connections, source, target);
    const positions = this.sequences ? await compareSequences(ours, theirs) : [];
    for (const difference of [...found, ...positions]) this.#differences.add(difference);
    return new TableComparisons(ours.tables, this.#differences, this.work);
  }

  report(): ComparisonReport {
    const tables = this.#tables?.results() ?? [];
    return {
      equal: this.#differences.count === 0 && tables.every(({ equal }) => equal),
      rows: tables.reduce((total, { sourceRows }) => total + sourceRows, 0),
      bytes: tables.reduce((total, { bytes }) => total + bytes, 0),
      ms: Math.round(this.#ms),
      tables,
      differences: this.#differences.named,
      differenceCount: this.#differences.count,
      comparedAt: new Date().toISOString(),
      ...(this.#moments > 1 && { moments: this.#moments }),
    };
  }
}

/** What the older server prints is read by the newer one, whichever end that is: a tenant may come back from a newer one. */
async function definitionsOf(
  connections: ClusterConnections,
  source: Side,
  target: Side,
): Promise<readonly Difference[]> {
  const withMaintain = Math.min(source.major, target.major) >= firstWithMaintain;
  const read = ({ lanes: [client], place }: Side): Promise<readonly Definition[]> => {
    if (client === undefined) throw new BerthError('internal', 'A side of a comparison has no connection.');
    return readDefinitions(client, place, { withMaintain });
  };
  const [before, after] = await Promise.all([read(source), read(target)]);
  if (target.major > source.major)
    return compareDefinitions(await reprintViews(connections, target.place, before, after), after);
  if (source.major > target.major)
    return compareDefinitions(before, await reprintViews(connections, source.place, after, before));
  return compareDefinitions(before, after);
}

function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new BerthError('cancelled', 'The comparison was cancelled.');
}
