import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { BerthError } from '@berth/domain';
import type { RedisOptions } from 'ioredis';
import { faultsOf } from './fitness.js';
import { QuietRedis } from './quiet-redis.js';
import { translateError } from './translate-error.js';

export interface RedisServerOptions {
  /** `redis[s]://[user[:password]@]host[:port][/database]` */
  readonly url: string;
  /** Certificates that vouch for the server's; else those that Node knows. */
  readonly caFile?: string;
  /** Every key of ours begins with it and a colon. */
  readonly prefix: string;
}

/** What a connection is for decides how long its commands wait for a server that is away. */
export type ConnectionUse = 'work' | 'ask' | 'count';

const patience = {
  /** A worker waits for as long as it takes. */
  work: { maxRetriesPerRequest: null },
  /** Whoever asks the queue is answered soon, even if the answer is that Redis is gone. */
  ask: { maxRetriesPerRequest: 1 },
  /** A request of the API is in somebody's way. */
  count: { maxRetriesPerRequest: 0, commandTimeout: 250 },
} as const satisfies Record<ConnectionUse, RedisOptions>;

/** One Redis for a system: where it is, how it is spoken to, and whether it will do. */
export class RedisServer {
  readonly prefix: string;
  readonly #options: RedisOptions;
  readonly #address: string;

  private constructor(options: RedisOptions, prefix: string) {
    this.prefix = prefix;
    this.#options = options;
    this.#address = `${options.host ?? ''}:${String(options.port)}`;
  }

  /** Nothing is connected yet. @throws `config-invalid` for a file of certificates that cannot be read */
  static async at({ url, caFile, prefix }: RedisServerOptions): Promise<RedisServer> {
    return new RedisServer(
      optionsOf(new URL(url), caFile === undefined ? undefined : await certificates(caFile)),
      prefix,
    );
  }

  /** A connection that comes back by itself. If what it comes back to will not do any more, that is told as its `error`. */
  connect(use: ConnectionUse): QuietRedis {
    const connection = new QuietRedis({ ...this.#options, ...patience[use], connectionName: `berth-${use}` });
    connection.on('ready', () => {
      if (use !== 'count') this.check().catch((error: unknown) => tell(connection, error));
    });
    return connection;
  }

  /** Asks on a connection of its own. @throws `redis-unfit` with what is wrong with it, `queue-unavailable` when it cannot be asked */
  async check(): Promise<void> {
    const once = { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0, commandTimeout: 5_000 };
    // Without the ready check: it asks for INFO, and says on the console when that is forbidden.
    const connection = new QuietRedis({ ...this.#options, ...once, enableReadyCheck: false });
    let lastTrouble: Error | undefined;
    connection.on('error', (error) => (lastTrouble = error));
    try {
      await connection.connect();
      await this.#judge(connection);
    } catch (error) {
      if (error instanceof BerthError) throw error;
      // ioredis says `Connection is closed.`; why, it said before.
      throw translateError(lastTrouble ?? error, this.#address);
    } finally {
      connection.disconnect();
    }
  }

  async #judge(connection: QuietRedis): Promise<void> {
    const { username, host = '', port = 0 } = this.#options;
    const [first, ...more] = await faultsOf(connection, {
      prefix: this.prefix,
      user: username ?? 'default',
      host,
      port,
    });
    if (first === undefined) return;
    throw new BerthError('redis-unfit', [first, ...more].map(({ sentence }) => sentence).join(' '), {
      hint: [first, ...more].map(({ hint }) => hint).join(' '),
    });
  }
}

/** An `error` that nobody listens to any more ends the process. */
function tell(connection: QuietRedis, error: unknown): void {
  if (connection.listenerCount('error') > 0) connection.emit('error', error);
}

function optionsOf(url: URL, ca: string | undefined): RedisOptions {
  // An IPv6 address stands in brackets in a URL, and nowhere else.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const secure = { ...(ca !== undefined && { ca }), ...(isIP(host) === 0 && { servername: host }) };
  return {
    host,
    port: Number(url.port || 6379),
    ...(url.username !== '' && { username: decodeURIComponent(url.username) }),
    ...(url.password !== '' && { password: decodeURIComponent(url.password) }),
    db: Number(url.pathname.slice(1) || 0),
    ...(url.protocol === 'rediss:' && { tls: secure }),
    connectTimeout: 5_000,
    keepAlive: 10_000,
    // The longest that BullMQ lets a command block is 10 s: after this nobody is there any more.
    commandTimeout: 15_000,
    retryStrategy: (attempt) => Math.min(1_000, 50 * 2 ** Math.min(attempt, 5)) * (0.8 + Math.random() * 0.4),
    // After a failover the old primary, now a replica, keeps its connections: ask again who it is, and send the command again.
    reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 2 : false),
    disableClientInfo: true,
  };
}

async function certificates(file: string): Promise<string> {
  return await readFile(file, 'utf8').catch((error: unknown) => {
    throw new BerthError('config-invalid', `BERTH_REDIS_CA_FILE: ${file} cannot be read.`, {
      hint: 'Name a file with the certificates, in PEM format, that vouch for Redis.',
      cause: error,
    });
  });
}
