import type { EventEmitter } from 'node:events';
import { checkServerIdentity, type ConnectionOptions } from 'node:tls';
import pg from 'pg';
import { TenantError, WrongSessionError } from '../errors.js';
import type { TenantAccess } from '../secret.js';
import { isLost } from './pg-faults.js';

export interface OpenOptions {
  readonly tenantId: string;
  /** Shown in `pg_stat_activity`, and by Berth to whoever waits for a rotation. */
  readonly applicationName: string;
  readonly connectMs: number;
  /** The server has to prove (by SCRAM) that it knows this login, and hears the password in no other way: nobody vouches for its address. */
  readonly proven: boolean;
}

/**
 * Whom the server takes us for. The scope comes from the login's own settings and is never set by us: a session that
 * somebody else's settings reached is refused here, before any statement of the product.
 */
const sessionQuery = `
  SELECT session_user::text AS login, current_schema()::text AS schema,
    coalesce((SELECT pg_has_role(current_user, nspowner, 'USAGE') FROM pg_namespace WHERE nspname = current_schema()), false) AS owns`;

interface Session {
  readonly login: string;
  readonly schema: string | null;
  readonly owns: boolean;
}

/** One session of one login. It never serves another tenant, nor another login of the same one. */
export class Connection {
  #broken = false;
  uses = 0;
  idleSince = 0;

  private constructor(
    readonly client: pg.Client,
    readonly openedAt: number,
  ) {
    // Between two statements nobody waits for the failure: it is found broken when it is wanted.
    client.on('error', () => this.breakOff());
    client.on('end', () => this.breakOff());
  }

  /** @throws WrongSessionError; what `pg` throws when there is no connection */
  static async open(secret: TenantAccess, options: OpenOptions): Promise<Connection> {
    const { host, port, database, username, password } = secret;
    const client = new pg.Client({
      ...{ host, port, database, user: username, password },
      ssl: tlsOptions(secret),
      application_name: options.applicationName,
      connectionTimeoutMillis: options.connectMs,
      keepAlive: true,
    });
    const connection = new Connection(client, performance.now());
    try {
      const isProven = options.proven ? connection.#awaitProof() : () => true;
      await client.connect();
      if (!isProven()) throw new Error('the server did not prove that it knows the login');
      await connection.#requireOwnSession(secret, options.tenantId);
      return connection;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  get broken(): boolean {
    return this.#broken;
  }

  /** May be lent again: it lives, and no transaction was left open in it, whoever forgot to end it. */
  get isClean(): boolean {
    return !this.#broken && this.client.getTransactionStatus() === 'I';
  }

  breakOff(): void {
    this.#broken = true;
  }

  /** Tells what a failed statement means for the session. */
  note(error: unknown): void {
    if (isLost(error)) this.breakOff();
  }

  /** Without a word to the server: whatever ran there is on its own. */
  cut(): void {
    this.breakOff();
    this.#wire.stream.destroy();
  }

  /** Ends when the server has let go of the session, or after a second without an answer. Never fails. */
  async close(): Promise<void> {
    this.breakOff();
    const timer = setTimeout(() => this.cut(), 1_000);
    await this.client.end().catch(() => undefined);
    clearTimeout(timer);
  }

  /** What the caller left in the session (settings, temporary tables, locks, listens) is gone; the login's own settings are back. */
  async reset(): Promise<void> {
    if (this.broken) return;
    await this.client.query('DISCARD ALL').catch(() => this.breakOff());
  }

  /** What `pg` keeps below its client. */
  get #wire(): EventEmitter & { readonly stream: { destroy(): void } } {
    return (this.client as unknown as { readonly connection: EventEmitter & { readonly stream: { destroy(): void } } })
      .connection;
  }

  /** Cuts the wire before a password goes over it as it is, or hashed in the old way. The answer tells whether the proof came. */
  #awaitProof(): () => boolean {
    let proven = false;
    for (const asked of ['authenticationCleartextPassword', 'authenticationMD5Password'])
      this.#wire.prependListener(asked, () => this.cut());
    this.#wire.on('authenticationSASLFinal', () => (proven = true));
    return () => proven;
  }

  async #requireOwnSession(secret: TenantAccess, tenantId: string): Promise<void> {
    const { rows } = await this.client.query<Session>(sessionQuery);
    const session = rows[0];
    if (session?.login === secret.username && session.schema === secret.schema && session.owns) return;
    throw new WrongSessionError(
      tenantId,
      `The connection of tenant ${tenantId} is not its own: login ${session?.login ?? 'unknown'} in schema ` +
        `${session?.schema ?? 'none'}, expected ${secret.username} in ${secret.schema}, owning it. ` +
        'Look at the login’s settings (berth tenants repair --dry-run) and at what a pooler in between sets.',
    );
  }
}

export function isTenantError(error: unknown): error is TenantError {
  return error instanceof TenantError;
}

/** libpq's modes in Node's words. */
function tlsOptions({ sslmode, sslrootcert, host }: TenantAccess): ConnectionOptions | false {
  const trusted = { rejectUnauthorized: true, ...(sslrootcert === undefined ? {} : { ca: sslrootcert }) };
  switch (sslmode) {
    case 'disable':
      return false;
    case 'require':
      return { rejectUnauthorized: false };
    case 'verify-ca':
      return { ...trusted, checkServerIdentity: () => undefined };
    case 'verify-full':
      // For an address `pg` names no host, and Node would compare the certificate with "localhost".
      return { ...trusted, checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate) };
  }
}
