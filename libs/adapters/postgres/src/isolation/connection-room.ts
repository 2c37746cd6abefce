import type { ClientBase } from 'pg';

/** What stays free, of the login's own connections and of the server's: the product comes first. */
const kept = { ofLogin: 1, ofServer: 5 };

/** What the admin's session tells of the server around one login. */
export interface ServerRoom {
  readonly admin: string;
  /** Databases besides the tenants' own. */
  readonly databases: readonly string[];
  /** Why the login should not connect now; null: it may. */
  readonly noRoom: string | null;
}

const roomQuery = `
SELECT session_user::text AS admin,
  (SELECT coalesce(array_agg(d.datname::text ORDER BY has_database_privilege($1, d.oid, 'CONNECT') DESC, d.datname), '{}')
    FROM pg_database d WHERE d.datallowconn AND d.datname NOT IN (current_database(), 'template0')) AS databases,
  r.rolconnlimit AS limit, (SELECT count(*)::int FROM pg_stat_activity WHERE usesysid = r.oid) AS used,
  current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
    - (SELECT count(*)::int FROM pg_stat_activity WHERE usesysid IS NOT NULL AND datid IS NOT NULL) AS free
FROM pg_roles r WHERE r.rolname = $1`;

interface Row extends Omit<ServerRoom, 'noRoom'> {
  readonly limit: number;
  readonly used: number;
  readonly free: number;
}

export async function readRoom(client: ClientBase, login: string): Promise<ServerRoom> {
  const { rows } = await client.query<Row>(roomQuery, [login]);
  const [row] = rows;
  if (row === undefined) return { admin: '', databases: [], noRoom: `There is no login ${login} on the server.` };
  const { admin, databases } = row;
  return { admin, databases, noRoom: noRoomIn(row, login) };
}

function noRoomIn({ limit, used, free }: Row, login: string): string | null {
  if (limit >= 0 && limit - used - 1 < kept.ofLogin)
    return `${login} uses ${String(used)} of its ${String(limit)} connections: one has to stay free.`;
  if (free - 1 < kept.ofServer) return `The server has only ${String(Math.max(0, free))} connections left.`;
  return null;
}
