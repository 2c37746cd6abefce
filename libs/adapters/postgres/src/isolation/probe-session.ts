import type { TenantSecret } from '@berth/domain';
import type { IsolationPooler } from '@berth/ports';
import { Client, type ClientConfig } from 'pg';
import { quoteIdent, tlsOptions } from '../connection/index.js';

/** How a tenant's session calls itself, for whoever looks at pg_stat_activity. */
const applicationName = 'berth/prove-isolation';

/** In ms. Nobody waits for long: neither this session for a lock, nor somebody else for one of its own. */
const patience = { connect: 5_000, answer: 8_000, statement: 4_000, lock: 500 };

/** Roles that a session tries to act as, at most: its own two, and what it may become besides. */
const mostRoles = 12;

const rolesQuery = `
SELECT r.rolname AS name FROM pg_roles r CROSS JOIN (SELECT rolsuper FROM pg_roles WHERE rolname = session_user) me
WHERE r.rolname IN (current_user, session_user) OR (NOT me.rolsuper AND pg_has_role(session_user, r.oid, $1))
ORDER BY r.rolname = current_user DESC, r.rolname = session_user DESC, r.rolname LIMIT ${String(mostRoles)}`;

interface Identity {
  readonly session: string;
  readonly current: string;
  readonly database: string;
}

/** One session of a tenant, as its clients open it. Every statement is a transaction of its own that is rolled back. */
export class ProbeSession {
  /** Why it can be used no more. */
  #over: Error | null = null;

  private constructor(
    private readonly client: Client,
    readonly identity: Identity,
    /** What it can act as: first what its login gives it, then the login itself, then whatever it may SET ROLE to. */
    readonly roles: readonly string[],
  ) {
    client.on('error', (error) => (this.#over = error));
    client.on('end', () => (this.#over ??= new Error('The session was ended.')));
  }

  /** @throws the error of `pg` */
  static async open(config: ClientConfig): Promise<ProbeSession> {
    const client = new Client({
      ...config,
      application_name: applicationName,
      connectionTimeoutMillis: patience.connect,
      query_timeout: patience.answer,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query<Identity & { readonly major: number }>(
        `SELECT session_user::text AS session, current_user::text AS current, current_database()::text AS database,
          current_setting('server_version_num')::int / 10000 AS major`,
      );
      const [me] = rows;
      if (me === undefined) throw new Error('a query of one row gave none');
      const asked = await client.query<{ readonly name: string }>(rolesQuery, [me.major >= 16 ? 'SET' : 'MEMBER']);
      return new ProbeSession(
        client,
        me,
        asked.rows.map(({ name }) => name),
      );
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
  }

  /** Runs one statement as one of its roles (none: as its login gives it) and rolls it back. @throws the error of `pg` */
  async run<Row extends object>(
    sql: string,
    values: readonly unknown[] = [],
    {
      role,
      before,
      readOnly = false,
    }: { readonly role?: string; readonly before?: string; readonly readOnly?: boolean } = {},
  ): Promise<readonly Row[]> {
    if (this.#over !== null) throw this.#over;
    const settings = `SET LOCAL lock_timeout = ${String(patience.lock)}; SET LOCAL statement_timeout = ${String(patience.statement)}`;
    try {
      await this.client.query(`BEGIN${readOnly ? ' READ ONLY' : ''}; ${settings}${this.#become(role)}`);
      if (before !== undefined) await this.client.query(before);
      const { rows } = await this.client.query<Row>(sql, [...values]);
      return rows;
    } finally {
      await this.#rollBack();
    }
  }

  /** Leaves something in the session, past its transactions. */
  async setMarker(value: string): Promise<void> {
    if (this.#over !== null) throw this.#over;
    await this.client.query("SELECT set_config('berth.isolation_marker', $1, false)", [value]);
  }

  async close(): Promise<void> {
    await this.client.end().catch(() => undefined);
  }

  #become(role: string | undefined): string {
    if (role === undefined || role === this.identity.current) return '';
    return `; SET LOCAL ROLE ${role === this.identity.session ? 'NONE' : quoteIdent(role)}`;
  }

  /** An answer that never came leaves a session of which nobody knows where it is. */
  async #rollBack(): Promise<void> {
    try {
      await this.client.query('ROLLBACK');
    } catch (error) {
      this.#over ??= error instanceof Error ? error : new Error(String(error));
    }
  }
}

/** As the tenant's secret says. */
export function directly(secret: TenantSecret, database = secret.database): ClientConfig {
  const { host, port, username: user, password, sslmode: sslMode, sslrootcert: ca } = secret;
  return { host, port, user, password, database, ssl: tlsOptions({ host, sslMode, ...(ca !== undefined && { ca }) }) };
}

/** Through a pooler, where the database bears the tenant's id. */
export function through(pooler: IsolationPooler, secret: TenantSecret, alias: string): ClientConfig {
  const { host, port } = pooler;
  const { username: user, password } = secret;
  return { host, port, user, password, database: alias, ssl: tlsOptions(pooler) };
}
