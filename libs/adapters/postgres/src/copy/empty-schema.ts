import type { Connection } from '../connection/index.js';

/** Objects dropped in one transaction: each holds a lock, and the server's lock table is bounded. */
const dropsAtOnce = 50;

/**
 * DROP statements for everything in a schema, what others hang on last. Everything cascades, so a later statement may find its
 * object gone. Indexes, constraints, triggers, policies and rules go with their tables; a partition goes with its root.
 */
const dropsQuery = `
  SELECT format('DROP %s IF EXISTS %s CASCADE', kind, name) AS sql FROM (
    SELECT 1 AS turn, CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'
        WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END AS kind,
      format('%I.%I', n.nspname, c.relname) AS name, c.oid
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relnamespace = $1::oid AND c.relkind IN ('v', 'm', 'S', 'f', 'c', 'r', 'p')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND c.relkind = 'S' AND d.deptype = 'i')
    UNION ALL
    SELECT 2, 'STATISTICS', format('%I.%I', n.nspname, s.stxname), s.oid
    FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE s.stxnamespace = $1::oid
    UNION ALL
    SELECT 3, i.type, i.identity, o.oid
    FROM (SELECT 'pg_operator'::regclass AS class, oid FROM pg_operator WHERE oprnamespace = $1::oid
      UNION ALL SELECT 'pg_opclass'::regclass, oid FROM pg_opclass WHERE opcnamespace = $1::oid
      UNION ALL SELECT 'pg_opfamily'::regclass, oid FROM pg_opfamily WHERE opfnamespace = $1::oid
      UNION ALL SELECT 'pg_conversion'::regclass, oid FROM pg_conversion WHERE connamespace = $1::oid
      UNION ALL SELECT 'pg_ts_config'::regclass, oid FROM pg_ts_config WHERE cfgnamespace = $1::oid
      UNION ALL SELECT 'pg_ts_dict'::regclass, oid FROM pg_ts_dict WHERE dictnamespace = $1::oid) o
    CROSS JOIN LATERAL pg_identify_object(o.class, o.oid, 0) i
    UNION ALL
    SELECT 4, CASE p.prokind WHEN 'a' THEN 'AGGREGATE' WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END, p.oid::regprocedure::text, p.oid
    FROM pg_proc p WHERE p.pronamespace = $1::oid
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype IN ('i', 'e'))
    UNION ALL
    SELECT 5, CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, format('%I.%I', n.nspname, t.typname), t.oid
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE t.typnamespace = $1::oid AND t.typtype IN ('b', 'd', 'e', 'r')
      AND NOT EXISTS (SELECT FROM pg_type element WHERE element.typarray = t.oid)
    UNION ALL
    SELECT 6, 'COLLATION', format('%I.%I', n.nspname, l.collname), l.oid
    FROM pg_collation l JOIN pg_namespace n ON n.oid = l.collnamespace WHERE l.collnamespace = $1::oid) AS everything
  ORDER BY turn, oid DESC LIMIT ${String(dropsAtOnce)}`;

/** Drops some of what is in the schema; false when nothing is left. Run it in one transaction after the other. */
export async function dropSome(client: Connection, schemaOid: string): Promise<boolean> {
  const { rows } = await client.query<{ sql: string }>(dropsQuery, [schemaOid]);
  if (rows.length === 0) return false;
  await client.query(rows.map(({ sql }) => sql).join(';\n'));
  return true;
}
