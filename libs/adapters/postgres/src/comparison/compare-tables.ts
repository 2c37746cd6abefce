import { BerthError, type TableComparison } from '@berth/domain';
import type { LongWork } from '@berth/ports';
import { type Connection, quoteQualified } from '../connection/index.js';
import type { Pair } from './compare-rows.js';
import { schemaOid } from './definitions.js';
import type { DifferenceList } from './difference-list.js';
import { RowComparison } from './row-comparison.js';
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

interface OnCompared {
  readonly rows: (table: string, rows: number) => void;
  readonly table: (table: string) => void;
}

/** Every table of both sides, at one moment or, with `timeUp`, at several: one lane takes the next one when it is done with the last, the largest first. */
export class TableComparisons {
  readonly #waiting: RowComparison[];
  readonly #results: TableComparison[] = [];
  readonly #on: OnCompared;

  constructor(
    private readonly tables: ReadonlyMap<string, TableShape>,
    differences: DifferenceList,
    work: LongWork,
  ) {
    this.#on = comparisonProgress([...tables.values()], work);
    this.#waiting = [...tables.values()].map(
      (table) =>
        new RowComparison(table, differences, (rows) => {
          this.#on.rows(table.name, rows);
        }),
    );
  }

  /** True: every table was compared. */
  async advance(ours: SchemaShape, theirs: SchemaShape, timeUp: () => boolean): Promise<boolean> {
    const cutOff: RowComparison[] = [];
    const runLane = async (pair: Pair): Promise<void> => {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
        const result = await compareTable(pair, next, theirs.tables.get(next.table.name), timeUp);
        if (result === null) cutOff.push(next);
        else {
          this.#results.push(result);
          this.#on.table(next.table.name);
        }
        if (timeUp()) return;
      }
    };
    await Promise.all(pairsOf(ours, theirs).map(runLane));
    this.#waiting.unshift(...cutOff);
    if (this.#waiting.length > 0) return false;
    for (const { name } of theirs.tables.values()) {
      if (this.tables.has(name)) continue;
      const targetRows = await countRows(theirs.client, theirs.schema, name);
      this.#results.push({ table: name, sourceRows: 0, targetRows, bytes: 0, ms: 0, equal: false });
    }
    return true;
  }

  results(): readonly TableComparison[] {
    return [...this.#results].sort((left, right) => (left.table < right.table ? -1 : 1));
  }
}

function pairsOf(ours: SchemaShape, theirs: SchemaShape): readonly Pair[] {
  return ours.lanes.flatMap((client, index) => {
    const other = theirs.lanes[index];
    if (other === undefined) return [];
    return [{ source: { client, schema: ours.schema }, target: { client: other, schema: theirs.schema } }];
  });
}

/** Null: the time was up before all of its rows were compared. */
async function compareTable(
  { source, target }: Pair,
  rows: RowComparison,
  other: TableShape | undefined,
  timeUp: () => boolean,
): Promise<TableComparison | null> {
  const { table } = rows;
  if (other !== undefined && sameColumns(table, other)) {
    return (await rows.advance({ source, target }, timeUp)) ? rows.result() : null;
  }
  const started = performance.now();
  // The definitions name what is wrong; rows of different columns cannot be equal.
  const sourceRows = await countRows(source.client, source.schema, table.name);
  const targetRows = other === undefined ? 0 : await countRows(target.client, target.schema, table.name);
  const ms = Math.round(performance.now() - started);
  return { table: table.name, sourceRows, targetRows, bytes: 0, ms, equal: false };
}

function sameColumns(table: TableShape, other: TableShape): boolean {
  const names = ({ columns }: TableShape): string => columns.map(({ name }) => name).join('\0');
  return names(table) === names(other);
}

async function countRows(client: Connection, schema: string, table: string): Promise<number> {
  const sql = `SELECT count(*)::float8 AS rows FROM ONLY ${quoteQualified(schema, table)}`;
  return (await client.query<{ rows: number }>(sql)).rows[0]?.rows ?? 0;
}

/** Reports rows and tables, and stops the comparison once it is cancelled. The whole of the rows is an estimate of the server's. */
function comparisonProgress(shapes: readonly TableShape[], work: LongWork): OnCompared {
  const known = shapes.every(({ estimatedRows }) => estimatedRows >= 0);
  const estimate = shapes.reduce((total, { estimatedRows }) => total + estimatedRows, 0);
  let [done, tables] = [0, 0];
  const tell = (table: string): void => {
    if (work.signal.aborted) throw new BerthError('cancelled', 'The comparison was cancelled.');
    const total = known ? Math.max(estimate, done) : null;
    const also = [{ done: tables, total: shapes.length, unit: 'tables' }] as const;
    work.onProgress({ text: `comparing ${table}`, done, total, unit: 'rows', also });
  };
  return {
    rows: (table, rows) => {
      done += rows;
      tell(table);
    },
    table: (table) => {
      tables += 1;
      tell(table);
    },
  };
}
