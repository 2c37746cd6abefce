import { createHash } from 'node:crypto';
import { BerthError, type ClusterAccess } from '@berth/domain';
import type { ClusterDirectory } from '@berth/ports';
import { Client, type ClientBase, Pool, type PoolClient } from 'pg';
import { clientConfig } from './client-config.js';
import { inTransaction, type TransactionOptions } from './transaction.js';
import { translateError } from './translate-error.js';

/** An open connection to one database of a cluster, as its admin. */
export type Connection = ClientBase;

export interface ClusterConnectionsOptions {
  readonly connectTimeoutMs?: number;
  /** Most pooled connections to one database. */
  readonly poolSize?: number;
  /** A pooled connection is closed after this long without work. */
  readonly idleTimeoutMs?: number;
  /**
   * How long it is remembered how to reach a cluster. Asked anew for each transaction, that cost a query of the catalog and a
   * look into the secret store seven times a provisioning.
   */
  readonly accessKeptMs?: number;
}

const defaults = { connectTimeoutMs: 5_000, poolSize: 10, idleTimeoutMs: 10_000, accessKeptMs: 1_000 };

/** A backend keeps a cache of every catalog entry that it touched: one that met 1,000 schemas grew to 228 MB. */
const usesOfOneConnection = 250;

/** What DISCARD ALL does, without the prepared statements that the library believes to be there. */
const resetSession = 'RESET SESSION AUTHORIZATION; RESET ALL; CLOSE ALL; UNLISTEN *; DISCARD TEMP; DISCARD SEQUENCES';

/** Connections to the clusters, as their admins. */
export class ClusterConnections {
  readonly #directory: ClusterDirectory;
  readonly #options: Required<ClusterConnectionsOptions>;
  readonly #pools = new Map<string, { readonly pool: Pool; readonly accessHash: string }>();
  readonly #known = new Map<string, { readonly access: Promise<ClusterAccess>; readonly askedAt: number }>();

  constructor(directory: ClusterDirectory, options: ClusterConnectionsOptions = {}) {
    this.#directory = directory;
    this.#options = { ...defaults, ...options };
  }

  /**
   * Runs `fn` in one transaction on a pooled connection and commits. `fn` leaves no session state behind: SET LOCAL only, no
   * LISTEN, no temporary table. Errors come out as BerthErrors. `database` undefined: the tenants' database of the cluster.
   */
  async withTransaction<T>(
    clusterId: string,
    database: string | undefined,
    fn: (client: Connection) => Promise<T>,
    options: TransactionOptions = {},
  ): Promise<T> {
    const client = await this.#connect(clusterId, database);
    return this.#settle(clusterId, client, async () => {
      const result = await inTransaction(client, fn, options);
      if (options.resetSession === true) await client.query(resetSession);
      return result;
    });
  }

  /**
   * Runs `fn` on a connection of its own, closed afterwards: for session state, for statements that refuse a transaction, and
   * for sessions that are held long. `operationId` goes into `application_name`.
   */
  async withClient<T>(
    clusterId: string,
    database: string | undefined,
    fn: (client: Connection) => Promise<T>,
    options: { readonly operationId?: string } = {},
  ): Promise<T> {
    const access = await this.#directory.access(clusterId);
    return withFreshClient(access, database ?? access.database, fn, {
      ...options,
      connectTimeoutMs: this.#options.connectTimeoutMs,
    });
  }

  /**
   * As {@link withTransaction}, by the login for streams, on a connection of its own: what only a superuser may is done by nobody
   * else, and by it nothing else. @throws `streams-login-missing`
   */
  async withStreamsLogin<T>(
    clusterId: string,
    database: string,
    fn: (client: Connection) => Promise<T>,
    options: TransactionOptions = {},
  ): Promise<T> {
    const access = await this.#directory.streamsAccess(clusterId);
    if (access === null) {
      throw new BerthError('streams-login-missing', `Cluster ${clusterId} has no login for streams.`, {
        hint: `Give it one: berth clusters streams-login ${clusterId}`,
      });
    }
    const { connectTimeoutMs } = this.#options;
    return withFreshClient(access, database, (client) => inTransaction(client, fn, options), { connectTimeoutMs });
  }

  /** Null: none is registered. */
  streamsAccess(clusterId: string): Promise<ClusterAccess | null> {
    return this.#directory.streamsAccess(clusterId);
  }

  /** How to reach the cluster; for programs (pg_dump) that connect by themselves. */
  access(clusterId: string): Promise<ClusterAccess> {
    return this.#directory.access(clusterId);
  }

  /** Closes every pool. Idempotent; a later call opens new ones. */
  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map(({ pool }) => pool.end()));
  }

  /** Closes the pools of one cluster, so that it can be stopped or destroyed. */
  async closeCluster(clusterId: string): Promise<void> {
    this.#known.delete(clusterId);
    const keys = [...this.#pools.keys()].filter((key) => key.startsWith(`${clusterId}\0`));
    await Promise.all(keys.map((key) => this.#retire(key)));
  }

  /** What is remembered may be old by now: a failure to connect with it is tried again with what the directory says. */
  async #connect(clusterId: string, database: string | undefined): Promise<PoolClient> {
    const known = this.#known.get(clusterId);
    if (known !== undefined && performance.now() - known.askedAt < this.#options.accessKeptMs) {
      const access = await known.access;
      try {
        return await this.#checkOut(access, database ?? access.database);
      } catch (error) {
        const fresh = await this.#ask(clusterId);
        if (hashOf(fresh) === hashOf(access)) throw error;
        return this.#checkOut(fresh, database ?? fresh.database);
      }
    }
    const access = await this.#ask(clusterId);
    return this.#checkOut(access, database ?? access.database);
  }

  /** A failure is not remembered. */
  async #ask(clusterId: string): Promise<ClusterAccess> {
    const asked = { access: this.#directory.access(clusterId), askedAt: performance.now() };
    this.#known.set(clusterId, asked);
    try {
      return await asked.access;
    } catch (error) {
      if (this.#known.get(clusterId) === asked) this.#known.delete(clusterId);
      throw error;
    }
  }

  async #checkOut(access: ClusterAccess, database: string): Promise<PoolClient> {
    const pool = this.#poolFor(access, database);
    try {
      return await pool.connect();
    } catch (error) {
      throw translateError(error, { clusterId: access.clusterId, connecting: true });
    }
  }

  /** Releases the connection whatever happens; one that failed is closed, never handed to the next. */
  async #settle<T>(clusterId: string, client: PoolClient, work: () => Promise<T>): Promise<T> {
    // Without a listener a connection that breaks between two statements would end the process.
    const ignore = (): void => undefined;
    client.on('error', ignore);
    let failed = true;
    try {
      const result = await work();
      failed = false;
      return result;
    } catch (error) {
      throw translateError(error, { clusterId });
    } finally {
      client.off('error', ignore);
      client.release(failed);
    }
  }

  #poolFor(access: ClusterAccess, database: string): Pool {
    const key = `${access.clusterId}\0${database}`;
    const accessHash = hashOf(access);
    const known = this.#pools.get(key);
    if (known?.accessHash === accessHash) return known.pool;
    // The cluster moved or its password changed: the old connections end when their work does.
    if (known !== undefined) void this.#retire(key).catch(() => undefined);
    const pool = new Pool({
      ...clientConfig(access, database, 'berth', this.#options.connectTimeoutMs),
      max: this.#options.poolSize,
      idleTimeoutMillis: this.#options.idleTimeoutMs,
      maxUses: usesOfOneConnection,
      allowExitOnIdle: true,
    });
    // An idle connection that the server closed is dropped by the pool; the next checkout opens another.
    pool.on('error', () => undefined);
    this.#pools.set(key, { pool, accessHash });
    return pool;
  }

  async #retire(key: string): Promise<void> {
    const known = this.#pools.get(key);
    this.#pools.delete(key);
    await known?.pool.end();
  }
}

function hashOf(access: ClusterAccess): string {
  return createHash('sha256').update(JSON.stringify(access)).digest('hex');
}

/** A connection outside every pool, for a cluster that the directory may not know yet. Errors come out translated. */
export async function withFreshClient<T>(
  access: ClusterAccess,
  database: string,
  fn: (client: Connection) => Promise<T>,
  options: { readonly operationId?: string; readonly connectTimeoutMs?: number } = {},
): Promise<T> {
  const name = options.operationId === undefined ? 'berth' : `berth/${options.operationId}`;
  const client = new Client(
    clientConfig(access, database, name, options.connectTimeoutMs ?? defaults.connectTimeoutMs),
  );
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => undefined);
    throw translateError(error, { clusterId: access.clusterId, connecting: true });
  }
  try {
    return await fn(client);
  } catch (error) {
    throw translateError(error, { clusterId: access.clusterId });
  } finally {
    await client.end().catch(() => undefined);
  }
}
