/**
 * Everything that the facts of one tenant look at. `tenant`: the expressions of its schema, its owner role and its login roles.
 * Parameters: $4 service role, $5 group of the tenants, $6 name of the fence's triggers.
 *
 * Objects are found from the schema by pg_depend, which has an index for that; pg_class and pg_proc have none by schema, and
 * reading them whole would cost more with every tenant. Owners come from pg_shdepend for the same reason (an object of the
 * bootstrap superuser has no row there).
 */
const stateOf = ({ schema, owner, logins }: Readonly<Record<'schema' | 'owner' | 'logins', string>>) => `
WITH place AS (
  SELECT d.oid AS database, pg_get_userbyid(d.datdba) = session_user AS own_database
  FROM pg_database d WHERE d.datname = current_database()
), named AS (
  SELECT r.* FROM pg_roles r WHERE r.rolname = ANY (${logins}::text[] || ${owner}::text)
), owner AS (
  SELECT oid FROM named WHERE rolname = ${owner}
), service AS (
  SELECT oid FROM pg_roles WHERE rolname = $4
), tenants AS (
  SELECT oid FROM pg_roles WHERE rolname = $5
), space AS (
  SELECT n.oid, n.nspowner, n.nspacl FROM pg_namespace n WHERE n.nspname = ${schema}
), content AS (
  SELECT d.classid, d.objid
  FROM space JOIN pg_depend d ON d.refclassid = 'pg_namespace'::regclass AND d.refobjid = space.oid AND d.deptype = 'n'
  WHERE d.classid <> 'pg_extension'::regclass
    -- Left out: what an extension brought, and the functions and the multirange of a range type, whose owner follows it.
    AND NOT EXISTS (
      SELECT FROM pg_depend e WHERE e.classid = d.classid AND e.objid = d.objid
        AND (e.deptype = 'e' OR e.deptype = 'i' AND e.classid IN ('pg_proc'::regclass, 'pg_type'::regclass)))
), link AS (
  SELECT m.* FROM named JOIN pg_auth_members m ON m.roleid = named.oid
  UNION
  SELECT m.* FROM named JOIN pg_auth_members m ON m.member = named.oid
), stranger AS (
  SELECT i.type, i.identity, o.oid AS owner_oid, coalesce(o.rolname, pg_get_userbyid(10)) AS owner,
         coalesce(o.rolsuper, true) AS owner_super
  FROM place CROSS JOIN content c
  LEFT JOIN pg_shdepend s
    ON s.dbid = place.database AND s.classid = c.classid AND s.objid = c.objid AND s.objsubid = 0 AND s.deptype = 'o'
  LEFT JOIN pg_roles o ON o.oid = s.refobjid
  CROSS JOIN LATERAL pg_identify_object(c.classid, c.objid, 0) i
  WHERE s.refobjid IS DISTINCT FROM (SELECT oid FROM owner)
    AND c.classid NOT IN ('pg_ts_parser'::regclass, 'pg_ts_template'::regclass)
    -- A sequence of a serial or identity column follows its table and refuses to be changed alone.
    AND NOT EXISTS (
      SELECT FROM pg_depend l
      WHERE c.classid = 'pg_class'::regclass AND l.classid = c.classid AND l.objid = c.objid
        AND l.refclassid = 'pg_class'::regclass AND l.deptype IN ('a', 'i') AND i.type = 'sequence')
), ungranted AS (
  SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS type,
         format('%I.%I', ${schema}::text, c.relname) AS identity, missing.privileges
  FROM service CROSS JOIN content JOIN pg_class c ON content.classid = 'pg_class'::regclass AND c.oid = content.objid
  CROSS JOIN LATERAL (
    SELECT array_agg(p) AS privileges
    FROM unnest(CASE c.relkind WHEN 'S' THEN ARRAY['SELECT', 'USAGE'] ELSE ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE'] END) p
    WHERE NOT CASE c.relkind
      WHEN 'S' THEN has_sequence_privilege(service.oid, c.oid, p) ELSE has_table_privilege(service.oid, c.oid, p) END
  ) missing
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND missing.privileges IS NOT NULL
  UNION ALL
  SELECT 'ROUTINE', p.oid::regprocedure::text, ARRAY['EXECUTE']
  FROM service CROSS JOIN content JOIN pg_proc p ON content.classid = 'pg_proc'::regclass AND p.oid = content.objid
  -- A right of its own, as a copy has it: that PUBLIC may, too, is no reason to do without.
  WHERE NOT EXISTS (
    SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
    WHERE a.grantee = service.oid AND a.privilege_type = 'EXECUTE')
)
SELECT json_build_object(
  'major', current_setting('server_version_num')::int / 10000,
  'self', session_user,
  'database', current_database(),
  'ownDatabase', (SELECT own_database FROM place),
  'publicDatabaseRights', (
    SELECT coalesce(json_agg(p), '[]') FROM unnest(ARRAY['CONNECT', 'CREATE', 'TEMPORARY']) p
    WHERE has_database_privilege('public', current_database(), p)),
  'serviceExists', EXISTS (SELECT FROM service),
  'groupExists', EXISTS (SELECT FROM tenants),
  'groupConnects', (SELECT has_database_privilege(oid, (SELECT database FROM place), 'CONNECT') FROM tenants),
  'quotedSchema', quote_ident(${schema}),
  'roles', (
    SELECT coalesce(json_agg(json_build_object(
      'name', r.rolname, 'login', r.rolcanlogin, 'inherit', r.rolinherit, 'super', r.rolsuper, 'createRole', r.rolcreaterole,
      'createDatabase', r.rolcreatedb, 'replication', r.rolreplication, 'bypassRls', r.rolbypassrls,
      'connectionLimit', r.rolconnlimit,
      'expires', r.rolvaliduntil IS NOT NULL AND r.rolvaliduntil <> 'infinity',
      'settings', coalesce(r.rolconfig, '{}'),
      'databaseSettings', coalesce((
        SELECT s.setconfig FROM pg_db_role_setting s
        WHERE s.setdatabase = (SELECT database FROM place) AND s.setrole = r.oid), '{}'),
      'comment', shobj_description(r.oid, 'pg_authid')
    )), '[]') FROM named r),
  'memberships', (
    SELECT coalesce(json_agg(json_build_object(
      'role', granted.rolname, 'member', member.rolname,
      'memberIsAdmin', member.rolsuper OR member.rolcreaterole,
      'grantor', pg_get_userbyid(link.grantor),
      'grantorIsSuper', (SELECT g.rolsuper FROM pg_roles g WHERE g.oid = link.grantor),
      'admin', link.admin_option,
      'inherit', coalesce((to_jsonb(link)->>'inherit_option')::boolean, true),
      'set', coalesce((to_jsonb(link)->>'set_option')::boolean, true)
    ) ORDER BY granted.rolname, member.rolname), '[]')
    FROM link JOIN pg_roles granted ON granted.oid = link.roleid JOIN pg_roles member ON member.oid = link.member),
  'schema', (
    SELECT json_build_object(
      'owner', pg_get_userbyid(space.nspowner),
      'ownerSuper', (SELECT o.rolsuper FROM pg_roles o WHERE o.oid = space.nspowner),
      'ownerUsable', pg_has_role(space.nspowner, 'MEMBER WITH ADMIN OPTION'),
      'acl', (
        SELECT json_agg(json_build_object(
          'grantee', CASE a.grantee WHEN 0 THEN NULL ELSE pg_get_userbyid(a.grantee) END,
          'grantor', pg_get_userbyid(a.grantor),
          'privilege', a.privilege_type, 'grantable', a.is_grantable))
        FROM aclexplode(coalesce(space.nspacl, acldefault('n', space.nspowner))) a)
    ) FROM space),
  'fenced', EXISTS (
    SELECT FROM content JOIN pg_trigger t
      ON content.classid = 'pg_class'::regclass AND t.tgrelid = content.objid AND t.tgname = ANY ($6)),
  'strangers', (
    SELECT coalesce(json_agg(json_build_object(
      'type', type, 'identity', identity, 'owner', owner, 'ownerSuper', owner_super,
      'ownerUsable', owner_oid IS NOT NULL AND pg_has_role(owner_oid, 'MEMBER WITH ADMIN OPTION')
    ) ORDER BY type, identity), '[]') FROM stranger),
  'ungranted', (
    SELECT coalesce(json_agg(json_build_object('type', type, 'identity', identity, 'privileges', privileges)
      ORDER BY type, identity), '[]') FROM ungranted),
  'defaultPrivileges', (
    SELECT coalesce(json_agg(json_build_object(
      'objects', d.defaclobjtype, 'privilege', a.privilege_type,
      'grantee', CASE a.grantee WHEN 0 THEN NULL ELSE pg_get_userbyid(a.grantee) END)), '[]')
    FROM owner JOIN pg_default_acl d ON d.defaclrole = owner.oid
    JOIN space ON d.defaclnamespace = space.oid
    CROSS JOIN LATERAL aclexplode(d.defaclacl) a
    WHERE a.grantee <> owner.oid)
)`;

/** Of one tenant, in one round trip: $1 schema, $2 owner role, $3 login roles. */
export const tenantStateSql = `SELECT (${stateOf({ schema: '$1', owner: '$2', logins: '$3' })}) AS state`;

/**
 * Of many, in one round trip: $1 an array of objects `{ schema, owner, logins }`. $2 and $3 are nothing, so that the others keep their
 * numbers. One row each, in the order of the array.
 */
export const tenantStatesSql = `
SELECT (${stateOf({ schema: 'wanted.schema', owner: 'wanted.owner', logins: 'wanted.logins' })}) AS state
FROM ROWS FROM (json_to_recordset($1::json) AS (schema text, owner text, logins text[])) WITH ORDINALITY AS wanted (schema, owner, logins, place)
WHERE $2::text IS NULL AND $3::text IS NULL
ORDER BY wanted.place`;
