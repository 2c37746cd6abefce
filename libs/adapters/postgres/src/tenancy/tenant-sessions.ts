import { BerthError, type Place } from '@berth/domain';
import type { LoginSessions } from '@berth/ports';
import { asMember, type ClusterConnections, type Connection } from '../connection/index.js';
import { rolesOf } from './tenant-roles.js';

/** How long one round waits for the signalled sessions; a backend that writes to a dead socket needs the most. */
const roundMs = 2_000;
const rounds = 5;

/** The roles of the tenant that are there. */
export async function existingRoles(client: Connection, place: Place): Promise<readonly string[]> {
  const { rows } = await client.query<{ rolname: string }>('SELECT rolname FROM pg_roles WHERE rolname = ANY ($1)', [
    rolesOf(place),
  ]);
  // In the order of rolesOf: the owner first.
  return rolesOf(place).filter((name) => rows.some(({ rolname }) => rolname === name));
}

export async function countSessions(
  client: Connection,
  place: Place,
  roles: readonly string[] = rolesOf(place),
): Promise<number> {
  const { rows } = await client.query<{ sessions: number }>(
    'SELECT count(*)::int AS sessions FROM pg_stat_activity WHERE usename = ANY ($1)',
    [roles],
  );
  return rows[0]?.sessions ?? 0;
}

/** The application's name is what anybody may see of a session; address and query are not the admin's to read. */
export async function sessionsByLogin(client: Connection, { loginRoles }: Place): Promise<readonly LoginSessions[]> {
  const { rows } = await client.query<LoginSessions>(
    `SELECT CASE usename WHEN $1 THEN 'a' ELSE 'b' END AS slot, coalesce(application_name, '') AS application,
            count(*)::int AS sessions
     FROM pg_stat_activity WHERE usename IN ($1, $2) GROUP BY 1, 2 ORDER BY 1, 2`,
    [loginRoles.a, loginRoles.b],
  );
  return rows;
}

/**
 * Ends every session of the tenant's logins (or of the named ones), which must be unable to log in by now. A session that was past the check of its
 * login when they were closed shows up a moment later: so the last look is one of a connection opened after that.
 *
 * @throws `cluster-busy` when sessions are still there after 10 s
 */
export async function endSessions(
  connections: ClusterConnections,
  place: Place,
  roles: readonly string[] = rolesOf(place),
): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    await connections.withTransaction(place.clusterId, place.database, (client) => terminate(client, place, roles));
    const left = await connections.withClient(place.clusterId, place.database, (client) =>
      countSessions(client, place, roles),
    );
    if (left === 0) return;
  }
  throw new BerthError(
    'cluster-busy',
    `Sessions of tenant ${place.tenantId} are still there after ${(rounds * roundMs) / 1000} s.`,
    {
      hint: 'Look for them in pg_stat_activity; a backend that hangs in the kernel ends by a restart of the server alone.',
    },
  );
}

/** Who ends a session must be a member of its role; `asMember` keeps that to this transaction. */
async function terminate(client: Connection, place: Place, roles: readonly string[]): Promise<void> {
  const logins = (await existingRoles(client, place)).filter(
    (name) => name !== place.ownerRole && roles.includes(name),
  );
  await asMember(client, logins, async () => {
    // All are signalled first, then each is waited for by the server itself. CASE, since a WHERE may be evaluated after the
    // function, and AND goes on after a NULL: both would signal others.
    const { rows } = await client.query<{ pid: number; signalled: boolean | null }>(
      'SELECT pid, CASE WHEN usename = ANY ($1) THEN pg_terminate_backend(pid) END AS signalled FROM pg_stat_activity',
      [logins],
    );
    const deadline = Date.now() + roundMs;
    for (const { pid } of rows.filter(({ signalled }) => signalled === true)) {
      await client.query('SELECT pg_terminate_backend($1, $2)', [pid, Math.max(1, deadline - Date.now())]);
    }
  });
}
