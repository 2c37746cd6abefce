/**
 * Everything that is defined in one schema as rows (kind, object, definition), read by the schema's oid: a catalog with
 * thousands of tenants is never scanned. No oid and no position that dump and restore change stands in a definition, so the
 * rows of two servers can be compared as text.
 *
 * Parameters: $1 oid of the schema; $2 name of the owner role, which is written as `<owner>`; $3 whether MAINTAIN (17 and
 * newer) counts among the privileges. The session's search_path must be `pg_catalog`, so that every name is qualified.
 */

/**
 * PostgreSQL 15.20 and the other minor versions of that day keep a stamp of their own among the options of every column: it differs from
 * table to table and from server to server, and changes when a column's type does.
 */
const columnOptions = `(SELECT string_agg(option, ', ' ORDER BY option) FROM unnest(a.attoptions) option WHERE option !~ '^pg_attver=')`;

const columnDefinitions = `
  SELECT 'column', c.relname || '.' || a.attname, concat_ws('; ',
    'position ' || row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum),
    format_type(a.atttypid, a.atttypmod),
    CASE WHEN a.attnotnull THEN 'not null' END,
    'default ' || pg_get_expr(d.adbin, d.adrelid),
    'identity ' || nullif(a.attidentity::text, ''),
    'generated ' || nullif(a.attgenerated::text, ''),
    'collation ' || nullif(a.attcollation, 0)::regcollation,
    CASE WHEN a.attstorage <> t.typstorage THEN 'storage ' || a.attstorage::text END,
    'compression ' || nullif(a.attcompression::text, ''),
    'statistics ' || nullif(a.attstattarget, -1),
    'options ' || ${columnOptions})
  FROM pg_class c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
  WHERE c.relnamespace = $1 AND c.relkind IN ('r', 'p', 'f', 'c')`;

const tableDefinitions = `
  SELECT 'table', c.relname::text, concat_ws('; ',
    'kind ' || c.relkind::text, 'persistence ' || c.relpersistence::text,
    'options ' || array_to_string(c.reloptions, ', '),
    'replica identity ' || c.relreplident::text,
    CASE WHEN c.relrowsecurity THEN 'row security' END,
    CASE WHEN c.relforcerowsecurity THEN 'forced row security' END,
    'partition by ' || CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
    'bound ' || pg_get_expr(c.relpartbound, c.oid),
    'of ' || nullif(c.reloftype, 0)::regtype,
    'method ' || am.amname,
    'inherits ' || (SELECT string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno) FROM pg_inherits i WHERE i.inhrelid = c.oid))
  FROM pg_class c LEFT JOIN pg_am am ON am.oid = c.relam
  WHERE c.relnamespace = $1 AND c.relkind IN ('r', 'p', 'f')`;

const viewDefinitions = `
  SELECT 'view', c.relname, concat_ws('; ', 'kind ' || c.relkind::text, 'options ' || array_to_string(c.reloptions, ', '),
    CASE WHEN NOT c.relispopulated THEN 'not populated' END, 'as ' || pg_get_viewdef(c.oid))
  FROM pg_class c WHERE c.relnamespace = $1 AND c.relkind IN ('v', 'm')
  UNION ALL
  SELECT CASE WHEN c.relkind = 'v' THEN 'view' ELSE 'table' END, c.relname || '.rule ' || r.rulename, r.ev_enabled::text || ' ' || pg_get_ruledef(r.oid)
  FROM pg_class c JOIN pg_rewrite r ON r.ev_class = c.oid
  WHERE c.relnamespace = $1 AND r.rulename <> '_RETURN'`;

// contype n (NOT NULL, 18 and newer) is compared as a property of the column; t stands among the triggers.
const constraintDefinitions = `
  SELECT 'constraint', coalesce(c.relname, t.typname) || '.' || k.conname,
    pg_get_constraintdef(k.oid) || CASE WHEN k.convalidated THEN '' ELSE ' (not validated)' END
  FROM pg_constraint k
  LEFT JOIN pg_class c ON c.oid = k.conrelid
  LEFT JOIN pg_type t ON t.oid = k.contypid
  WHERE k.connamespace = $1 AND k.contype NOT IN ('n', 't')`;

const indexDefinitions = `
  SELECT 'index', t.relname || '.' || c.relname, concat_ws('; ', pg_get_indexdef(c.oid),
    CASE WHEN NOT i.indisvalid THEN 'invalid' END, CASE WHEN i.indisclustered THEN 'clustered' END,
    CASE WHEN i.indisreplident THEN 'replica identity' END)
  FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid JOIN pg_class t ON t.oid = i.indrelid
  WHERE c.relnamespace = $1 AND c.relkind IN ('i', 'I')
  UNION ALL
  SELECT 'index', s.stxname, pg_get_statisticsobjdef(s.oid) FROM pg_statistic_ext s WHERE s.stxnamespace = $1`;

// The triggers of fence and gate are left out: they stand on one side only while a tenant moves. The mode comes first, one letter.
const triggerDefinitions = `
  SELECT 'trigger', c.relname || '.' || t.tgname, t.tgenabled::text || ' ' || pg_get_triggerdef(t.oid)
  FROM pg_class c JOIN pg_trigger t ON t.tgrelid = c.oid
  JOIN pg_proc p ON p.oid = t.tgfoid
  WHERE c.relnamespace = $1 AND NOT t.tgisinternal
    AND NOT (t.tgname IN ('berth_fence', 'berth_gate') AND p.pronamespace = (SELECT oid FROM pg_namespace WHERE nspname = 'berth'))`;

const policyDefinitions = `
  SELECT 'policy', c.relname || '.' || p.polname, concat_ws('; ', 'for ' || p.polcmd::text,
    CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END,
    'to ' || (SELECT string_agg(CASE WHEN r = 0 THEN 'public' WHEN pg_get_userbyid(r) = $2 THEN '<owner>' ELSE pg_get_userbyid(r) END, ', '
       ORDER BY pg_get_userbyid(r)) FROM unnest(p.polroles) r),
    'using ' || pg_get_expr(p.polqual, p.polrelid), 'check ' || pg_get_expr(p.polwithcheck, p.polrelid))
  FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = $1`;

/** Constructors of range types belong to the type; the server's first superuser owns them, who bears another name elsewhere. */
const standsAlone = `NOT EXISTS (SELECT FROM pg_depend i WHERE i.classid = 'pg_proc'::regclass AND i.objid = p.oid AND i.deptype = 'i')`;

const functionDefinitions = `
  SELECT 'function', p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
    CASE WHEN p.prokind = 'a' THEN concat_ws('; ', 'aggregate', a.aggkind, a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn,
      a.aggdeserialfn, a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn, a.aggfinalextra, a.aggsortop::regoperator,
      format_type(a.aggtranstype, NULL), a.agginitval, p.proparallel)
    ELSE pg_get_functiondef(p.oid) END
  FROM pg_proc p LEFT JOIN pg_aggregate a ON a.aggfnoid = p.oid WHERE p.pronamespace = $1 AND ${standsAlone}`;

const typeDefinitions = `
  SELECT 'type', t.typname, CASE t.typtype
    WHEN 'd' THEN concat_ws('; ', 'domain ' || format_type(t.typbasetype, t.typtypmod), CASE WHEN t.typnotnull THEN 'not null' END,
      'default ' || pg_get_expr(t.typdefaultbin, 0), 'collation ' || nullif(t.typcollation, 0)::regcollation)
    WHEN 'e' THEN 'enum ' || coalesce((SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid), '')
    WHEN 'r' THEN (SELECT concat_ws('; ', 'range of ' || format_type(r.rngsubtype, NULL), 'collation ' || nullif(r.rngcollation, 0)::regcollation,
      r.rngcanonical, r.rngsubdiff) FROM pg_range r WHERE r.rngtypid = t.oid)
    ELSE t.typtype::text END
  FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
  WHERE t.typnamespace = $1 AND (t.typtype IN ('b', 'd', 'e', 'r') OR c.relkind = 'c')
    AND NOT EXISTS (SELECT FROM pg_type element WHERE element.typarray = t.oid)`;

const sequenceDefinitions = `
  SELECT 'sequence', c.relname, concat_ws('; ', format_type(s.seqtypid, NULL), 'start ' || s.seqstart, 'increment ' || s.seqincrement,
    'min ' || s.seqmin, 'max ' || s.seqmax, 'cache ' || s.seqcache, CASE WHEN s.seqcycle THEN 'cycle' END, 'persistence ' || c.relpersistence::text,
    'owned by ' || (SELECT t.relname || '.' || a.attname FROM pg_depend d JOIN pg_class t ON t.oid = d.refobjid
       JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
       WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0))
  FROM pg_class c JOIN pg_sequence s ON s.seqrelid = c.oid WHERE c.relnamespace = $1`;

/** Objects that are compared by their name alone: rare in a tenant's schema, and gone from a copy only as a whole. */
const otherDefinitions = `
  SELECT 'type', i.type || ' ' || i.identity, i.type
  FROM (SELECT 'pg_operator'::regclass AS class, oid FROM pg_operator WHERE oprnamespace = $1
    UNION ALL SELECT 'pg_opclass'::regclass, oid FROM pg_opclass WHERE opcnamespace = $1
    UNION ALL SELECT 'pg_opfamily'::regclass, oid FROM pg_opfamily WHERE opfnamespace = $1
    UNION ALL SELECT 'pg_collation'::regclass, oid FROM pg_collation WHERE collnamespace = $1
    UNION ALL SELECT 'pg_conversion'::regclass, oid FROM pg_conversion WHERE connamespace = $1
    UNION ALL SELECT 'pg_ts_config'::regclass, oid FROM pg_ts_config WHERE cfgnamespace = $1
    UNION ALL SELECT 'pg_ts_dict'::regclass, oid FROM pg_ts_dict WHERE dictnamespace = $1) o
  CROSS JOIN LATERAL pg_identify_object(o.class, o.oid, 0) i`;

const relationNames = `CASE c.relkind WHEN 'S' THEN 'sequence ' WHEN 'v' THEN 'view ' WHEN 'm' THEN 'view ' ELSE 'table ' END || c.relname`;

/** Who owns what, and who may do what. A missing ACL is the built-in default, so that both forms of the same right are equal. */
const rightsOfObjects = `
  WITH owned AS (
    SELECT ${relationNames} AS object, true AS ownable, c.relowner AS owner,
      coalesce(c.relacl, acldefault(CASE WHEN c.relkind = 'S' THEN 's' ELSE 'r' END::"char", c.relowner)) AS acl
    FROM pg_class c WHERE c.relnamespace = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    UNION ALL
    SELECT 'function ' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', true, p.proowner, coalesce(p.proacl, acldefault('f', p.proowner))
    FROM pg_proc p WHERE p.pronamespace = $1 AND ${standsAlone}
    UNION ALL
    SELECT 'type ' || t.typname, true, t.typowner, coalesce(t.typacl, acldefault('T', t.typowner))
    FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
    WHERE t.typnamespace = $1 AND (t.typtype IN ('b', 'd', 'e', 'r') OR c.relkind = 'c')
      AND NOT EXISTS (SELECT FROM pg_type element WHERE element.typarray = t.oid)
    UNION ALL
    SELECT ${relationNames} || '.' || a.attname, false, c.relowner, a.attacl
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = $1 AND a.attacl IS NOT NULL AND NOT a.attisdropped
    UNION ALL
    SELECT 'default privileges of ' || pg_get_userbyid(d.defaclrole) || ' for ' || d.defaclobjtype::text, false, d.defaclrole, d.defaclacl
    FROM pg_default_acl d WHERE d.defaclnamespace = $1)`;

const ownerDefinitions = `
  SELECT 'owner', o.object, CASE WHEN pg_get_userbyid(o.owner) = $2 THEN '<owner>' ELSE pg_get_userbyid(o.owner) END
  FROM owned o WHERE o.ownable`;

const grantDefinitions = `
  SELECT 'grant', o.object || ' to ' || g.grantee, string_agg(g.privilege, ', ' ORDER BY g.privilege)
  FROM owned o CROSS JOIN LATERAL (
    SELECT CASE WHEN x.grantee = 0 THEN 'public' WHEN pg_get_userbyid(x.grantee) = $2 THEN '<owner>' ELSE pg_get_userbyid(x.grantee)::text END AS grantee,
      x.privilege_type || CASE WHEN x.is_grantable THEN ' with grant option' ELSE '' END AS privilege
    FROM aclexplode(o.acl) x WHERE $3 OR x.privilege_type <> 'MAINTAIN') g
  GROUP BY o.object, g.grantee`;

const commentDefinitions = `
  SELECT 'comment', i.type || ' ' || i.identity, d.description
  FROM (SELECT 'pg_class'::regclass AS class, oid FROM pg_class WHERE relnamespace = $1
    UNION ALL SELECT 'pg_proc'::regclass, oid FROM pg_proc WHERE pronamespace = $1
    UNION ALL SELECT 'pg_type'::regclass, oid FROM pg_type WHERE typnamespace = $1
    UNION ALL SELECT 'pg_constraint'::regclass, oid FROM pg_constraint WHERE connamespace = $1
    UNION ALL SELECT 'pg_trigger'::regclass, t.oid FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = $1
    UNION ALL SELECT 'pg_policy'::regclass, p.oid FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = $1
    UNION ALL SELECT 'pg_rewrite'::regclass, r.oid FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class WHERE c.relnamespace = $1
    UNION ALL SELECT 'pg_statistic_ext'::regclass, oid FROM pg_statistic_ext WHERE stxnamespace = $1
    UNION ALL SELECT 'pg_namespace'::regclass, $1) o
  JOIN pg_description d ON d.objoid = o.oid AND d.classoid = o.class
  CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) i`;

export const definitionsQuery = `
  ${rightsOfObjects}
  SELECT kind, object, definition FROM (
    ${[
      tableDefinitions,
      columnDefinitions,
      viewDefinitions,
      constraintDefinitions,
      indexDefinitions,
      triggerDefinitions,
      policyDefinitions,
      functionDefinitions,
      typeDefinitions,
      sequenceDefinitions,
      otherDefinitions,
      ownerDefinitions,
      grantDefinitions,
      commentDefinitions,
    ].join('\n UNION ALL ')}
  ) AS everything (kind, object, definition)
  ORDER BY kind COLLATE "C", object COLLATE "C", definition COLLATE "C"`;
