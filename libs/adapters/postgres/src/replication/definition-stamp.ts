import type { Connection } from '../connection/index.js';

/**
 * The transactions that last wrote the schema's relations, columns, constraints, functions, types and places in publications. ANALYZE and VACUUM write in
 * place and change none of them; triggers are left out, as arming the fence is a change of them, and so are materialized views, which a refresh
 * writes anew and no stream carries.
 */
const stampQuery = `
  WITH seen AS (
    SELECT c.oid, c.xmin FROM pg_class c WHERE c.relnamespace = $1::oid AND c.relkind <> 'm' AND NOT EXISTS (
      SELECT FROM pg_index i JOIN pg_class v ON v.oid = i.indrelid WHERE i.indexrelid = c.oid AND v.relkind = 'm'))
  SELECT md5(string_agg(line, ',' ORDER BY line)) AS stamp FROM (
    SELECT 'c' || oid || ':' || xmin AS line FROM seen
    UNION ALL SELECT 'a' || a.attrelid || '.' || a.attnum || ':' || a.xmin FROM pg_attribute a JOIN seen c ON c.oid = a.attrelid
      WHERE a.attnum > 0
    UNION ALL SELECT 'k' || oid || ':' || xmin FROM pg_constraint WHERE connamespace = $1::oid
    UNION ALL SELECT 'p' || oid || ':' || xmin FROM pg_proc WHERE pronamespace = $1::oid
    UNION ALL SELECT 'r' || r.oid || ':' || r.xmin FROM pg_publication_rel r JOIN pg_class c ON c.oid = r.prrelid
      WHERE c.relnamespace = $1::oid
    UNION ALL SELECT 't' || oid || ':' || xmin FROM pg_type WHERE typnamespace = $1::oid) AS lines`;

/** One for both ends, as a comparison knows both. */
export const stampOfBoth = (source: string, target: string): string => `${source}.${target}`;

export async function readStamp(client: Connection, oid: string): Promise<string> {
  const { rows } = await client.query<{ stamp: string | null }>(stampQuery, [oid]);
  return rows[0]?.stamp ?? '';
}
