import { checkServerIdentity, type ConnectionOptions as TlsOptions } from 'node:tls';
import { isNativeError } from 'node:util/types';
import { BerthError, type PoolerAccess } from '@berth/domain';
import pg from 'pg';
import { consoleName } from './render-files.js';

/** A running PgBouncer answers in a millisecond; one that is frozen must not hold up a move. */
const patienceMs = 2_000;

export type ConsoleRow = Readonly<Record<string, string | number | null>>;

/** PgBouncer's admin console: a database that understands only its own commands, and only as plain text. */
export class Console {
  private constructor(
    private readonly client: pg.Client,
    private readonly access: PoolerAccess,
  ) {}

  /** @throws `pooler-unreachable` */
  static async with<T>(access: PoolerAccess, use: (console: Console) => Promise<T>): Promise<T> {
    const client = new pg.Client({
      host: access.host,
      port: access.port,
      user: access.user,
      password: access.password,
      database: consoleName,
      ssl: tlsOptions(access),
      connectionTimeoutMillis: patienceMs,
    });
    // A connection that breaks is reported by the command that waits on it.
    client.on('error', () => undefined);
    const console = new Console(client, access);
    try {
      await client.connect().catch((thrown: unknown) => console.#unreachable(thrown));
      return await use(console);
    } finally {
      // One that still waits for an answer is cut off: `end` sees to that.
      await client.end().catch(() => undefined);
    }
  }

  /** Null: no answer in time. The connection is of no use then, and is closed. @throws `pooler-unreachable`, `pooler-refused` */
  async runFor(command: string, timeoutMs: number): Promise<readonly ConsoleRow[] | null> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => (timer = setTimeout(resolve, timeoutMs, null)));
    const answer = this.client.query<ConsoleRow>(command).then(({ rows }) => rows);
    // When the time is over nobody waits for it any more.
    answer.catch(() => undefined);
    try {
      return await Promise.race([answer, late]);
    } catch (thrown) {
      return this.#failed(command, thrown);
    } finally {
      clearTimeout(timer);
    }
  }

  /** @throws `pooler-unreachable`, `pooler-refused` */
  async run(command: string): Promise<readonly ConsoleRow[]> {
    const rows = await this.runFor(command, patienceMs);
    return rows ?? this.#unreachable(new Error(`no answer to ${command} in ${String(patienceMs / 1000)} s`));
  }

  #failed(command: string, thrown: unknown): never {
    if (!(thrown instanceof pg.DatabaseError)) return this.#unreachable(thrown);
    const { poolerId } = this.access;
    throw new BerthError('pooler-refused', `The pooler ${poolerId} refused ${command}: ${thrown.message}`, {
      cause: thrown,
    });
  }

  #unreachable(thrown: unknown): never {
    const { poolerId, host, port } = this.access;
    const why = messageOf(thrown);
    throw new BerthError('pooler-unreachable', `The pooler ${poolerId} at ${host}:${String(port)} fails: ${why}`, {
      hint: `Look at the log of that PgBouncer. If it is gone for good: berth poolers remove ${poolerId}`,
      cause: thrown,
    });
  }
}

function messageOf(thrown: unknown): string {
  if (!isNativeError(thrown)) return String(thrown);
  // A name with several addresses fails with one error for each.
  return 'errors' in thrown && Array.isArray(thrown.errors) ? thrown.errors.map(messageOf).join('; ') : thrown.message;
}

/** Its machine answers, and nothing listens there: nobody can be inside. */
export function isNotRunning(thrown: unknown): boolean {
  const cause = isNativeError(thrown) ? thrown.cause : undefined;
  const causes = isNativeError(cause) && 'errors' in cause && Array.isArray(cause.errors) ? cause.errors : [cause];
  return causes.every((one: unknown) => isNativeError(one) && 'code' in one && one.code === 'ECONNREFUSED');
}

/** libpq's modes in Node's words, for `pg`. */
function tlsOptions({ sslMode, ca, host }: PoolerAccess): TlsOptions | false {
  const trusted = { rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) };
  switch (sslMode) {
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
