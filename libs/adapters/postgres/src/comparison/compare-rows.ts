import type { Difference } from '@berth/domain';
import type { Connection } from '../connection/index.js';
import type { DifferenceList } from './difference-list.js';
import {
  bucketHashes,
  cuts,
  isSteady,
  type KeyRange,
  rangeHash,
  rowsOfBucket,
  rowsOfRange,
  type Statement,
  wholeTable,
} from './range-queries.js';
import type { TableShape } from './table-shape.js';

/** Both ends of one lane, with the names of the schemas there. */
export interface Pair {
  readonly source: { readonly client: Connection; readonly schema: string };
  readonly target: { readonly client: Connection; readonly schema: string };
}

export interface RangeHash {
  readonly bucket: number;
  readonly rows: number;
  readonly bytes: number;
  readonly hash: string;
}

/** Unequal ranges of at most so many rows are read row by row; larger ones are cut into parts first. */
const rowsRead = 2_000;
const parts = 16;

/** A range is one statement on each side, some hundred ms: at most 25 MB of rows, or 1.6 MB of hashes to sort. */
const rowsOfSteadyRange = 50_000;
/** Where no index yields the order every range reads the whole table: fewer and larger ones. 32 MB of hashes. */
const rowsOfUnsteadyRange = 1_000_000;
/** A range has more rows than it was cut for when rows came to it since, or on one side only. By so much it may, in memory and time. */
const growth = 4;

/** The parts of a range, of `size` rows of one side each. */
async function cutRange(
  side: Pair['source'],
  table: TableShape,
  range: KeyRange,
  size: number,
): Promise<readonly KeyRange[]> {
  const rows = await ask<{ readonly keys: readonly string[] }>(side.client, cuts(side.schema, table, range, size));
  const limits = [range.after, ...rows.map(({ keys }) => keys), range.upTo];
  // The last one has no end of its own: rows beyond the source's last key belong to it, and are found there.
  return limits.slice(1).map((upTo, index) => ({ after: limits[index] ?? null, upTo }));
}

/** Into how many rows a table with a key is cut at first. */
function rowsOfRangesOf(table: TableShape): number {
  return isSteady(table) ? rowsOfSteadyRange : rowsOfUnsteadyRange;
}

/** A whole table in ranges; without a key it is one. */
export async function rangesOf(pair: Pair, table: TableShape): Promise<readonly KeyRange[]> {
  if (table.key.length === 0) return [wholeTable];
  return cutRange(pair.source, table, wholeTable, rowsOfRangesOf(table));
}

/** The parts of a range that has grown too large to be compared as one on a side; null: it has not. */
export async function partsOfGrown(
  { source, target }: Pair,
  table: TableShape,
  range: KeyRange,
  [there, here]: readonly [readonly RangeHash[], readonly RangeHash[]],
): Promise<readonly KeyRange[] | null> {
  const size = rowsOfRangesOf(table);
  const grown = [
    { side: source, hashes: there },
    { side: target, hashes: here },
  ].find(({ hashes }) => sum(hashes).rows >= size * growth);
  if (table.key.length === 0 || grown === undefined) return null;
  return cutRange(grown.side, table, range, size);
}

/** The hashes of a range at both ends. */
export function hashesOf(
  pair: Pair,
  table: TableShape,
  range: KeyRange,
): Promise<readonly [readonly RangeHash[], readonly RangeHash[]]> {
  const build = (schema: string): Statement =>
    table.key.length === 0
      ? bucketHashes(schema, table)
      : rangeHash(schema, table, range, rowsOfRangesOf(table) * growth);
  return onBoth(pair, build, readHashes);
}

/** Names the rows of a range whose hashes differ. */
export async function nameDifferences(
  pair: Pair,
  table: TableShape,
  range: KeyRange,
  [source, target]: readonly [readonly RangeHash[], readonly RangeHash[]],
  differences: DifferenceList,
): Promise<void> {
  if (table.key.length === 0) await nameInBuckets(pair, table, source, target, differences);
  else await nameInRange(pair, table, range, sum(source).rows, sum(target).rows, differences);
}

/** Names the rows that differ inside one range; larger ranges are cut into parts whose hashes are compared first. */
async function nameInRange(
  pair: Pair,
  table: TableShape,
  range: KeyRange,
  sourceRows: number,
  targetRows: number,
  differences: DifferenceList,
): Promise<void> {
  if (differences.full) {
    differences.addUnnamed(Math.max(1, Math.abs(sourceRows - targetRows)));
    return;
  }
  if (sourceRows === 0 || targetRows === 0) {
    await nameOneSided(pair, table, range, sourceRows, targetRows, differences);
    return;
  }
  if (Math.max(sourceRows, targetRows) <= rowsRead) {
    await nameRows(pair, table, range, differences);
    return;
  }
  const larger = sourceRows >= targetRows ? pair.source : pair.target;
  const size = Math.ceil(Math.max(sourceRows, targetRows) / parts);
  for (const part of await cutRange(larger, table, range, size)) {
    const [source, target] = await hashesOf(pair, table, part);
    if (!sameHashes(source, target)) {
      await nameInRange(pair, table, part, sum(source).rows, sum(target).rows, differences);
    }
  }
}

async function nameOneSided(
  pair: Pair,
  table: TableShape,
  range: KeyRange,
  sourceRows: number,
  targetRows: number,
  differences: DifferenceList,
): Promise<void> {
  const [side, kind, count] =
    targetRows === 0
      ? ([pair.source, 'missing-row', sourceRows] as const)
      : ([pair.target, 'extra-row', targetRows] as const);
  const rows = await readRows(side, table, range, rowsRead);
  const before = differences.count;
  for (const key of rows.keys()) differences.add(rowDifference(table, kind, key));
  differences.addUnnamed(count - (differences.count - before));
}

async function nameRows(pair: Pair, table: TableShape, range: KeyRange, differences: DifferenceList): Promise<void> {
  const [source, target] = await Promise.all([
    readRows(pair.source, table, range, rowsRead),
    readRows(pair.target, table, range, rowsRead),
  ]);
  for (const [key, hash] of source) {
    const other = target.get(key);
    if (other === undefined) differences.add(rowDifference(table, 'missing-row', key));
    else if (other !== hash) differences.add(rowDifference(table, 'changed-row', key));
  }
  for (const key of target.keys()) if (!source.has(key)) differences.add(rowDifference(table, 'extra-row', key));
}

async function nameInBuckets(
  pair: Pair,
  table: TableShape,
  source: readonly RangeHash[],
  target: readonly RangeHash[],
  differences: DifferenceList,
): Promise<void> {
  const onTarget = new Map(target.map((one) => [one.bucket, one]));
  const onSource = new Map(source.map((one) => [one.bucket, one]));
  for (const bucket of new Set([...onSource.keys(), ...onTarget.keys()])) {
    const [left, right] = [onSource.get(bucket), onTarget.get(bucket)];
    if (left?.hash === right?.hash) continue;
    if (differences.full) {
      differences.addUnnamed(Math.max(1, Math.abs((left?.rows ?? 0) - (right?.rows ?? 0))));
      continue;
    }
    const [ours, theirs] = await onBoth(pair, (schema) => rowsOfBucket(schema, table, bucket), readTimes);
    for (const hash of new Set([...ours.keys(), ...theirs.keys()])) {
      const [there, here] = [ours.get(hash) ?? 0, theirs.get(hash) ?? 0];
      if (there !== here) differences.add(keylessDifference(table, hash, there, here));
    }
  }
}

/** By the key's values, divided by NUL, which no text of PostgreSQL holds. */
async function readRows(
  side: Pair['source'],
  table: TableShape,
  range: KeyRange,
  limit: number,
): Promise<ReadonlyMap<string, string>> {
  const rows = await ask<{ readonly keys: readonly string[]; readonly hash: string }>(
    side.client,
    rowsOfRange(side.schema, table, range, limit),
  );
  return new Map(rows.map(({ keys, hash }) => [keys.join('\0'), hash]));
}

function rowDifference(table: TableShape, kind: 'missing-row' | 'extra-row' | 'changed-row', key: string): Difference {
  const values = key.split('\0').map((value) => (value.length > 60 ? `${value.slice(0, 60)}…` : value));
  const names = table.key.map(({ name }) => name).join(', ');
  const object = `${table.name} (${names}) = (${values.join(', ')})`;
  const text = {
    'missing-row': 'is missing on the target',
    'extra-row': 'is on the target only',
    'changed-row': 'differs',
  };
  return { kind, object, message: `row ${object} ${text[kind]}` };
}

function keylessDifference(table: TableShape, hash: string, there: number, here: number): Difference {
  const object = `${table.name} row ${hash.slice(0, 16)}`;
  return {
    kind: here < there ? 'missing-row' : 'extra-row',
    object,
    message: `${table.name} has no key; its row with the hash ${hash.slice(0, 16)}… occurs ${String(there)} times on the source and ${String(here)} times on the target`,
  };
}

async function onBoth<T>(
  pair: Pair,
  build: (schema: string) => Statement,
  read: (client: Connection, statement: Statement) => Promise<T>,
): Promise<readonly [T, T]> {
  return Promise.all([
    read(pair.source.client, build(pair.source.schema)),
    read(pair.target.client, build(pair.target.schema)),
  ]);
}

async function ask<R extends object>(client: Connection, statement: Statement): Promise<readonly R[]> {
  const { rows } = await client.query<R>(statement.text, [...statement.values]);
  return rows;
}

const readHashes = (client: Connection, statement: Statement): Promise<readonly RangeHash[]> => ask(client, statement);

async function readTimes(client: Connection, statement: Statement): Promise<ReadonlyMap<string, number>> {
  const rows = await ask<{ readonly hash: string; readonly times: number }>(client, statement);
  return new Map(rows.map(({ hash, times }) => [hash, times]));
}

export function sum(hashes: readonly RangeHash[]): { readonly rows: number; readonly bytes: number } {
  return hashes.reduce((total, one) => ({ rows: total.rows + one.rows, bytes: total.bytes + one.bytes }), {
    rows: 0,
    bytes: 0,
  });
}

export function sameHashes(source: readonly RangeHash[], target: readonly RangeHash[]): boolean {
  return (
    source.length === target.length &&
    source.every(
      (one, index) =>
        one.bucket === target[index]?.bucket && one.rows === target[index].rows && one.hash === target[index].hash,
    )
  );
}
