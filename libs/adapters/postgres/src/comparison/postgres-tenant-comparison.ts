import { BerthError, type ComparisonReport, type Difference, type Place } from '@berth/domain';
import { type LongWork, TenantComparison } from '@berth/ports';
import type { ClusterConnections } from '../connection/index.js';
import { compareSequences } from './compare-sequences.js';
import { compareTables, readSchema } from './compare-tables.js';
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
    const side = (snapshot: string | undefined) => ({
      lanes: how.lanes,
      signal: work.signal,
      ...(snapshot === undefined ? {} : { snapshot }),
    });
    throwIfCancelled(work.signal);
    try {
      return await withSide(this.#connections, source, side(how.snapshots?.source), (ours) =>
        withSide(this.#connections, target, side(how.snapshots?.target), (theirs) =>
          compareSides(this.#connections, ours, theirs, how, work),
        ),
      );
    } catch (error) {
      throwIfCancelled(work.signal);
      throw error;
    }
  }
}

async function compareSides(
  connections: ClusterConnections,
  source: Side,
  target: Side,
  { sequences }: Pick<ComparedUnder, 'sequences'>,
  work: LongWork,
): Promise<ComparisonReport> {
  const started = performance.now();
  const differences = new DifferenceList();
  const [ours, theirs] = await Promise.all([readSchema(source), readSchema(target)]);

  for (const difference of await definitionsOf(connections, source, target)) differences.add(difference);
  const positions = sequences ? await compareSequences(ours, theirs) : [];
  for (const difference of positions) differences.add(difference);

  const tables = await compareTables(ours, theirs, differences, work);
  return {
    equal: differences.count === 0 && tables.every(({ equal }) => equal),
    rows: tables.reduce((total, { sourceRows }) => total + sourceRows, 0),
    bytes: tables.reduce((total, { bytes }) => total + bytes, 0),
    ms: Math.round(performance.now() - started),
    tables,
    differences: differences.named,
    differenceCount: differences.count,
    comparedAt: new Date().toISOString(),
  };
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
