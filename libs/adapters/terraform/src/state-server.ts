import pg from 'pg';

/** Where Terraform's state lies: a PostgreSQL database, in a schema of its own. */
export interface StateServer {
  /** `postgresql://user:password@host:port/database`. */
  readonly url: string;
  /** Default: `berth_terraform`. */
  readonly schema?: string;
}

export const defaultStateSchema = 'berth_terraform';

/** The connection for the `pg` backend, by environment. The password apart: what Terraform prints of the rest is harmless. */
export function backendEnvironment({ url }: StateServer): Readonly<Record<string, string>> {
  const parsed = new URL(url);
  const password = decodeURIComponent(parsed.password);
  parsed.password = '';
  // Terraform's driver demands TLS unless told otherwise; ours, which made this address, does not.
  if (!parsed.searchParams.has('sslmode')) parsed.searchParams.set('sslmode', 'disable');
  return { PG_CONN_STR: parsed.href, ...(password === '' ? {} : { PGPASSWORD: password }) };
}

export interface LockHolder {
  /** Session of the state's database that holds the lock. */
  readonly session: number;
  readonly address: string;
  readonly since: Date;
}

/**
 * Who holds the lock of a workspace. The backend takes an advisory lock numbered by the workspace's row, in a session that
 * lives as long as its Terraform does; so a lock that is there has somebody behind it.
 */
export async function lockHolder(server: StateServer, workspace: string): Promise<LockHolder | null> {
  const client = new pg.Client({ connectionString: server.url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ pid: number; address: string; since: Date }>(
      `SELECT a.pid, coalesce(host(a.client_addr), 'this machine') AS address, a.backend_start AS since
         FROM ${pg.escapeIdentifier(server.schema ?? defaultStateSchema)}.states s
         JOIN pg_locks l ON l.locktype = 'advisory' AND l.granted AND l.objid::bigint = s.id
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
         JOIN pg_stat_activity a USING (pid)
        WHERE s.name = $1`,
      [workspace],
    );
    const [row] = rows;
    return row === undefined ? null : { session: row.pid, address: row.address, since: row.since };
  } catch {
    return null; // Only for explaining: the caller has an error to tell already.
  } finally {
    await client.end().catch(() => undefined);
  }
}
