/** Name of the trigger on every table. Berth's schema holds its function, which tenants can neither call nor replace. */
export const fenceTrigger = 'berth_fence';

/**
 * Tables whose rows a statement can change, with the state of their fence: null none, else tgenabled (`D` disabled). A trigger
 * of that name with another function, other events or another generation is none. $1 schema, $2 generation or null for any.
 *
 * Partitions and heirs are listed too: a statement trigger fires for the table that the statement names, not for the ones below.
 */
export const fencedTablesQuery = `
  SELECT c.relname AS name, t.tgenabled::text AS enabled,
    coalesce(p.proname = 'refuse_write' AND p.pronamespace = (SELECT oid FROM pg_namespace WHERE nspname = 'berth')
      AND t.tgtype = 62 AND t.tgqual IS NULL
      AND ($2::text IS NULL OR t.tgargs = convert_to($2::text, 'SQL_ASCII') || '\\x00'::bytea), false) AS genuine
  FROM pg_class c
  LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND t.tgname = '${fenceTrigger}'
  LEFT JOIN pg_proc p ON p.oid = t.tgfoid
  WHERE c.relnamespace = $1::oid AND c.relkind IN ('r', 'p')
  ORDER BY c.oid`;

/** Whether the owner may still make tables. Read from the schema's own list: the owner's right is taken away there. */
export const mayCreateQuery = `
  SELECT EXISTS (
    SELECT FROM pg_namespace n CROSS JOIN LATERAL aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) x
    WHERE n.oid = $1::oid AND x.privilege_type = 'CREATE' AND x.grantee = n.nspowner) AS "mayCreate"`;

/**
 * Transactions that made something in the schema and are still open: they hold the schema's lock from CREATE to COMMIT, and
 * what they made is not visible yet, so no fence can stand on it.
 */
export const creatorsQuery = `
  SELECT count(*)::int AS creators FROM pg_locks
  WHERE locktype = 'object' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND classid = 'pg_namespace'::regclass AND objid = $1::oid AND pid <> pg_backend_pid()`;
