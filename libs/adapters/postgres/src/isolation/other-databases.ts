import type { AttemptOutcome, TenantSecret } from '@berth/domain';
import { safeMessage, sqlStateOf } from '../connection/index.js';
import { directly, ProbeSession } from './probe-session.js';
import { notTried, outcomeOf, refused } from './tries.js';

/** So many other databases are entered, one after another. */
export const mostDatabases = 20;

/** The table that is easiest to read there; what extensions brought, and the catalogs, are no tenant's. */
const readableQuery = `
SELECT format('%I.%I', n.nspname, c.relname) AS name, u.role
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN unnest($1::text[]) u (role)
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND has_schema_privilege(u.role, n.oid, 'USAGE') AND has_any_column_privilege(u.role, c.oid, 'SELECT')
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
LIMIT 1`;

/** To enter another database of the server is often allowed, as to `postgres`; to read a table there is not. */
export async function tryDatabases(secret: TenantSecret, databases: readonly string[]): Promise<AttemptOutcome> {
  let open: AttemptOutcome | null = null;
  for (const database of databases.slice(0, mostDatabases)) {
    const outcome = await tryDatabase(secret, database);
    if (outcome.verdict === 'reached') return outcome;
    if (outcome.verdict === 'not-tried') open ??= outcome;
  }
  if (open !== null) return open;
  if (databases.length <= mostDatabases) return refused('other-database');
  const [tried, all] = [mostDatabases, databases.length].map(String);
  return notTried('other-database', `Only ${String(tried)} of ${String(all)} other databases were tried.`);
}

async function tryDatabase(secret: TenantSecret, database: string): Promise<AttemptOutcome> {
  let session: ProbeSession;
  try {
    session = await ProbeSession.open(directly(secret, database));
  } catch (error) {
    const state = sqlStateOf(error);
    // No right to connect, no rule in pg_hba.conf, dropped meanwhile.
    if (state !== undefined && ['42501', '28000', '3D000', '55000'].includes(state)) return refused('other-database');
    return notTried('other-database', `Database ${database} could not be entered: ${safeMessage(error)}`);
  }
  try {
    const [found] = await session.run<{ readonly name: string; readonly role: string }>(readableQuery, [session.roles]);
    if (found === undefined) return refused('other-database');
    const { name, role } = found;
    const means = `read ${name} in database ${database}`;
    return await outcomeOf(session, 'other-database', [{ sql: `SELECT 1 FROM ${name} LIMIT 1`, role, means }]);
  } catch (error) {
    return notTried('other-database', `Database ${database} could not be looked at: ${safeMessage(error)}`);
  } finally {
    await session.close();
  }
}
