/**
 * Where one tenant's session would get furthest with another tenant, by the server's own answers about its rights: for each kind of
 * attempt the three most promising objects and the role to try them as. Found from the schema and the owner by pg_depend and
 * pg_shdepend, which have indexes for that, so that it costs the same beside a thousand other tenants.
 *
 * Parameters: $1 the other's schema, $2 its owner and logins, $3 the session's roles, the most natural first, $4 its own schema.
 */
export const pairFactsSql = `
WITH space AS (
  SELECT n.oid, n.nspname, n.nspacl, n.nspowner FROM pg_namespace n WHERE n.nspname = $1
), other AS (
  SELECT r.oid, r.rolname, r.rolconfig FROM pg_roles r WHERE r.rolname = ANY ($2::text[])
), role AS (
  SELECT r.oid, u.name, u.rank FROM unnest($3::text[]) WITH ORDINALITY u (name, rank) JOIN pg_roles r ON r.rolname = u.name
), content AS (
  SELECT d.classid, d.objid FROM space
  JOIN pg_depend d ON d.refclassid = 'pg_namespace'::regclass AND d.refobjid = space.oid AND d.deptype = 'n'
  UNION
  SELECT s.classid, s.objid FROM other JOIN pg_shdepend s
    ON s.refclassid = 'pg_authid'::regclass AND s.refobjid = other.oid AND s.deptype = 'o'
    AND s.dbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
), relation AS (
  SELECT c.oid, c.relname, c.relkind, c.relowner, n.oid AS nsp, n.nspname
  FROM (
    SELECT content.objid FROM content WHERE content.classid = 'pg_class'::regclass
    UNION
    -- Views anywhere that read the other's tables with the rights of their owner.
    SELECT w.ev_class FROM content
    JOIN pg_depend d ON content.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
      AND d.refobjid = content.objid AND d.classid = 'pg_rewrite'::regclass
    JOIN pg_rewrite w ON w.oid = d.objid
  ) found JOIN pg_class c ON c.oid = found.objid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname !~ '^pg_' AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
), usable AS (
  SELECT relation.*, role.oid AS role_oid, role.name AS role, role.rank,
    coalesce(has_schema_privilege(role.oid, relation.nsp, 'USAGE'), false) AS open,
    relation.relkind IN ('r', 'p') AS plain
  FROM relation CROSS JOIN role
), routine AS (
  SELECT p.oid, p.proname, oidvectortypes(p.proargtypes) AS arguments, n.nspname, role.name AS role, role.rank,
    coalesce(has_schema_privilege(role.oid, n.oid, 'USAGE') AND has_function_privilege(role.oid, p.oid, 'EXECUTE'), false) AS callable
  FROM content JOIN pg_proc p ON content.classid = 'pg_proc'::regclass AND p.oid = content.objid
  JOIN pg_namespace n ON n.oid = p.pronamespace CROSS JOIN role
  WHERE n.nspname !~ '^pg_'
), definer AS (
  SELECT p.proname, oidvectortypes(p.proargtypes) AS arguments, n.nspname, pg_get_userbyid(p.proowner) AS owner, role.name AS role
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace CROSS JOIN role
  WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    AND NOT pg_has_role(session_user, p.proowner, 'MEMBER')
    AND (p.proowner IN (SELECT oid FROM other)
      OR has_schema_privilege(p.proowner, (SELECT oid FROM space), 'USAGE'))
    AND coalesce(has_schema_privilege(role.oid, n.oid, 'USAGE') AND has_function_privilege(role.oid, p.oid, 'EXECUTE'), false)
    AND NOT EXISTS (
      SELECT FROM pg_depend e WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e')
  ORDER BY role.rank LIMIT 3
), place AS (
  -- Every schema in which the other looks for names.
  SELECT n.oid, n.nspname, role.name AS role, role.rank, coalesce(has_schema_privilege(role.oid, n.oid, 'CREATE'), false) AS creates
  FROM pg_namespace n CROSS JOIN role
  WHERE n.nspname = $1 OR n.nspname <> $4 AND n.nspname IN (
    SELECT btrim(part, ' "') FROM other CROSS JOIN unnest(other.rolconfig) setting
    CROSS JOIN regexp_split_to_table(substr(setting, length('search_path=') + 1), ',') part
    WHERE setting LIKE 'search\\_path=%')
), held AS (
  SELECT m.oid, EXISTS (
    SELECT FROM aclexplode(m.lomacl) a
    WHERE CASE a.grantee WHEN 0 THEN true ELSE pg_has_role(session_user, a.grantee, 'MEMBER') END) AS held
  FROM other JOIN pg_shdepend s ON s.refclassid = 'pg_authid'::regclass AND s.refobjid = other.oid
    AND s.classid = 'pg_largeobject'::regclass AND s.deptype = 'o'
  JOIN pg_largeobject_metadata m ON m.oid = s.objid AND m.lomowner = other.oid
  ORDER BY 2 DESC, 1 LIMIT 3
)
SELECT json_build_object(
  'select', (SELECT coalesce(json_agg(one), '[]') FROM (
    SELECT role, nspname AS schema, relname AS name FROM usable WHERE relkind <> 'S'
    ORDER BY coalesce(open AND has_any_column_privilege(role_oid, oid, 'SELECT'), false) DESC, plain DESC, rank, relname LIMIT 3) one),
  'insert', (SELECT coalesce(json_agg(one), '[]') FROM (
    SELECT role, nspname AS schema, relname AS name FROM usable WHERE relkind IN ('r', 'p', 'v', 'f')
    ORDER BY coalesce(open AND has_any_column_privilege(role_oid, oid, 'INSERT'), false) DESC, plain DESC, rank, relname LIMIT 3) one),
  'update', (SELECT coalesce(json_agg(one), '[]') FROM (
    SELECT role, nspname AS schema, relname AS name, (
      SELECT a.attname FROM pg_attribute a WHERE a.attrelid = usable.oid AND a.attnum > 0 AND NOT a.attisdropped
      ORDER BY has_column_privilege(usable.role_oid, usable.oid, a.attnum, 'UPDATE') DESC, a.attnum LIMIT 1) AS column
    FROM usable WHERE relkind IN ('r', 'p', 'v', 'f')
    ORDER BY coalesce(open AND has_any_column_privilege(role_oid, oid, 'UPDATE'), false) DESC, plain DESC, rank, relname LIMIT 3) one),
  'delete', (SELECT coalesce(json_agg(one), '[]') FROM (
    SELECT role, nspname AS schema, relname AS name FROM usable WHERE relkind IN ('r', 'p', 'v', 'f')
    ORDER BY coalesce(open AND has_table_privilege(role_oid, oid, 'DELETE'), false) DESC, plain DESC, rank, relname LIMIT 3) one),
  'truncate', (SELECT json_build_object('role', role, 'schema', nspname, 'name', relname) FROM usable
    WHERE plain AND open AND has_table_privilege(role_oid, oid, 'TRUNCATE') LIMIT 1),
  'alter', (SELECT coalesce(json_agg(one), '[]') FROM (
    SELECT role, nspname AS schema, relname AS name FROM usable WHERE plain
    ORDER BY coalesce(pg_has_role(role_oid, relowner, 'USAGE'), false) DESC, rank, relname LIMIT 1) one),
  'sequence', (SELECT coalesce(json_agg(one), '[]') FROM (
    SELECT role, nspname AS schema, relname AS name,
      coalesce(open AND (has_sequence_privilege(role_oid, oid, 'USAGE') OR has_sequence_privilege(role_oid, oid, 'UPDATE')), false) AS advances
    FROM usable WHERE relkind = 'S'
    ORDER BY coalesce(open AND has_sequence_privilege(role_oid, oid, 'SELECT'), false) DESC, advances DESC, rank, relname LIMIT 3) one),
  'function', (SELECT coalesce(json_agg(one), '[]') FROM (
    SELECT role, nspname AS schema, proname AS name, arguments, callable FROM routine ORDER BY callable DESC, rank, proname LIMIT 3) one),
  'definer', (SELECT coalesce(json_agg(json_build_object(
    'role', role, 'schema', nspname, 'name', proname, 'arguments', arguments, 'owner', owner)), '[]') FROM definer),
  'create', (SELECT coalesce(json_agg(one), '[]') FROM (
    SELECT role, nspname AS schema FROM place ORDER BY creates DESC, rank, nspname LIMIT 3) one),
  'largeObjects', (SELECT coalesce(json_agg(json_build_object('oid', oid::text, 'held', held)), '[]') FROM held),
  'members', (SELECT coalesce(json_agg(rolname ORDER BY rolname), '[]') FROM other WHERE pg_has_role(session_user, oid, 'MEMBER')),
  'roles', (SELECT coalesce(json_agg(rolname ORDER BY rolname), '[]') FROM other),
  'publicRights', (SELECT coalesce(json_agg(DISTINCT a.privilege_type), '[]')
    FROM space CROSS JOIN LATERAL aclexplode(space.nspacl) a WHERE a.grantee = 0),
  'defaultRights', (SELECT coalesce(json_agg(DISTINCT format('%s on %s to %s', a.privilege_type,
      CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions' WHEN 'T' THEN 'types' ELSE 'schemas' END,
      CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee)::text END)), '[]')
    FROM other JOIN pg_default_acl d ON d.defaclrole = other.oid CROSS JOIN LATERAL aclexplode(d.defaclacl) a
    WHERE a.grantee <> other.oid AND CASE a.grantee
      WHEN 0 THEN d.defaclobjtype IN ('r', 'S', 'n') AND (d.defaclobjtype = 'n' OR EXISTS (
        SELECT FROM role CROSS JOIN space WHERE has_schema_privilege(role.oid, space.oid, 'USAGE')))
      ELSE pg_has_role(session_user, a.grantee, 'MEMBER') END)
) AS facts`;

export interface Candidate {
  readonly role: string;
  readonly schema: string;
  readonly name: string;
}

export interface Routine extends Candidate {
  readonly arguments: string;
}

export interface PairFacts {
  readonly select: readonly Candidate[];
  readonly insert: readonly Candidate[];
  readonly update: readonly (Candidate & { readonly column: string | null })[];
  readonly delete: readonly Candidate[];
  readonly truncate: Candidate | null;
  readonly alter: readonly Candidate[];
  readonly sequence: readonly (Candidate & { readonly advances: boolean })[];
  readonly function: readonly (Routine & { readonly callable: boolean })[];
  readonly definer: readonly (Routine & { readonly owner: string })[];
  readonly create: readonly Omit<Candidate, 'name'>[];
  readonly largeObjects: readonly { readonly oid: string; readonly held: boolean }[];
  readonly members: readonly string[];
  readonly roles: readonly string[];
  readonly publicRights: readonly string[];
  readonly defaultRights: readonly string[];
}
