import type { Connection } from '../connection/index.js';

export interface ColumnShape {
  readonly name: string;
  /**
   * As SQL writes it: `bigint` or `tenant_acme.mood`. Of a domain what it is made of: to read a value as the domain itself would
   * run its check, which is the tenant's code.
   */
  readonly type: string;
  /** Whether values of the type sort the same on every server: no collation, no code of the tenant's. */
  readonly steady: boolean;
}

/** A column whose values are compared. */
export interface ValueShape {
  readonly name: string;
  /**
   * Whether its type's binary form is the same for the same value, wherever and however that came to be: then it is compared, in half
   * the time. Not so where a type is a number that each server gives (enums, composites), where NaN has several bit patterns
   * (floats, points), and where an array says that it may hold NULL (it keeps that after the last one is gone).
   */
  readonly binary: boolean;
}

/** A table as the comparison reads it. Partitions and heirs are tables of their own; a partitioned table holds no rows. */
export interface TableShape {
  readonly name: string;
  /** By name, so that the order in which columns were added does not matter. */
  readonly columns: readonly ValueShape[];
  /** Primary key, else a unique index over NOT NULL columns; empty: none. */
  readonly key: readonly ColumnShape[];
  readonly bytes: number;
  /** -1: never counted. */
  readonly estimatedRows: number;
}

const binaryTypes = `'{bool,int2,int4,int8,numeric,text,varchar,bpchar,bytea,date,time,timestamp,timestamptz,uuid,json,jsonb}'::pg_catalog.regtype[]`;

const tablesQuery = `
  SELECT c.relname AS name, pg_table_size(c.oid)::float8 AS bytes, c.reltuples::float8 AS "estimatedRows",
    coalesce((
      SELECT json_agg(json_build_object('name', a.attname, 'binary', a.atttypid = ANY (${binaryTypes})) ORDER BY a.attname COLLATE "C")
      FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]') AS columns,
    coalesce((
      SELECT json_agg(json_build_object('name', a.attname, 'type', format_type(b.oid, NULL),
          'steady', a.attcollation = 0 AND (b.typtype = 'e' OR (b.typtype = 'b' AND b.typnamespace = 'pg_catalog'::regnamespace
            AND b.typcategory IN ('B', 'N', 'D', 'T', 'U', 'I')))) ORDER BY k.place)
      FROM unnest(best.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
      JOIN pg_type t ON t.oid = a.atttypid
      JOIN pg_type b ON b.oid = coalesce(nullif(t.typbasetype, 0), t.oid)
      WHERE k.place <= best.indnkeyatts), '[]') AS key
  FROM pg_class c
  LEFT JOIN LATERAL (
    SELECT i.indkey, i.indnkeyatts FROM pg_index i
    WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
      AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey) AND NOT a.attnotnull)
    ORDER BY i.indisprimary DESC, i.indnkeyatts, i.indexrelid LIMIT 1) best ON true
  WHERE c.relnamespace = $1::oid AND c.relkind = 'r'
  ORDER BY pg_table_size(c.oid) DESC, c.relname`;

export async function readTableShapes(client: Connection, schemaOid: string): Promise<readonly TableShape[]> {
  const { rows } = await client.query<TableShape>(tablesQuery, [schemaOid]);
  return rows;
}
