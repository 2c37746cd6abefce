import { quoteIdent, quoteQualified } from '../connection/index.js';
import type { ColumnShape, TableShape } from './table-shape.js';

/** A part of a table by its key: after `after`, up to and with `upTo`; null is no bound. Key values in their text form. */
export interface KeyRange {
  readonly after: readonly string[] | null;
  readonly upTo: readonly string[] | null;
}

export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

export const wholeTable: KeyRange = { after: null, upTo: null };

/**
 * A value's text, by the output function of its type alone. `::text` would call a cast where the tenant made one for its type,
 * and so run the tenant's code in the admin's session.
 */
function asText(column: ColumnShape): string {
  return `concat(${quoteIdent(column.name)})`;
}

/** A value of a key as both servers sort it: as its type does, or as text by bytes where a collation would decide. */
function sorted(column: ColumnShape): string {
  return column.steady ? quoteIdent(column.name) : `(${asText(column)} COLLATE "C")`;
}

/** The parameter is of the type itself, so that its input function reads it: by way of `text` a cast of the tenant's would. */
function bound(column: ColumnShape, parameter: number): string {
  return `$${String(parameter)}::${column.steady ? column.type : 'text'}`;
}

/** Names from the outside stand in columns that begin with `k`, so that no column of the tenant's is shadowed. */
function keyAsText(table: TableShape): string {
  return table.key.map(asText).join(', ');
}

function where(table: TableShape, range: KeyRange): { readonly sql: string; readonly values: readonly string[] } {
  const values: string[] = [];
  const compare = (operator: string, limit: readonly string[] | null): string[] => {
    if (limit === null) return [];
    const first = values.length + 1;
    values.push(...limit);
    const bounds = table.key.map((column, index) => bound(column, first + index));
    return [`(${table.key.map(sorted).join(', ')}) ${operator} (${bounds.join(', ')})`];
  };
  const conditions = [...compare('>', range.after), ...compare('<=', range.upTo)];
  return { sql: conditions.length === 0 ? 'true' : conditions.join(' AND '), values };
}

/**
 * A row as bytes that tell where each value ends and which are NULL. The text form of a whole row would cost 1.6 times as much and more: it looks
 * at each character for what it has to quote.
 */
function rowAsBytes(table: TableShape): string {
  const values = table.columns.map(({ name, binary }) => {
    const column = quoteIdent(name);
    // IS NULL would be true of a composite whose parts are.
    return binary ? column : `CASE num_nulls(${column}) WHEN 0 THEN concat(${column}) END`;
  });
  return `record_send(ROW(${values.join(', ')}))`;
}

/** SHA-256 of each row. OFFSET 0 keeps the planner from computing bytes and hash once for each use. */
function hashedRows(schema: string, table: TableShape, condition: string, extra: string): string {
  return `(SELECT sha256(line) AS hash, octet_length(line) AS size${extra === '' ? '' : ', keys'}
    FROM (SELECT ${rowAsBytes(table)} AS line${extra} FROM ONLY ${quoteQualified(schema, table.name)} WHERE ${condition} OFFSET 0) AS lines OFFSET 0) AS hashed`;
}

/** Longer rows are hashed one by one, so that the bytes of a range stay few. */
const longRow = 512;

/**
 * One line for the first `limit` rows of a range, none where there is none: rows, their bytes, and a SHA-256 over them all. In the
 * order of the key where every server sorts it alike: one hash over many short rows costs less than one each. Else over the sorted
 * hashes of the rows, so that the order of reading does not matter.
 */
export function rangeHash(schema: string, table: TableShape, range: KeyRange, limit: number): Statement {
  const { sql, values } = where(table, range);
  const inOrder = isSteady(table);
  const keys = inOrder ? table.key.map((_, index) => `k${String(index + 1)}`) : [];
  const read = [
    `${rowAsBytes(table)} AS line`,
    ...keys.map((key, index) => `${quoteIdent(table.key[index]?.name ?? '')} AS ${key}`),
  ];
  const part = inOrder
    ? `CASE WHEN octet_length(line) > ${String(longRow)} THEN sha256(line) ELSE line END`
    : 'sha256(line)';
  const order = inOrder ? keys.join(', ') : 'part';
  return {
    text: `SELECT 0 AS bucket, count(*)::float8 AS rows, sum(size)::float8 AS bytes,
        encode(sha256(string_agg(part, ''::bytea ORDER BY ${order})), 'hex') AS hash
      FROM (SELECT ${[`${part} AS part`, 'octet_length(line) AS size', ...keys].join(', ')}
        FROM (SELECT ${read.join(', ')} FROM ONLY ${quoteQualified(schema, table.name)} WHERE ${sql}
          ${inOrder ? `ORDER BY ${order} ` : ''}LIMIT ${String(limit)}) AS lines OFFSET 0) AS parts
      HAVING count(*) > 0`,
    values,
  };
}

/**
 * A table without a key: the whole of it is one range, in 256 lines by the first byte of the row's hash, so that no line grows past
 * what PostgreSQL can hold; each over sorted hashes, so that a row that occurs twice counts twice.
 */
export function bucketHashes(schema: string, table: TableShape): Statement {
  return {
    text: `SELECT get_byte(hash, 0) AS bucket, count(*)::float8 AS rows, sum(size)::float8 AS bytes,
        encode(sha256(string_agg(hash, ''::bytea ORDER BY hash)), 'hex') AS hash
      FROM ${hashedRows(schema, table, 'true', '')} GROUP BY 1 ORDER BY 1`,
    values: [],
  };
}

/** Whether every server sorts the table's rows by key alike, by an index. */
export function isSteady({ key }: TableShape): boolean {
  return key.length > 0 && key.every(({ steady }) => steady);
}

/** Keys at which a range is cut into parts of `size` rows, in order. */
export function cuts(schema: string, table: TableShape, range: KeyRange, size: number): Statement {
  const { sql, values } = where(table, range);
  const order = table.key.map(sorted).join(', ');
  return {
    text: `SELECT keys FROM (SELECT ARRAY[${keyAsText(table)}] AS keys, row_number() OVER (ORDER BY ${order}) AS n
        FROM ONLY ${quoteQualified(schema, table.name)} WHERE ${sql}) AS numbered
      WHERE n % ${String(size)} = 0 ORDER BY n`,
    values,
  };
}

/** Each row's key and hash. */
export function rowsOfRange(schema: string, table: TableShape, range: KeyRange, limit: number): Statement {
  const { sql, values } = where(table, range);
  return {
    text: `SELECT keys, encode(hash, 'hex') AS hash FROM ${hashedRows(schema, table, sql, `, ARRAY[${keyAsText(table)}] AS keys`)}
      LIMIT ${String(limit)}`,
    values,
  };
}

/** Of a table without a key: the hashes of one bucket and how often each occurs. */
export function rowsOfBucket(schema: string, table: TableShape, bucket: number): Statement {
  return {
    text: `SELECT encode(hash, 'hex') AS hash, count(*)::int AS times FROM ${hashedRows(schema, table, 'true', '')}
      WHERE get_byte(hash, 0) = $1 GROUP BY hash`,
    values: [bucket],
  };
}
