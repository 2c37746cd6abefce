import { type Connection, quoteIdent, quoteQualified } from '../connection/index.js';

/** A table, or a stretch of its pages: what one COPY carries. */
export interface CopyPart {
  readonly table: string;
  /** 0 for the first, in the order of the pages. */
  readonly number: number;
  /** Bytes on disk: what it weighs in the whole. */
  readonly bytes: number;
  /** What the source is asked for; `FORMAT` goes to both ends. */
  readonly query: string;
  readonly into: string;
  /** The file in which the table lay. Pages of a rewritten table are others. */
  readonly file: string;
  /** Whether it is all of the table. */
  readonly whole: boolean;
}

export interface CopyPartsOptions {
  readonly schema: string;
  /** Pages of one part of a big table; 8 kB each. */
  readonly pagesOfPart: number;
}

/** 64 MB: about a second's work, so that little is done twice when one fails. */
export const pagesOfPart = 8_192;

interface TableRow {
  readonly name: string;
  readonly pages: number;
  readonly bytes: number;
  readonly file: string;
  readonly columns: readonly string[];
  readonly binary: boolean;
}

/**
 * The binary form is that of the types' own send functions, the same on every server for what PostgreSQL brings itself; a type
 * of the tenant's is written as a number inside arrays and rows, and `regclass` and its kin are numbers too. Enums are text.
 */
const tablesQuery = `
  SELECT c.relname AS name, (pg_relation_size(c.oid) / current_setting('block_size')::int)::float8 AS pages,
    pg_table_size(c.oid)::float8 AS bytes, c.relfilenode::text AS file,
    ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
      ORDER BY a.attnum) AS columns,
    NOT EXISTS (SELECT FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
        AND NOT (t.typtype = 'e' OR (t.typnamespace = 'pg_catalog'::regnamespace AND t.typtype IN ('b', 'r', 'm')
          AND t.typsend <> 0 AND t.typname !~ '^_?reg'))) AS binary
  FROM pg_class c WHERE c.relnamespace = $1::oid AND c.relkind = 'r' AND c.relpersistence = 'p' ORDER BY pages DESC, c.relname`;

/** All parts, the largest tables first, so that the last lane at work has little left. */
export async function readParts(
  client: Connection,
  schemaOid: string,
  options: CopyPartsOptions,
): Promise<readonly CopyPart[]> {
  const { rows } = await client.query<TableRow>(tablesQuery, [schemaOid]);
  return rows.flatMap((table) => partsOf(table, options));
}

function partsOf(table: TableRow, { schema, pagesOfPart: size }: CopyPartsOptions): readonly CopyPart[] {
  const name = quoteQualified(schema, table.name);
  const columns = table.columns.map(quoteIdent).join(', ');
  const format = table.binary && table.columns.length > 0 ? ' WITH (FORMAT binary)' : '';
  const count = Math.max(1, Math.ceil(table.pages / size));
  // COPY knows no empty list of columns; a table without any still has rows.
  const into = `COPY ${name}${columns === '' ? '' : ` (${columns})`} FROM STDIN${format}`;
  return Array.from({ length: count }, (_, number) => {
    const conditions = [
      ...(number > 0 ? [`ctid >= '(${String(number * size)},0)'::tid`] : []),
      // The last one has no end: the table may have grown since it was measured.
      ...(number < count - 1 ? [`ctid < '(${String((number + 1) * size)},0)'::tid`] : []),
    ];
    const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
    return {
      table: table.name,
      number,
      bytes: Math.round(table.bytes / count),
      query: `COPY (SELECT ${columns} FROM ONLY ${name}${where}) TO STDOUT${format}`,
      into,
      file: table.file,
      whole: count === 1,
    };
  });
}
