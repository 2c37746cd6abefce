import type { ProbeSession } from './probe-session.js';

/** Doors of the database that lead to no tenant in particular. */
export interface SessionFacts {
  /** Foreign servers of postgres_fdw that a role may use. */
  readonly servers: readonly { readonly role: string; readonly name: string }[];
  /** Functions of dblink that a role may call; `name` is qualified. */
  readonly links: readonly { readonly role: string; readonly name: string; readonly proname: string }[];
  /** The view of pg_stat_statements, qualified, where it is there and open. */
  readonly statements: string | null;
}

const factsQuery = `
WITH role AS (
  SELECT r.oid, u.name, u.rank FROM unnest($1::text[]) WITH ORDINALITY u (name, rank) JOIN pg_roles r ON r.rolname = u.name
)
SELECT json_build_object(
  'servers', (SELECT coalesce(json_agg(one), '[]') FROM (
    SELECT DISTINCT ON (s.srvname) s.srvname AS name, role.name AS role
    FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw CROSS JOIN role
    WHERE w.fdwname IN ('postgres_fdw', 'dblink_fdw') AND has_server_privilege(role.oid, s.oid, 'USAGE')
    ORDER BY s.srvname, role.rank LIMIT 5) one),
  'links', (SELECT coalesce(json_agg(one), '[]') FROM (
    SELECT DISTINCT ON (p.proname) p.proname, format('%I.%I', n.nspname, p.proname) AS name, role.name AS role
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace CROSS JOIN role
    WHERE p.proname IN ('dblink', 'dblink_connect_u') AND p.probin LIKE '%dblink'
      AND has_schema_privilege(role.oid, n.oid, 'USAGE') AND has_function_privilege(role.oid, p.oid, 'EXECUTE')
    ORDER BY p.proname, role.rank) one),
  'statements', (
    SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN role
    WHERE c.relname = 'pg_stat_statements' AND has_schema_privilege(role.oid, n.oid, 'USAGE')
      AND has_table_privilege(role.oid, c.oid, 'SELECT') LIMIT 1)
) AS facts`;

export async function readSessionFacts(session: ProbeSession): Promise<SessionFacts> {
  const [row] = await session.run<{ readonly facts: SessionFacts }>(factsQuery, [session.roles]);
  if (row === undefined) throw new Error('a query of one row gave none');
  return row.facts;
}
