import type { Connection } from '../connection/index.js';

/**
 * The transactions that last wrote the schema's relations, columns, constraints, functions, types and places in publications. ANALYZE and VACUUM write in
 * place and change none of them; triggers are left out, as arming the fence is a change of them, and so are materialized views, which a refresh
 * writes anew and no stream carries.
 * A sum of hashes needs no order, and a switch waits for this with all its writers.
 */
const stampQuery = `
  WITH seen AS (
    SELECT c.oid, c.xmin FROM pg_class c WHERE c.relnamespace = $1::oid AND c.relkind <> 'm' AND NOT EXISTS (
      SELECT FROM pg_index i JOIN pg_class v ON v.oid = i.indrelid WHERE i.indexrelid = c.oid AND v.relkind = 'm'))
  SELECT sum(hash_record_extended(written, 0))::text AS stamp FROM (
    SELECT ROW(1, oid, 0, xmin) AS written FROM seen
    UNION ALL SELECT ROW(2, a.attrelid, a.attnum, a.xmin) FROM pg_attribute a JOIN seen c ON c.oid = a.attrelid WHERE a.attnum > 0
    UNION ALL SELECT ROW(3, oid, 0, xmin) FROM pg_constraint WHERE connamespace = $1::oid
    UNION ALL SELECT ROW(4, oid, 0, xmin) FROM pg_proc WHERE pronamespace = $1::oid
    UNION ALL SELECT ROW(5, r.oid, 0, r.xmin) FROM pg_publication_rel r JOIN pg_class c ON c.oid = r.prrelid
      WHERE c.relnamespace = $1::oid
    UNION ALL SELECT ROW(6, oid, 0, xmin) FROM pg_type WHERE typnamespace = $1::oid) AS lines`;

/** One for both ends, as a comparison knows both. */
export const stampOfBoth = (source: string, target: string): string => `${source}.${target}`;

export async function readStamp(client: Connection, oid: string): Promise<string> {
  const { rows } = await client.query<{ stamp: string | null }>(stampQuery, [oid]);
  return rows[0]?.stamp ?? '';
}
