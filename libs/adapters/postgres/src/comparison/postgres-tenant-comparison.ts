import { BerthError, type ComparisonReport, type Place, type TableComparison } from '@berth/domain';
import { type LongWork, TenantComparison } from '@berth/ports';
import { type ClusterConnections, quoteQualified } from '../connection/index.js';
import { compareRows, type Pair } from './compare-rows.js';
import { compareSequences } from './compare-sequences.js';
import { compareDefinitions, readDefinitions, schemaOid } from './definitions.js';
import { DifferenceList } from './difference-list.js';
import { reprintViews } from './reprint-views.js';
import { type Side, withSide } from './snapshot-side.js';
import { readTableShapes, type TableShape } from './table-shape.js';

/** Tables compared at the same time: one connection a side for each. */
const lanes = 2;

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

  async compare(source: Place, target: Place, work: LongWork): Promise<ComparisonReport> {
    const options = { lanes, signal: work.signal };
    throwIfCancelled(work.signal);
    try {
      return await withSide(this.#connections, source, options, (ours) =>
        withSide(this.#connections, target, options, (theirs) => compareSides(this.#connections, ours, theirs, work)),
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
  work: LongWork,
): Promise<ComparisonReport> {
  const started = performance.now();
  const differences = new DifferenceList();
  const [ours, theirs] = [await Shape.read(source), await Shape.read(target)];

  const withMaintain = Math.min(source.major, target.major) >= firstWithMaintain;
  const [before, after] = await Promise.all([
    readDefinitions(ours.client, source.place, { withMaintain }),
    readDefinitions(theirs.client, target.place, { withMaintain }),
  ]);
  const readable = target.major > source.major ? await reprintViews(connections, target.place, before, after) : before;
  for (const difference of compareDefinitions(readable, after)) differences.add(difference);
  for (const difference of await compareSequences(ours, theirs)) differences.add(difference);

  const tables = await compareTables(source, target, ours, theirs, differences, work);
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

/** What a side's schema holds, read on its first lane. */
class Shape {
  private constructor(
    readonly client: Side['lanes'][number],
    readonly schema: string,
    readonly oid: string,
    readonly tables: ReadonlyMap<string, TableShape>,
  ) {}

  static async read({ place, lanes: [client] }: Side): Promise<Shape> {
    if (client === undefined) throw new BerthError('internal', 'A side of a comparison has no connection.');
    const oid = await schemaOid(client, place);
    const tables = await readTableShapes(client, oid);
    return new Shape(client, place.schema, oid, new Map(tables.map((table) => [table.name, table])));
  }
}

async function compareTables(
  source: Side,
  target: Side,
  ours: Shape,
  theirs: Shape,
  differences: DifferenceList,
  work: LongWork,
): Promise<readonly TableComparison[]> {
  const waiting = [...ours.tables.values()];
  const results: TableComparison[] = [];
  const report = rowProgress(waiting, work);
  const runLane = async (pair: Pair): Promise<void> => {
    for (let table = waiting.shift(); table !== undefined; table = waiting.shift()) {
      throwIfCancelled(work.signal);
      results.push(await compareTable(pair, table, theirs.tables.get(table.name), differences, report));
    }
  };
  const pairs = source.lanes.flatMap((client, index): readonly Pair[] => {
    const other = target.lanes[index];
    if (other === undefined) return [];
    return [{ source: { client, schema: ours.schema }, target: { client: other, schema: theirs.schema } }];
  });
  await Promise.all(pairs.map(runLane));
  const only = [...theirs.tables.values()].filter(({ name }) => !ours.tables.has(name));
  for (const { name } of only) {
    results.push({ table: name, sourceRows: 0, targetRows: await count(theirs, name), bytes: 0, ms: 0, equal: false });
  }
  return results.sort((left, right) => (left.table < right.table ? -1 : 1));

  async function count(shape: Shape, table: string): Promise<number> {
    const sql = `SELECT count(*)::float8 AS rows FROM ONLY ${quoteQualified(shape.schema, table)}`;
    return (await shape.client.query<{ rows: number }>(sql)).rows[0]?.rows ?? 0;
  }

  async function compareTable(
    pair: Pair,
    table: TableShape,
    other: TableShape | undefined,
    list: DifferenceList,
    onRows: (table: string, rows: number) => void,
  ): Promise<TableComparison> {
    const started = performance.now();
    const sameColumns = other !== undefined && other.columns.join('\0') === table.columns.join('\0');
    if (!sameColumns) {
      // The definitions name it; rows of different columns cannot be equal.
      const sql = `SELECT count(*)::float8 AS rows FROM ONLY `;
      const source = await pair.source.client.query<{ rows: number }>(
        sql + quoteQualified(pair.source.schema, table.name),
      );
      const there =
        other === undefined
          ? undefined
          : await pair.target.client.query<{ rows: number }>(sql + quoteQualified(pair.target.schema, table.name));
      const rows = { sourceRows: source.rows[0]?.rows ?? 0, targetRows: there?.rows[0]?.rows ?? 0 };
      return { table: table.name, ...rows, bytes: 0, ms: Math.round(performance.now() - started), equal: false };
    }
    const rows = await compareRows(pair, table, list, (compared) => {
      throwIfCancelled(work.signal);
      onRows(table.name, compared);
    });
    return { table: table.name, ...rows, ms: Math.round(performance.now() - started) };
  }
}

function rowProgress(tables: readonly TableShape[], work: LongWork): (table: string, rows: number) => void {
  const known = tables.every(({ estimatedRows }) => estimatedRows >= 0);
  const estimate = tables.reduce((total, { estimatedRows }) => total + estimatedRows, 0);
  let done = 0;
  return (table, rows) => {
    done += rows;
    work.onProgress({ text: `comparing ${table}`, done, total: known ? Math.max(estimate, done) : null, unit: 'rows' });
  };
}

function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new BerthError('cancelled', 'The comparison was cancelled.');
}
