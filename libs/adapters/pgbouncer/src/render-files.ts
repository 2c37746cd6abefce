import { BerthError, type TenantRoute } from '@berth/domain';

/** Names of the files that a pooler reads. */
export const fileNames = {
  databases: 'berth-databases.ini',
  users: 'berth-userlist.txt',
  rules: 'berth-hba.conf',
} as const;

const marker = '; Berth writes what stands below this line; what stands above it is yours.';

/** PgBouncer's own database: the admin console. It refuses a whole file in which an alias has that name. */
export const consoleName = 'pgbouncer';

/** One alias a tenant. No user: then PgBouncer logs in to the server as the client did, by the SCRAM keys of that very login. */
export function renderDatabases(routes: readonly TenantRoute[]): string {
  const lines = routes.map(
    ({ tenantId, host, port, database, poolSize }) =>
      `${tenantId} = host=${value(host)} port=${String(port)} dbname=${value(database)} pool_size=${String(poolSize)}`,
  );
  return ['; Berth writes this file whole.', ...lines, ''].join('\n');
}

/** The logins with their verifiers, Berth's own first; the operator's lines above the marker stay. */
export function renderUsers(
  present: string | null,
  admin: { readonly role: string; readonly verifier: string },
  routes: readonly TenantRoute[],
): string {
  const isAdmins = (line: string) => line.trimStart().startsWith(`${doubleQuoted(admin.role)} `);
  const head = headOf(present).filter((line) => !isAdmins(line));
  const logins = [admin, ...routes.flatMap((route) => route.logins)];
  const lines = logins.map(({ role, verifier }) => `${doubleQuoted(role)} ${doubleQuoted(verifier)}`);
  return [...head, marker, ...lines, ''].join('\n');
}

/**
 * Who may pass through which alias: each tenant's own logins and nobody else. Without it a login of one tenant would get as far as
 * the server of another; the first rule that fits decides, so there is room for no other. The console stays open for those whom `admin_users` and `stats_users` name.
 */
export function renderRules(routes: readonly TenantRoute[]): string {
  const passes = [
    { alias: consoleName, who: 'all' },
    ...routes.map(({ tenantId, logins }) => ({
      alias: tenantId,
      who: logins.map(({ role }) => doubleQuoted(role)).join(','),
    })),
  ].filter(({ who }) => who !== '');
  const lines = passes.flatMap(({ alias, who }) => [
    `host "${alias}" ${who} 0.0.0.0/0 scram-sha-256`,
    `host "${alias}" ${who} ::/0 scram-sha-256`,
    `local "${alias}" ${who} scram-sha-256`,
  ]);
  return ['# Berth writes this file whole.', ...lines, ''].join('\n');
}

function headOf(present: string | null): readonly string[] {
  const lines = (present ?? '').replace(/\n+$/, '').split('\n');
  const end = lines.indexOf(marker);
  const head = end === -1 ? lines : lines.slice(0, end);
  return head.length === 1 && head[0] === '' ? [] : head;
}

/** A value of a connection string. */
const value = (text: string): string => `'${printable(text).replaceAll("'", "''")}'`;

const doubleQuoted = (text: string): string => `"${printable(text).replaceAll('"', '""')}"`;

/** A line break would begin a line of its own. */
function printable(text: string): string {
  if (/^[\x20-\x7e]+$/.test(text)) return text;
  throw new BerthError('invalid-name', `${JSON.stringify(text)} cannot stand in a file of PgBouncer.`);
}
