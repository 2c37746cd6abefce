import { BerthError, type TableComparison } from '@berth/domain';
import type { LongWork } from '@berth/ports';
import { type Connection, quoteQualified } from '../connection/index.js';
import { compareRows, type Pair } from './compare-rows.js';
import { schemaOid } from './definitions.js';
import type { DifferenceList } from './difference-list.js';
import type { Side } from './snapshot-side.js';
import { readTableShapes, type TableShape } from './table-shape.js';

/** What a side's schema holds; read on its first lane. */
export interface SchemaShape {
  readonly lanes: readonly Connection[];
  readonly client: Connection;
  readonly schema: string;
  readonly oid: string;
  /** By name, the largest first. */
  readonly tables: ReadonlyMap<string, TableShape>;
}

export async function readSchema({ place, lanes }: Side): Promise<SchemaShape> {
  const [client] = lanes;
  if (client === undefined) throw new BerthError('internal', 'A side of a comparison has no connection.');
  const oid = await schemaOid(client, place);
  const tables = await readTableShapes(client, oid);
  return { lanes, client, schema: place.schema, oid, tables: new Map(tables.map((table) => [table.name, table])) };
}

type OnRows = (table: string, rows: number) => void;

/** Every table of both sides: one lane takes the next one when it is done with the last, the largest first. */
export async function compareTables(
  ours: SchemaShape,
  theirs: SchemaShape,
  differences: DifferenceList,
  work: LongWork,
): Promise<readonly TableComparison[]> {
  const waiting = [...ours.tables.values()];
  const results: TableComparison[] = [];
  const onRows = rowProgress(waiting, work);
  const runLane = async (pair: Pair): Promise<void> => {
    for (let table = waiting.shift(); table !== undefined; table = waiting.shift()) {
      results.push(await compareTable(pair, table, theirs.tables.get(table.name), differences, onRows));
    }
  };
  await Promise.all(pairsOf(ours, theirs).map(runLane));
  for (const { name } of theirs.tables.values()) {
    if (ours.tables.has(name)) continue;
    const targetRows = await countRows(theirs.client, theirs.schema, name);
    results.push({ table: name, sourceRows: 0, targetRows, bytes: 0, ms: 0, equal: false });
  }
  return results.sort((left, right) => (left.table < right.table ? -1 : 1));
}

function pairsOf(ours: SchemaShape, theirs: SchemaShape): readonly Pair[] {
  return ours.lanes.flatMap((client, index) => {
    const other = theirs.lanes[index];
    if (other === undefined) return [];
    return [{ source: { client, schema: ours.schema }, target: { client: other, schema: theirs.schema } }];
  });
}

async function compareTable(
  { source, target }: Pair,
  table: TableShape,
  other: TableShape | undefined,
  differences: DifferenceList,
  onRows: OnRows,
): Promise<TableComparison> {
  const started = performance.now();
  const sinceStart = (): number => Math.round(performance.now() - started);
  if (other?.columns.join('\0') === table.columns.join('\0')) {
    const rows = await compareRows({ source, target }, table, differences, (compared) => {
      onRows(table.name, compared);
    });
    return { table: table.name, ...rows, ms: sinceStart() };
  }
  // The definitions name what is wrong; rows of different columns cannot be equal.
  const sourceRows = await countRows(source.client, source.schema, table.name);
  const targetRows = other === undefined ? 0 : await countRows(target.client, target.schema, table.name);
  return { table: table.name, sourceRows, targetRows, bytes: 0, ms: sinceStart(), equal: false };
}

async function countRows(client: Connection, schema: string, table: string): Promise<number> {
  const sql = `SELECT count(*)::float8 AS rows FROM ONLY ${quoteQualified(schema, table)}`;
  return (await client.query<{ rows: number }>(sql)).rows[0]?.rows ?? 0;
}

/** Reports rows, and stops the comparison once it is cancelled. The whole is an estimate of the server's. */
function rowProgress(tables: readonly TableShape[], work: LongWork): OnRows {
  const known = tables.every(({ estimatedRows }) => estimatedRows >= 0);
  const estimate = tables.reduce((total, { estimatedRows }) => total + estimatedRows, 0);
  let done = 0;
  return (table, rows) => {
    if (work.signal.aborted) throw new BerthError('cancelled', 'The comparison was cancelled.');
    done += rows;
    work.onProgress({ text: `comparing ${table}`, done, total: known ? Math.max(estimate, done) : null, unit: 'rows' });
  };
}
