/**
 * Who owns what in a schema and who holds which right there, in one round trip. $1: the schema's name. Rights that nobody ever changed
 * are written out, since a change and its way back leave them written out too.
 */
export const holdingsSql = `
WITH space AS (
  SELECT oid, nspowner, nspacl FROM pg_namespace WHERE nspname = $1
), content AS (
  SELECT d.classid, d.objid
  FROM space JOIN pg_depend d ON d.refclassid = 'pg_namespace'::regclass AND d.refobjid = space.oid AND d.deptype = 'n'
  WHERE d.classid NOT IN ('pg_extension'::regclass, 'pg_ts_parser'::regclass, 'pg_ts_template'::regclass)
    -- Left out: what an extension brought, and the functions and the multirange of a range type, whose owner follows it.
    AND NOT EXISTS (
      SELECT FROM pg_depend e WHERE e.classid = d.classid AND e.objid = d.objid
        AND (e.deptype = 'e' OR e.deptype = 'i' AND e.classid IN ('pg_proc'::regclass, 'pg_type'::regclass)))
), object AS (
  SELECT c.classid, c.objid, i.type, i.identity,
    coalesce(r.relowner, p.proowner, t.typowner, s.refobjid, 10) AS owner,
    CASE WHEN r.relkind = 'S' THEN 'SEQUENCE' WHEN r.oid IS NOT NULL THEN 'TABLE' WHEN p.oid IS NOT NULL THEN 'ROUTINE'
         WHEN t.oid IS NOT NULL THEN 'TYPE' END AS kind,
    CASE WHEN r.oid IS NOT NULL THEN coalesce(r.relacl, acldefault(CASE r.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", r.relowner))
         WHEN p.oid IS NOT NULL THEN coalesce(p.proacl, acldefault('f', p.proowner))
         WHEN t.oid IS NOT NULL THEN coalesce(t.typacl, acldefault('T', t.typowner)) END AS acl,
    -- A sequence of a serial or identity column follows its table and refuses to be given away alone.
    coalesce(r.relkind = 'S', false) AND EXISTS (
      SELECT FROM pg_depend l WHERE l.classid = c.classid AND l.objid = c.objid
        AND l.refclassid = 'pg_class'::regclass AND l.deptype IN ('a', 'i')) AS follows
  FROM content c
  LEFT JOIN pg_class r ON c.classid = 'pg_class'::regclass AND r.oid = c.objid
  LEFT JOIN pg_proc p ON c.classid = 'pg_proc'::regclass AND p.oid = c.objid
  LEFT JOIN pg_type t ON c.classid = 'pg_type'::regclass AND t.oid = c.objid
  LEFT JOIN pg_shdepend s ON s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND s.classid = c.classid AND s.objid = c.objid AND s.objsubid = 0 AND s.deptype = 'o'
  CROSS JOIN LATERAL pg_identify_object(c.classid, c.objid, 0) i
), held AS (
  SELECT o.classid, o.objid, a.grantee, a.grantor, a.privilege_type, a.is_grantable, NULL::name AS col
  FROM object o CROSS JOIN LATERAL aclexplode(o.acl) a
  UNION ALL
  SELECT o.classid, o.objid, a.grantee, a.grantor, a.privilege_type, a.is_grantable, at.attname
  FROM object o JOIN pg_attribute at ON o.classid = 'pg_class'::regclass AND at.attrelid = o.objid AND NOT at.attisdropped
  CROSS JOIN LATERAL aclexplode(at.attacl) a
)
SELECT json_build_object(
  'owner', pg_get_userbyid(space.nspowner),
  'acl', (
    SELECT coalesce(json_agg(json_build_object(
      'grantee', CASE a.grantee WHEN 0 THEN NULL ELSE pg_get_userbyid(a.grantee) END, 'grantor', pg_get_userbyid(a.grantor),
      'privilege', a.privilege_type, 'grantable', a.is_grantable, 'column', NULL)), '[]')
    FROM aclexplode(coalesce(space.nspacl, acldefault('n', space.nspowner))) a),
  'objects', (
    SELECT coalesce(json_agg(json_build_object(
      'class', o.classid::regclass::text, 'oid', o.objid::text, 'type', o.type, 'identity', o.identity, 'kind', o.kind,
      'owner', pg_get_userbyid(o.owner), 'follows', o.follows,
      'acl', (
        SELECT coalesce(json_agg(json_build_object(
          'grantee', CASE h.grantee WHEN 0 THEN NULL ELSE pg_get_userbyid(h.grantee) END, 'grantor', pg_get_userbyid(h.grantor),
          'privilege', h.privilege_type, 'grantable', h.is_grantable, 'column', h.col)), '[]')
        FROM held h WHERE h.classid = o.classid AND h.objid = o.objid)
    ) ORDER BY o.type, o.identity), '[]') FROM object o),
  'defaults', (
    SELECT coalesce(json_agg(json_build_object(
      'role', pg_get_userbyid(d.defaclrole), 'objects', d.defaclobjtype,
      'grantee', CASE a.grantee WHEN 0 THEN NULL ELSE pg_get_userbyid(a.grantee) END, 'privilege', a.privilege_type)), '[]')
    FROM pg_default_acl d CROSS JOIN LATERAL aclexplode(d.defaclacl) a WHERE d.defaclnamespace = space.oid)
) AS holdings
FROM space`;

/** What the admin may do with roles. $1: their names. */
export const rolesSql = `
  SELECT r.rolname AS name, r.rolsuper AS super, r.rolinherit AS inherit, r.rolname = session_user AS self,
    pg_has_role(r.oid, 'MEMBER WITH ADMIN OPTION') AS administered,
    EXISTS (SELECT FROM pg_auth_members m WHERE m.roleid = r.oid AND m.member = s.oid) AS joined,
    EXISTS (SELECT FROM pg_auth_members m WHERE m.roleid = r.oid AND m.member = s.oid AND m.admin_option) AS "joinedAsAdmin",
    pg_has_role(s.oid, r.oid, 'MEMBER') AND pg_has_role(r.oid, s.oid, 'MEMBER') AS circular
  FROM pg_roles r CROSS JOIN pg_roles s WHERE s.rolname = session_user AND r.rolname = ANY ($1) ORDER BY 1`;
