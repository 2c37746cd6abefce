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

/** SHA-256 of each row's text form. OFFSET 0 keeps the planner from computing text and hash once for each use. */
function hashedRows(schema: string, table: TableShape, condition: string, extra: string): string {
  const row = `ROW(${table.columns.map((column) => quoteIdent(column)).join(', ')})`;
  return `(SELECT sha256(line) AS hash, octet_length(line) AS size${extra === '' ? '' : ', keys'}
    FROM (SELECT textsend(${row}::text) AS line${extra} FROM ONLY ${quoteQualified(schema, table.name)} WHERE ${condition} OFFSET 0) AS texts OFFSET 0) AS hashed`;
}

/**
 * One line for a range: rows, bytes of text, and the SHA-256 over the sorted row hashes, so that neither the order of reading
 * nor a row that occurs twice can deceive it. Memory: 32 bytes a row of the range. Without a key the whole table is one range,
 * in 256 lines by the hash's first byte, so that no line grows past what PostgreSQL can hold.
 */
export function rangeHash(schema: string, table: TableShape, range: KeyRange): Statement {
  const { sql, values } = where(table, range);
  const bucket = table.key.length === 0 ? 'get_byte(hash, 0)' : '0';
  return {
    text: `SELECT ${bucket} AS bucket, count(*)::float8 AS rows, sum(size)::float8 AS bytes,
        encode(sha256(string_agg(hash, ''::bytea ORDER BY hash)), 'hex') AS hash
      FROM ${hashedRows(schema, table, sql, '')} GROUP BY 1 ORDER BY 1`,
    values,
  };
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
