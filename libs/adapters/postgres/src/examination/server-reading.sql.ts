/** Settings that the doctor has an opinion on. */
export const examinedSettings = [
  'fsync',
  'full_page_writes',
  'log_statement',
  'max_slot_wal_keep_size',
  'password_encryption',
  'ssl',
] as const;

/**
 * All that bears a name of Berth's, in one question. $1 settings, $2 group of the tenants. Slots, roles, subscriptions' names and
 * databases belong to the whole server, publications and schemas to the tenants' database.
 */
export const serverReadingSql = `
WITH part AS (
  -- A stream has two, the second one for its marker alone.
  SELECT DISTINCT 'publication' AS kind, regexp_replace(pubname, '(_g[0-9]+_[fr])_m$', '\\1') AS name FROM pg_publication
  UNION ALL
  SELECT 'subscription', subname FROM pg_subscription
  WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
  UNION ALL
  SELECT 'schema', nspname FROM pg_namespace
  UNION ALL
  SELECT 'role', rolname FROM pg_roles
)
SELECT json_build_object(
  'version', current_setting('server_version'),
  'postgresMajor', current_setting('server_version_num')::int / 10000,
  'settings', (SELECT coalesce(json_object_agg(name, setting), '{}') FROM pg_settings WHERE name = ANY ($1::text[])),
  'slots', (
    SELECT coalesce(json_agg(json_build_object(
      'name', slot_name, 'active', active, 'temporary', temporary, 'lost', coalesce(wal_status = 'lost', false),
      'retainedBytes', CASE WHEN pg_is_in_recovery() THEN 0
        ELSE coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::float8 END) ORDER BY slot_name), '[]')
    FROM pg_replication_slots),
  'streamParts', (
    SELECT coalesce(json_agg(json_build_object('kind', kind, 'name', name) ORDER BY name, kind), '[]')
    FROM part WHERE name ~ '^berth_[a-z0-9_]+_g[0-9]+_[fr]$'),
  'schemas', (
    SELECT coalesce(json_agg(json_build_object('name', n.nspname, 'owner', r.rolname) ORDER BY n.nspname), '[]')
    FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner WHERE r.rolname LIKE 'tenant\\_%'),
  'roles', (
    SELECT coalesce(json_agg(r.rolname ORDER BY r.rolname), '[]')
    FROM pg_roles r WHERE r.rolname LIKE 'tenant\\_%' AND (NOT r.rolcanlogin OR EXISTS (
      SELECT FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid AND g.rolname = $2))),
  'scratch', (
    SELECT coalesce(json_agg(d.datname ORDER BY d.datname), '[]')
    FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba
    WHERE d.datname ~ '^berth_scratch_[0-9a-f]{24}$' AND r.rolname = session_user
      AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid AND a.usesysid IS NOT NULL))
) AS reading`;

/** Whether the admin may read pg_hba.conf; a superuser grants both. */
export const mayReadRulesSql = `
SELECT has_table_privilege('pg_hba_file_rules', 'SELECT')
  AND has_function_privilege('pg_hba_file_rules()', 'EXECUTE') AS may`;

/** Rules by which somebody comes in without a password over the network. Of a socket in a folder, the folder decides. */
export const trustRulesSql = `
SELECT line_number AS line,
  concat_ws(' ', type, array_to_string(database, ','), array_to_string(user_name, ','), address, netmask, auth_method) AS text
FROM pg_hba_file_rules WHERE auth_method = 'trust' AND type <> 'local' ORDER BY line_number`;
