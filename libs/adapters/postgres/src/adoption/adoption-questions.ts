import type { Finding } from '@berth/domain';

/** One question to the server about a schema that is to be adopted: each row of the answer is one finding. */
export interface AdoptionQuestion {
  readonly code: string;
  readonly severity: Finding['severity'];
  /** Columns `object` and `detail`. $1 the schema's name, $2 names of the present owners. */
  readonly sql: string;
  readonly message: (row: { readonly object: string; readonly detail: string | null }) => string;
  readonly remedy: string | null;
}

/** Parameters that a question does not look at are named all the same: a statement binds only what it names. */
const inSchema = `(SELECT oid FROM pg_namespace WHERE nspname = $1 AND $2::text[] IS NOT NULL)`;

export const adoptionQuestions: readonly AdoptionQuestion[] = [
  {
    code: 'event-trigger',
    severity: 'error',
    sql: `SELECT 'event trigger ' || quote_ident(e.evtname) AS object, p.oid::regprocedure::text AS detail
      FROM pg_event_trigger e JOIN pg_proc p ON p.oid = e.evtfoid WHERE p.pronamespace = ${inSchema} ORDER BY 1`,
    message: ({ object, detail }) => `${object} calls ${detail ?? ''} for everybody in the database.`,
    remedy: 'As a superuser: drop it, or let it call a function outside the schema.',
  },
  {
    code: 'prepared-transaction',
    severity: 'error',
    sql: `SELECT 'prepared transaction ' || quote_literal(x.gid) AS object, x.owner::text AS detail FROM pg_prepared_xacts x
      WHERE x.database = current_database() AND x.owner = ANY ($2::text[]) AND $1::text IS NOT NULL ORDER BY 1`,
    message: ({ object, detail }) => `${object} of ${detail ?? ''} is open and may hold locks on the tables.`,
    remedy: 'COMMIT PREPARED or ROLLBACK PREPARED it.',
  },
  {
    code: 'security-definer',
    severity: 'warning',
    sql: `SELECT 'function ' || p.oid::regprocedure AS object, pg_get_userbyid(p.proowner) AS detail FROM pg_proc p
      WHERE p.prosecdef AND p.pronamespace = ${inSchema} ORDER BY 1`,
    message: ({ object, detail }) =>
      `${object} is SECURITY DEFINER: it runs with the rights of ${detail ?? ''} today, and with those of the tenant's owner from then on.`,
    remedy: 'See that it reaches nothing outside the schema.',
  },
  {
    code: 'policy-names-role',
    severity: 'error',
    sql: `SELECT format('policy %I on table %I', p.polname, c.relname) AS object,
        (SELECT string_agg(pg_get_userbyid(r), ', ') FROM unnest(p.polroles) r) AS detail
      FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
      WHERE c.relnamespace = ${inSchema} AND c.relrowsecurity AND c.relforcerowsecurity AND NOT 0 = ANY (p.polroles) ORDER BY 1`,
    message: ({ object, detail }) =>
      `${object} is for ${detail ?? ''}, and the table forces its policies on its owner: the tenant's logins would see no row.`,
    remedy: 'ALTER POLICY … TO PUBLIC, or ALTER TABLE … NO FORCE ROW LEVEL SECURITY.',
  },
  {
    code: 'policy-names-role',
    severity: 'warning',
    sql: `SELECT format('policy %I on table %I', p.polname, c.relname) AS object,
        (SELECT string_agg(pg_get_userbyid(r), ', ') FROM unnest(p.polroles) r) AS detail
      FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
      WHERE c.relnamespace = ${inSchema} AND NOT (c.relrowsecurity AND c.relforcerowsecurity) AND NOT 0 = ANY (p.polroles) ORDER BY 1`,
    message: ({ object, detail }) =>
      `${object} is for ${detail ?? ''}; the tenant's logins act as the table's owner, to whom it does not apply.`,
    remedy: null,
  },
  {
    code: 'large-objects',
    severity: 'warning',
    sql: `SELECT 'large objects of ' || pg_get_userbyid(lomowner) AS object, count(*)::text AS detail FROM pg_largeobject_metadata
      WHERE pg_get_userbyid(lomowner) = ANY ($2::text[]) AND $1::text IS NOT NULL GROUP BY lomowner ORDER BY 1`,
    message: ({ object, detail }) =>
      `There are ${detail ?? ''} ${object}: they lie in no schema, stay with their owner, and the tenant's logins cannot read them.`,
    remedy: 'Move those that the tenant uses into bytea columns.',
  },
  {
    code: 'no-owner',
    severity: 'warning',
    sql: `SELECT i.type || ' ' || i.identity AS object, NULL AS detail FROM pg_depend d
      CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, 0) i
      WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = ${inSchema}
        AND d.classid IN ('pg_ts_parser'::regclass, 'pg_ts_template'::regclass) ORDER BY 1`,
    message: ({ object }) => `${object} is of a kind that has no owner: it stays as it is.`,
    remedy: null,
  },
];
