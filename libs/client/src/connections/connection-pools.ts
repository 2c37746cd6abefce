import { PoolExhaustedError } from '../errors.js';
import { orLeave, pause, reasonOf } from '../pause.js';
import type { TenantAccess } from '../secret.js';
import { Connection } from './connection.js';
import { ConnectFailure, type Lease, StaleLease } from './lease.js';
import type { PoolLimits } from './pool-limits.js';

/** All connections of one tenant to one place count together, with whichever login they are. */
interface Share {
  readonly key: string;
  open: number;
}

/** The connections to one place with one login. */
export interface TenantPool {
  readonly tenantId: string;
  readonly secret: TenantAccess;
  readonly share: Share;
  /** The most recently used last: those at the front grow old and go. */
  readonly idle: Connection[];
  /** Leases, and connections that are being made. */
  busy: number;
  retired: boolean;
  /** Retired because the tenant is elsewhere, not because of another login. */
  moved: boolean;
  /** It waits for the tenant to come there: nobody gets a connection of it, and none is too long idle. */
  aside: boolean;
  /** Its address was only announced, so its server proves itself. */
  readonly proven: boolean;
  lastUsed: number;
}

interface Waiter {
  readonly pool: TenantPool;
  /** By the clock of `performance`. All wait for as long, so who came first is also the first to give up. */
  readonly until: number;
  readonly signal?: AbortSignal;
  readonly resolve: (lease: Lease) => void;
  readonly reject: (error: Error) => void;
}

/** What arrives after its caller has left. */
const forNextOne = (lease: Lease): void => lease.release();

/**
 * Connections to all tenants under two hard limits, of all and of each tenant: opening, idle and closing ones count. Where a
 * limit is reached, an idle connection of the tenant that was used longest ago makes room; else the caller waits in line.
 */
export class ConnectionPools {
  readonly #pools = new Set<TenantPool>();
  readonly #shares = new Map<string, Share>();
  readonly #waiting = new Set<Waiter>();
  readonly #lent = new Set<Connection>();
  #open = 0;
  #closing = 0;
  #lineTimer: NodeJS.Timeout | null = null;

  constructor(
    private readonly limits: PoolLimits,
    private readonly applicationName: string,
  ) {}

  get counts() {
    const pools = [...this.#pools];
    const sum = (of: (pool: TenantPool) => number) => pools.reduce((total, pool) => total + of(pool), 0);
    const idle = sum((pool) => (pool.aside ? 0 : pool.idle.length));
    const ahead = sum((pool) => (pool.aside ? pool.idle.length : 0));
    return { open: this.#open, idle, ahead, waiting: this.#waiting.size };
  }

  /** Beside the pools that the tenant has: those to the same place share its limit. */
  add(tenantId: string, secret: TenantAccess, { aside = false } = {}): TenantPool {
    const key = [tenantId, secret.host, secret.port, secret.database].join(' ');
    const share = this.#shares.get(key) ?? { key, open: 0 };
    this.#shares.set(key, share);
    const fresh = { busy: 0, retired: false, moved: false, lastUsed: performance.now() };
    const pool: TenantPool = { tenantId, secret, share, idle: [], aside, proven: aside, ...fresh };
    this.#pools.add(pool);
    return pool;
  }

  /**
   * Opens connections that are kept aside, one after another, until there are as many: only into room that nobody wants.
   * @throws ConnectFailure
   */
  async fill(pool: TenantPool, count: number): Promise<void> {
    this.#weed(pool);
    const isShort = (): boolean => pool.aside && !pool.retired && pool.idle.length + pool.busy < count;
    while (isShort() && this.#waiting.size === 0 && this.#hasRoom(pool)) (await this.#connect(pool)).release();
  }

  /** Nobody gets a connection of it any more; idle ones are closed, the others when they come back. */
  retire(pool: TenantPool, because: { readonly moved: boolean }): void {
    pool.retired = true;
    pool.moved = because.moved;
    for (const waiter of [...this.#waiting].filter((one) => one.pool === pool)) this.#refuse(waiter, new StaleLease());
    for (const connection of pool.idle.splice(0)) void this.#close(pool, connection);
    this.#forget(pool);
  }

  /** The hot path: a connection that is there, without a promise. */
  takeIdle(pool: TenantPool): Lease | null {
    for (let connection = pool.idle.pop(); connection !== undefined; connection = pool.idle.pop()) {
      if (!connection.broken) return this.#lend(pool, connection);
      void this.#close(pool, connection);
    }
    return null;
  }

  /**
   * @throws PoolExhaustedError when none is free for `acquireMs`; ConnectFailure when none can be made; StaleLease when the pool
   * is retired; the signal's reason
   */
  async acquire(pool: TenantPool, signal?: AbortSignal): Promise<Lease> {
    if (pool.retired) throw new StaleLease();
    if (signal?.aborted === true) throw reasonOf(signal);
    const idle = this.takeIdle(pool);
    if (idle !== null) return idle;
    return this.#hasRoom(pool)
      ? await orLeave(this.#connect(pool), signal, forNextOne)
      : await this.#wait(pool, signal);
  }

  /** Brought back by `Lease.release`. */
  #take(pool: TenantPool, connection: Connection): void {
    this.#lent.delete(connection);
    pool.busy -= 1;
    pool.lastUsed = connection.idleSince = performance.now();
    if (pool.retired || !connection.isClean || this.#isOld(connection)) return void this.#close(pool, connection);
    const next = this.#nextFor(pool);
    if (next === undefined) pool.idle.push(connection);
    else if (next.pool !== pool) void this.#close(pool, connection);
    else {
      this.#waiting.delete(next);
      next.resolve(this.#lend(pool, connection));
    }
  }

  /**
   * For whom a connection that came back is to be used, or closed. First who can use it as it is, and who has none at all or waits
   * for a newer pool of the same tenant; others of other tenants only when nobody here waits: else each would close what the
   * other is about to want.
   */
  #nextFor(pool: TenantPool): Waiter | undefined {
    let other: Waiter | undefined;
    for (const waiter of this.#waiting) {
      const { share } = waiter.pool;
      if (waiter.pool === pool || share === pool.share || share.open === 0) return waiter;
      if (share.open < this.limits.connectionsPerTenant) other ??= waiter;
    }
    return other;
  }

  /** By the clock: what was idle for too long, or has grown old. */
  sweep(): void {
    const now = performance.now();
    for (const pool of this.#pools) {
      this.#weed(pool, (one) => this.#isOld(one) || (!pool.aside && now - one.idleSince >= this.limits.idleMs));
    }
  }

  #weed(pool: TenantPool, leaves: (connection: Connection) => boolean = () => false): void {
    const leaving = new Set(pool.idle.filter((connection) => connection.broken || leaves(connection)));
    if (leaving.size === 0) return;
    pool.idle.splice(0, pool.idle.length, ...pool.idle.filter((connection) => !leaving.has(connection)));
    for (const connection of leaving) void this.#close(pool, connection);
  }

  /** Ends when every connection has; what is still lent is cut. */
  async close(): Promise<void> {
    if (this.#lineTimer !== null) clearTimeout(this.#lineTimer);
    for (const pool of [...this.#pools]) this.retire(pool, { moved: false });
    for (const connection of this.#lent) connection.cut();
    while (this.#closing > 0) await pause(5);
  }

  #hasRoom({ share }: TenantPool): boolean {
    return share.open < this.limits.connectionsPerTenant && this.#open < this.limits.connections;
  }

  /** Closes the idle connection that is missed least: of those kept aside first. One for each who waits: it counts until its server has let it go. */
  #makeRoom({ share }: TenantPool): void {
    if (this.#closing >= this.#waiting.size) return;
    const crowded = share.open >= this.limits.connectionsPerTenant;
    const victim = [...this.#pools]
      .filter((pool) => pool.idle.length > 0 && (!crowded || pool.share === share))
      .sort((one, other) => Number(other.aside) - Number(one.aside) || one.lastUsed - other.lastUsed)[0];
    const connection = victim?.idle.shift();
    if (victim !== undefined && connection !== undefined) void this.#close(victim, connection);
  }

  async #connect(pool: TenantPool): Promise<Lease> {
    pool.busy += 1;
    pool.share.open += 1;
    this.#open += 1;
    const { tenantId, secret, proven } = pool;
    const { applicationName } = this;
    const { connectMs } = this.limits;
    try {
      const connection = await Connection.open(secret, { tenantId, applicationName, connectMs, proven });
      pool.busy -= 1;
      return this.#lend(pool, connection);
    } catch (error) {
      pool.busy -= 1;
      this.#gone(pool);
      throw new ConnectFailure(error, secret);
    }
  }

  #wait(pool: TenantPool, signal?: AbortSignal): Promise<Lease> {
    return new Promise((resolve, reject) => {
      const until = performance.now() + this.limits.acquireMs;
      const waiter: Waiter = signal
        ? this.#abortable(pool, until, resolve, reject, signal)
        : { pool, until, resolve, reject };
      this.#waiting.add(waiter);
      this.#watchLine();
      this.#serve();
    });
  }

  #abortable(
    pool: TenantPool,
    until: number,
    resolve: Waiter['resolve'],
    reject: Waiter['reject'],
    signal: AbortSignal,
  ): Waiter {
    const abort = (): void => this.#refuse(waiter, reasonOf(signal));
    const leave = (): void => signal.removeEventListener('abort', abort);
    const waiter: Waiter = {
      ...{ pool, until, signal },
      resolve: (lease) => [leave(), resolve(lease)],
      reject: (error) => [leave(), reject(error)],
    };
    signal.addEventListener('abort', abort, { once: true });
    return waiter;
  }

  /** One timer for all who wait: one for each would cost as much as a read. */
  #watchLine(): void {
    const [first] = this.#waiting;
    if (this.#lineTimer !== null || first === undefined) return;
    this.#lineTimer = setTimeout(
      () => {
        this.#lineTimer = null;
        const now = performance.now();
        for (const waiter of [...this.#waiting].filter(({ until }) => until <= now)) {
          this.#refuse(waiter, this.#exhausted(waiter.pool));
        }
        this.#watchLine();
      },
      Math.max(1, first.until - performance.now()),
    ).unref();
  }

  #serve(): void {
    for (const waiter of [...this.#waiting]) {
      const { pool } = waiter;
      const idle = this.takeIdle(pool);
      if (idle === null && !this.#hasRoom(pool)) {
        this.#makeRoom(pool);
        continue;
      }
      this.#waiting.delete(waiter);
      if (idle !== null) waiter.resolve(idle);
      else void orLeave(this.#connect(pool), waiter.signal, forNextOne).then(waiter.resolve, waiter.reject);
    }
  }

  #lend(pool: TenantPool, connection: Connection): Lease {
    pool.busy += 1;
    connection.uses += 1;
    this.#lent.add(connection);
    return {
      connection,
      generation: pool.secret.generation,
      isStale: () => pool.moved,
      release: () => this.#take(pool, connection),
    };
  }

  async #close(pool: TenantPool, connection: Connection): Promise<void> {
    this.#closing += 1;
    await connection.close();
    this.#closing -= 1;
    this.#gone(pool);
  }

  #gone(pool: TenantPool): void {
    pool.share.open -= 1;
    this.#open -= 1;
    this.#forget(pool);
    if (this.#waiting.size > 0) this.#serve();
  }

  #forget(pool: TenantPool): void {
    if (pool.retired && pool.busy === 0 && pool.idle.length === 0) this.#pools.delete(pool);
    const { share } = pool;
    if (share.open === 0 && ![...this.#pools].some((one) => one.share === share)) this.#shares.delete(share.key);
  }

  #isOld({ uses, openedAt }: Connection): boolean {
    return uses >= this.limits.uses || performance.now() - openedAt >= this.limits.lifetimeMs;
  }

  #refuse(waiter: Waiter, error: Error): void {
    if (this.#waiting.delete(waiter)) waiter.reject(error);
  }

  #exhausted({ tenantId, share }: TenantPool): PoolExhaustedError {
    const { connections, connectionsPerTenant, acquireMs } = this.limits;
    const counts = `${String(share.open)} of ${String(connectionsPerTenant)} for it, ${String(this.#open)} of ${String(connections)} in all`;
    const message = `No connection to tenant ${tenantId} became free within ${String(acquireMs)} ms: ${counts} are open.`;
    return new PoolExhaustedError(tenantId, message);
  }
}
