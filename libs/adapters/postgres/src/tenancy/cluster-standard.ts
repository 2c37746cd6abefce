import { advisoryLocks, type ClusterAccess, serviceRole } from '@berth/domain';
import {
  berthSchema,
  type Connection,
  inTransaction,
  quoteIdent,
  sqlStateOf,
  withFreshClient,
} from '../connection/index.js';
import { tenantsGroup } from './cluster-roles.js';

/** One thing that a prepared cluster has; `there` says whether it is so already. */
interface Standard {
  readonly change: string;
  readonly there: string;
  readonly values: readonly string[];
  readonly mend: string;
}

/** Databases that every server has, and that a CREATEDB login may connect to. */
const maintenanceDatabases = ['postgres', 'template1'] as const;

/** The tenants' database, made if it is missing. CREATE DATABASE refuses a transaction. */
export async function ensureDatabase(access: ClusterAccess): Promise<readonly string[]> {
  return inMaintenanceDatabase(access, async (client) => {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [access.database]);
    if (rowCount !== 0) return [];
    try {
      // template0: what somebody put into template1 is not in every tenant's reach.
      await client.query(`CREATE DATABASE ${quoteIdent(access.database)} TEMPLATE template0`);
    } catch (error) {
      // Another `prepare` made it in between.
      if (sqlStateOf(error) === '42P04' || sqlStateOf(error) === '23505') return [];
      throw error;
    }
    return [`Created database ${access.database}.`];
  });
}

/** A connection that does not need the tenants' database to be there. */
export async function inMaintenanceDatabase<T>(
  access: ClusterAccess,
  fn: (client: Connection) => Promise<T>,
): Promise<T> {
  try {
    return await withFreshClient(access, access.database, fn);
  } catch (error) {
    if (!(error instanceof Error) || !('details' in error)) throw error;
    const { sqlState } = error.details as { readonly sqlState?: string };
    if (sqlState !== '3D000') throw error;
    return withFreshClient(access, maintenanceDatabases[0], fn);
  }
}

function standardsOf(access: ClusterAccess, own: boolean): readonly Standard[] {
  const database = quoteIdent(access.database);
  const roles = [serviceRole, tenantsGroup].map((role) => ({
    change: `Created role ${role}.`,
    there: 'SELECT FROM pg_roles WHERE rolname = $1',
    values: [role],
    mend: `CREATE ROLE ${quoteIdent(role)} NOLOGIN NOCREATEDB NOCREATEROLE INHERIT`,
  }));
  const connects = [tenantsGroup, serviceRole].map((role) => ({
    change: `Granted CONNECT on database ${access.database} to ${role}.`,
    // The grant itself, not its effect: while PUBLIC may connect, everybody may.
    there: `SELECT FROM pg_database d CROSS JOIN LATERAL aclexplode(d.datacl) a
      WHERE d.datname = $1 AND a.privilege_type = 'CONNECT' AND a.grantee = (SELECT oid FROM pg_roles WHERE rolname = $2)`,
    values: [access.database, role],
    mend: `GRANT CONNECT ON DATABASE ${database} TO ${quoteIdent(role)}`,
  }));
  const closed = {
    change: `Revoked CONNECT, CREATE and TEMPORARY on database ${access.database} from PUBLIC.`,
    there: `SELECT WHERE NOT has_database_privilege('public', $1, 'CONNECT, CREATE, TEMPORARY')`,
    values: [access.database],
    mend: `REVOKE CONNECT, CREATE, TEMPORARY ON DATABASE ${database} FROM PUBLIC`,
  };
  return own ? [...roles, ...connects, closed] : roles;
}

/** In a database that the admin owns `public` is the admin's to close; up to PostgreSQL 14 everybody may create there. */
const publicSchema: Standard = {
  change: 'Revoked every right on schema public from PUBLIC.',
  there: `SELECT WHERE NOT coalesce((SELECT has_schema_privilege('public', n.oid, 'CREATE') OR has_schema_privilege('public', n.oid, 'USAGE')
    FROM pg_namespace n WHERE n.nspname = 'public' AND pg_has_role(n.nspowner, 'USAGE')), false)`,
  values: [],
  mend: 'REVOKE ALL ON SCHEMA public FROM PUBLIC',
};

/** Brings roles, grants and Berth's own schema to the standard, in one transaction, one `prepare` of a cluster at a time. */
export async function applyStandard(access: ClusterAccess): Promise<readonly string[]> {
  return withFreshClient(access, access.database, (client) =>
    inTransaction(client, async () => {
      await client.query('SELECT pg_advisory_xact_lock($1, $2)', [...advisoryLocks.prepareCluster]);
      const { rows } = await client.query<{ own: boolean }>(
        "SELECT pg_has_role(datdba, 'USAGE') AS own FROM pg_database WHERE datname = current_database()",
      );
      const own = rows[0]?.own === true;
      const changes: string[] = [];
      for (const standard of [...standardsOf(access, own), ...(own ? [publicSchema] : [])]) {
        const { rowCount } = await client.query(standard.there, [...standard.values]);
        if (rowCount !== 0) continue;
        await client.query(standard.mend);
        changes.push(standard.change);
      }
      return [...changes, ...(await applyBerthSchema(client))];
    }),
  );
}

async function applyBerthSchema(client: Connection): Promise<readonly string[]> {
  const before = await berthObjects(client);
  for (const { sql } of berthSchema) await client.query(sql);
  const after = await berthObjects(client);
  return after.filter((object) => !before.includes(object)).map((object) => `Created ${object}.`);
}

async function berthObjects(client: Connection): Promise<readonly string[]> {
  const { rows } = await client.query<{ object: string }>(`
    SELECT 'schema berth' AS object FROM pg_namespace WHERE nspname = 'berth'
    UNION ALL
    SELECT i.type || ' ' || i.identity FROM pg_namespace n
    JOIN pg_depend d ON d.refclassid = 'pg_namespace'::regclass AND d.refobjid = n.oid
    CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, 0) i WHERE n.nspname = 'berth'`);
  return rows.map(({ object }) => object);
}
