import type { Finding } from '@berth/domain';

/** One question to the source: each row of its answer is one finding. */
export interface Question {
  readonly code: string;
  readonly severity: Finding['severity'];
  /** Columns `object` and, where the message needs more, `detail`. $1 oid of the schema, $2 owner role, $3 login roles. */
  readonly sql: string;
  readonly message: (row: { readonly object: string; readonly detail: string | null }) => string;
  readonly remedy: string | null;
}

/** Everything whose home is the schema, and the parts that have no home of their own. */
const mine = `
  mine AS (
    SELECT 'pg_class'::regclass AS class, oid FROM pg_class WHERE relnamespace = $1::oid
    UNION ALL SELECT 'pg_proc'::regclass, oid FROM pg_proc WHERE pronamespace = $1::oid
    UNION ALL SELECT 'pg_type'::regclass, oid FROM pg_type WHERE typnamespace = $1::oid
    UNION ALL SELECT 'pg_constraint'::regclass, oid FROM pg_constraint WHERE connamespace = $1::oid
    UNION ALL SELECT 'pg_operator'::regclass, oid FROM pg_operator WHERE oprnamespace = $1::oid
    UNION ALL SELECT 'pg_opclass'::regclass, oid FROM pg_opclass WHERE opcnamespace = $1::oid
    UNION ALL SELECT 'pg_opfamily'::regclass, oid FROM pg_opfamily WHERE opfnamespace = $1::oid
    UNION ALL SELECT 'pg_collation'::regclass, oid FROM pg_collation WHERE collnamespace = $1::oid
    UNION ALL SELECT 'pg_conversion'::regclass, oid FROM pg_conversion WHERE connamespace = $1::oid
    UNION ALL SELECT 'pg_ts_config'::regclass, oid FROM pg_ts_config WHERE cfgnamespace = $1::oid
    UNION ALL SELECT 'pg_ts_dict'::regclass, oid FROM pg_ts_dict WHERE dictnamespace = $1::oid
    UNION ALL SELECT 'pg_statistic_ext'::regclass, oid FROM pg_statistic_ext WHERE stxnamespace = $1::oid
    UNION ALL SELECT 'pg_trigger'::regclass, t.oid FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = $1::oid
    UNION ALL SELECT 'pg_rewrite'::regclass, r.oid FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class WHERE c.relnamespace = $1::oid
    UNION ALL SELECT 'pg_policy'::regclass, p.oid FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = $1::oid
    UNION ALL SELECT 'pg_attrdef'::regclass, d.oid FROM pg_attrdef d JOIN pg_class c ON c.oid = d.adrelid WHERE c.relnamespace = $1::oid)`;

/** Oids below this one come with the server and are on every server. */
const firstOwnOid = 16_384;

/** What the schema needs and does not hold; the fence's triggers lean on Berth's own function and are not copied. */
const needs = `
  needs AS (
    SELECT DISTINCT d.classid, d.objid, d.objsubid, d.refclassid, d.refobjid, d.refobjsubid,
      (SELECT e.refobjid FROM pg_depend e WHERE e.classid = d.refclassid AND e.objid = d.refobjid AND e.deptype = 'e') AS extension
    FROM mine m JOIN pg_depend d ON d.classid = m.class AND d.objid = m.oid
    WHERE d.deptype IN ('n', 'a') AND d.refobjid >= ${String(firstOwnOid)} AND d.refclassid <> 'pg_namespace'::regclass
      AND NOT EXISTS (SELECT FROM mine o WHERE o.class = d.refclassid AND o.oid = d.refobjid)
      AND NOT (d.refclassid = 'pg_proc'::regclass AND EXISTS (SELECT FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE p.oid = d.refobjid AND n.nspname = 'berth')))`;

/** Extensions that the schema's objects are made of. */
export const neededExtensionsQuery = `
  WITH ${mine}, ${needs}
  SELECT e.extname AS name, n.nspname AS schema, e.extversion AS version
  FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
  WHERE e.oid IN (SELECT extension FROM needs) OR e.oid IN (SELECT refobjid FROM needs WHERE refclassid = 'pg_extension'::regclass)
  ORDER BY 1`;

/** Roles that hold a right in the schema; each must be on the target before the rights can be given there. */
export const granteesQuery = `
  SELECT DISTINCT pg_get_userbyid(x.grantee) AS name FROM (
    SELECT relacl AS acl FROM pg_class WHERE relnamespace = $1::oid
    UNION ALL SELECT a.attacl FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = $1::oid
    UNION ALL SELECT proacl FROM pg_proc WHERE pronamespace = $1::oid
    UNION ALL SELECT typacl FROM pg_type WHERE typnamespace = $1::oid
    UNION ALL SELECT defaclacl FROM pg_default_acl WHERE defaclnamespace = $1::oid) rights
  CROSS JOIN LATERAL aclexplode(rights.acl) x WHERE x.grantee <> 0
  UNION
  SELECT pg_get_userbyid(role) FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid CROSS JOIN LATERAL unnest(p.polroles) role
  WHERE c.relnamespace = $1::oid AND role <> 0
  ORDER BY 1`;

const relations = (condition: string, detail = 'NULL'): string => `
  SELECT format('table %I.%I', n.nspname, c.relname) AS object, ${detail}::text AS detail
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relnamespace = $1::oid AND ${condition} ORDER BY 1`;

export const questions: readonly Question[] = [
  {
    code: 'foreign-table',
    severity: 'error',
    sql: relations(`c.relkind = 'f'`),
    message: ({ object }) => `${object} is a foreign table: its rows live elsewhere and would not be copied.`,
    remedy: 'Drop it, or turn it into a table.',
  },
  {
    code: 'forced-row-security',
    severity: 'error',
    sql: relations(
      `c.relforcerowsecurity AND c.relrowsecurity AND NOT (SELECT rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = current_user)`,
    ),
    message: ({ object }) => `${object} forces its row-level security on its owner, and the admin cannot read past it.`,
    remedy:
      'Give the admin of the source cluster BYPASSRLS, or run ALTER TABLE … NO FORCE ROW LEVEL SECURITY for the time of the move.',
  },
  {
    code: 'unlogged-table',
    severity: 'info',
    sql: relations(`c.relpersistence = 'u' AND c.relkind IN ('r', 'p')`),
    message: ({ object }) =>
      `${object} is unlogged: it is copied, and a crash of the server empties it, there as here.`,
    remedy: null,
  },
  {
    code: 'tablespace',
    severity: 'warning',
    sql: relations(`c.reltablespace <> 0`, '(SELECT spcname FROM pg_tablespace WHERE oid = c.reltablespace)'),
    message: ({ object, detail }) =>
      `${object} is in the tablespace ${detail ?? ''}; on the target it will be in the default one.`,
    remedy: null,
  },
  {
    code: 'published-table',
    severity: 'warning',
    sql: relations(
      `EXISTS (SELECT FROM pg_publication_rel r WHERE r.prrelid = c.oid)`,
      `(SELECT string_agg(p.pubname, ', ') FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid WHERE r.prrelid = c.oid)`,
    ),
    message: ({ object, detail }) => `${object} is published (${detail ?? ''}); publications do not move.`,
    remedy: 'Point its subscribers at the new place after the move.',
  },
  {
    code: 'owned-by-another',
    severity: 'error',
    sql: `SELECT o.object, pg_get_userbyid(o.owner) AS detail FROM (
        SELECT format('relation %I.%I', n.nspname, c.relname) AS object, c.relowner AS owner FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relnamespace = $1::oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
        UNION ALL SELECT 'function ' || p.oid::regprocedure, p.proowner FROM pg_proc p WHERE p.pronamespace = $1::oid
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype IN ('i', 'e'))
        UNION ALL SELECT 'type ' || t.oid::regtype, t.typowner FROM pg_type t WHERE t.typnamespace = $1::oid
          AND (t.typtype IN ('d', 'e', 'r') OR EXISTS (SELECT FROM pg_class k WHERE k.oid = t.typrelid AND k.relkind = 'c'))) o
      WHERE pg_get_userbyid(o.owner) <> $2 ORDER BY 1`,
    message: ({ object, detail }) =>
      `${object} belongs to ${detail ?? ''}; on the target it would belong to the tenant's owner.`,
    remedy: "Make the tenant's owner role its owner: repair the tenant.",
  },
  {
    code: 'extension-in-schema',
    severity: 'error',
    sql: `SELECT 'extension ' || extname AS object, NULL AS detail FROM pg_extension WHERE extnamespace = $1::oid ORDER BY 1`,
    message: ({ object }) =>
      `${object} is installed in the tenant's schema, and no dump of a schema holds an extension.`,
    remedy: 'Move it to a schema of its own: ALTER EXTENSION … SET SCHEMA ….',
  },
  {
    code: 'needs-other-schema',
    severity: 'error',
    sql: `WITH ${mine}, ${needs}
      SELECT DISTINCT o.type || ' ' || o.identity AS object, r.type || ' ' || r.identity AS detail FROM needs
      CROSS JOIN LATERAL pg_identify_object(classid, objid, objsubid) o CROSS JOIN LATERAL pg_identify_object(refclassid, refobjid, refobjsubid) r
      WHERE extension IS NULL AND refclassid <> 'pg_extension'::regclass ORDER BY 1, 2`,
    message: ({ object, detail }) =>
      `${object} needs ${detail ?? ''}, which is outside the tenant's schema and would not be copied.`,
    remedy: "Bring what it needs into the tenant's schema, or drop the dependency.",
  },
  {
    code: 'needed-by-other-schema',
    severity: 'error',
    sql: `WITH ${mine}
      SELECT DISTINCT r.type || ' ' || r.identity AS object, o.type || ' ' || o.identity AS detail
      FROM mine m JOIN pg_depend d ON d.refclassid = m.class AND d.refobjid = m.oid
      CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) o CROSS JOIN LATERAL pg_identify_object(d.refclassid, d.refobjid, d.refobjsubid) r
      WHERE d.deptype IN ('n', 'a') AND d.classid NOT IN ('pg_publication_rel'::regclass, 'pg_default_acl'::regclass)
        AND NOT EXISTS (SELECT FROM mine o WHERE o.class = d.classid AND o.oid = d.objid) ORDER BY 1, 2`,
    message: ({ object, detail }) =>
      `${detail ?? ''}, outside the tenant's schema, needs ${object}; it would go on reading the old place, and go with it.`,
    remedy: "Drop it, or bring it into the tenant's schema.",
  },
  {
    code: 'owns-elsewhere',
    severity: 'error',
    sql: `WITH ${mine}
      SELECT DISTINCT o.type || ' ' || o.identity AS object, pg_get_userbyid(s.refobjid) AS detail
      FROM pg_roles r JOIN pg_shdepend s ON s.refclassid = 'pg_authid'::regclass AND s.refobjid = r.oid AND s.deptype = 'o'
      CROSS JOIN LATERAL pg_identify_object(s.classid, s.objid, s.objsubid) o
      WHERE (r.rolname = $2 OR r.rolname = ANY ($3::text[])) AND s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND s.classid NOT IN ('pg_largeobject'::regclass, 'pg_default_acl'::regclass)
        AND NOT (s.classid = 'pg_namespace'::regclass AND s.objid = $1::oid)
        AND NOT EXISTS (SELECT FROM mine m WHERE m.class = s.classid AND m.oid = s.objid) ORDER BY 1`,
    message: ({ object, detail }) =>
      `${object} belongs to ${detail ?? ''} and lies outside the tenant's schema: no dump of the schema holds it.`,
    remedy: "Bring it into the tenant's schema, give it to another role, or drop it.",
  },
  {
    code: 'large-objects',
    severity: 'error',
    sql: `SELECT 'large objects of ' || pg_get_userbyid(lomowner) AS object, count(*)::text AS detail FROM pg_largeobject_metadata
      WHERE pg_get_userbyid(lomowner) = $2 OR pg_get_userbyid(lomowner) = ANY ($3::text[]) GROUP BY lomowner ORDER BY 1`,
    message: ({ object, detail }) =>
      `There are ${detail ?? ''} ${object}: they lie in no schema, and no dump of the schema holds them.`,
    remedy:
      "Move them into bytea columns, or remove them: SELECT lo_unlink(oid) FROM pg_largeobject_metadata WHERE lomowner = '<owner>'::regrole.",
  },
  {
    code: 'prepared-transaction',
    severity: 'error',
    sql: `SELECT 'prepared transaction ' || quote_literal(x.gid) AS object, x.owner::text AS detail FROM pg_prepared_xacts x
      WHERE x.database = current_database() AND (x.owner = $2 OR x.owner = ANY ($3::text[])) ORDER BY 1`,
    message: ({ object, detail }) =>
      `${object} of ${detail ?? ''} is open; its writes would be lost, and its locks stop the fence.`,
    remedy: 'COMMIT PREPARED or ROLLBACK PREPARED it.',
  },
];
