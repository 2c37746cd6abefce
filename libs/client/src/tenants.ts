import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { QueryResult, QueryResultRow } from 'pg';
import { ConnectionPools } from './connections/connection-pools.js';
import type { Lease } from './connections/lease.js';
import { type PoolLimits, standardLimits } from './connections/pool-limits.js';
import { ClosedError, TenantMovingError } from './errors.js';
import { Patience, standardWaits, type Waits } from './patience.js';
import { pause } from './pause.js';
import { BerthApi, type BerthAddress } from './placement/berth-api.js';
import type { PlacementSource } from './placement/placement-source.js';
import { isCommittedBy } from './probe-commit.js';
import { runStatement, type QueryOptions, type Statement } from './statement.js';
import { inScopeOf, Tenant, type TenantCalls } from './tenant.js';
import { fenceBehind, SessionGuard, type TenantClient } from './tenant-client.js';
import { TenantEntry } from './tenant-entry.js';
import type { TenantEvent } from './tenant-event.js';
import { requireTenantId } from './tenant-id.js';
import { type Span, traced, type Tracer } from './tracing.js';
import { ambiguous, CommitUnknown, runTransaction, type TransactionOptions } from './transaction.js';
import { TryAgain } from './try-again.js';
import { Watch } from './watch.js';

export interface TenantsOptions {
  /** Where secrets are read: `fromVault`, `mountedSecrets`, `fromApi`, or your own. */
  readonly placement: PlacementSource;
  /** Reports to Berth, so that rotations end early, and asks it why a tenant's logins are closed. Scopes `clients:write`, `tenants:read`. */
  readonly berth?: BerthAddress;
  /** This process's name in those reports and in `pg_stat_activity`; default: host, process, and some random characters. */
  readonly name?: string;
  readonly pools?: Partial<PoolLimits>;
  readonly waits?: Partial<Waits>;
  /** How often secrets of tenants in use are looked at, in ms. Default 15 s. */
  readonly pollMs?: number;
  readonly tracer?: Tracer;
  readonly onEvent?: (event: TenantEvent) => void;
}

/** The way of a product's services to their tenants' data, wherever it is. One for a process. */
export function createTenants(options: TenantsOptions): Tenants {
  return new Tenants(options);
}

export class Tenants implements TenantCalls {
  readonly #entries = new Map<string, TenantEntry>();
  readonly #limits: PoolLimits;
  readonly #waits: Waits;
  readonly #pools: ConnectionPools;
  readonly #api: BerthApi | null;
  readonly #watch: Watch;
  readonly #sweep: NodeJS.Timeout;
  #running = 0;
  /** No new calls. */
  #closed = false;
  /** No new attempts either. */
  #ended = false;

  constructor(private readonly options: TenantsOptions) {
    const name = options.name ?? `${hostname()}-${String(process.pid)}-${randomBytes(3).toString('hex')}`;
    this.#limits = { ...standardLimits, ...options.pools };
    this.#waits = { ...standardWaits, ...options.waits };
    this.#pools = new ConnectionPools(this.#limits, name);
    this.#api = options.berth === undefined ? null : new BerthApi(options.berth);
    const { pollMs = 15_000 } = options;
    const onEvent = (event: TenantEvent): void => options.onEvent?.(event);
    this.#watch = new Watch(this.#entries, { pollMs, api: this.#api, client: name, onEvent });
    this.#sweep = setInterval(
      () => this.#pools.sweep(),
      Math.max(50, Math.min(5_000, this.#limits.idleMs / 2)),
    ).unref();
  }

  /**
   * One statement by itself. Repeated where that is safe: nothing was executed, or it is `idempotent`.
   * @throws a TenantError, or what PostgreSQL says of the statement
   */
  query<Row extends QueryResultRow = QueryResultRow>(
    tenantId: string,
    statement: string | Statement,
    values?: readonly unknown[],
    options: QueryOptions = {},
  ): Promise<QueryResult<Row>> {
    const whole = typeof statement === 'string' ? { text: statement, ...(values && { values }) } : statement;
    return this.#traced('berth.query', tenantId, (span) =>
      this.#persist(tenantId, options.signal, span, (lease) => runStatement<Row>(tenantId, lease, whole, options)),
    );
  }

  /**
   * BEGIN, the work, COMMIT. The work runs again from its start when the transaction was refused or lost before its COMMIT, so it
   * should do nothing that cannot be repeated but through its client.
   * @throws AmbiguousCommitError when the COMMIT itself was lost; else as `query`, or what the work throws
   */
  withTransaction<T>(
    tenantId: string,
    work: (client: TenantClient) => Promise<T>,
    options: TransactionOptions = {},
  ): Promise<T> {
    return this.#traced('berth.transaction', tenantId, (span) =>
      this.#persist(tenantId, options.signal, span, async (lease) => {
        try {
          return await runTransaction(tenantId, lease, work, options);
        } catch (error) {
          if (!(error instanceof CommitUnknown)) throw error;
          return await this.#settle<T>(tenantId, error, options);
        }
      }),
    );
  }

  /**
   * A session of the tenant's own for what is no transaction: LISTEN, cursors, advisory locks, temporary tables. Only getting it
   * is repeated, never the work. What the work leaves in the session is discarded.
   */
  withClient<T>(
    tenantId: string,
    work: (client: TenantClient) => Promise<T>,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<T> {
    return this.#traced('berth.client', tenantId, async (span) => {
      const lease = await this.#persist(tenantId, options.signal, span, async (given) => given);
      const guard = new SessionGuard(tenantId, lease, 'session');
      this.#running += 1;
      const cut = (): void => lease.connection.cut();
      options.signal?.addEventListener('abort', cut, { once: true });
      try {
        return await work(guard.client);
      } catch (error) {
        const goingTo = fenceBehind(guard);
        if (goingTo === null) throw error;
        void this.refresh(tenantId).catch(() => undefined);
        const message = `Tenant ${tenantId} is being moved to generation ${String(goingTo)} and refused a write of this session.`;
        throw new TenantMovingError(tenantId, message, { cause: error });
      } finally {
        options.signal?.removeEventListener('abort', cut);
        guard.end();
        if (guard.named) lease.connection.breakOff();
        await lease.connection.reset();
        lease.release();
        this.#running -= 1;
      }
    });
  }

  tenant(tenantId: string): Tenant {
    requireTenantId(tenantId);
    return new Tenant(this, tenantId);
  }

  /** Everything that `work` calls, however deep, finds the tenant by `currentTenant()`. */
  run<T>(tenantId: string, work: () => T): T {
    return inScopeOf(this.tenant(tenantId), work);
  }

  /**
   * Looks for a new secret now: for who hears of a change before the poll does. Connections to the new place are opened before
   * anybody is sent there. True: there was one.
   */
  async refresh(tenantId: string): Promise<boolean> {
    if (this.#closed) throw this.#afterClose(tenantId);
    const entry = this.#entryOf(tenantId);
    const reading = await entry.refresh();
    if (reading.kind === 'missing') throw entry.notFound();
    if (reading.kind === 'failed') throw entry.unavailable(reading.cause);
    return reading.kind === 'changed';
  }

  /** Connections by what they do now. */
  get stats(): { readonly open: number; readonly idle: number; readonly waiting: number; readonly tenants: number } {
    const { open, idle, waiting } = this.#pools.counts;
    return { open, idle, waiting, tenants: this.#entries.size };
  }

  /** Refuses new calls, lets the present ones end within `graceMs` (default 10 s), closes every connection. */
  async close(options: { readonly graceMs?: number } = {}): Promise<void> {
    this.#closed = true;
    clearInterval(this.#sweep);
    const until = performance.now() + (options.graceMs ?? 10_000);
    while (this.#running > 0 && performance.now() < until) await pause(10);
    this.#ended = true;
    await this.#watch.close();
    for (const entry of this.#entries.values()) entry.drop();
    this.#entries.clear();
    await this.#pools.close();
  }

  #traced<T>(name: string, tenantId: string, work: (span: Span | null) => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(this.#afterClose(tenantId));
    return traced(this.options.tracer ?? null, name, tenantId, work);
  }

  #afterClose(tenantId: string): ClosedError {
    return new ClosedError(tenantId, 'These tenants were closed.');
  }

  /** Attempts until one is answered, or the patience has ended. One function, as every read of a product goes through it. */
  async #persist<T>(
    tenantId: string,
    signal: AbortSignal | undefined,
    span: Span | null,
    attempt: (lease: Lease) => Promise<T>,
  ): Promise<T> {
    const entry = this.#entryOf(tenantId);
    let patience: Patience | null = null;
    this.#running += 1;
    entry.calls += 1;
    try {
      for (;;) {
        let { generation } = entry;
        // After the grace of close(): whoever still waits would open connections anew.
        if (this.#ended) throw this.#afterClose(tenantId);
        try {
          signal?.throwIfAborted();
          const lease = entry.idle() ?? (await entry.lease(signal));
          generation = lease.generation;
          span?.setAttribute('berth.placement.generation', generation);
          return await attempt(lease);
        } catch (error) {
          patience ??= this.#patienceOf(entry, signal, span);
          await patience.outlast(error, generation);
        }
      }
    } finally {
      this.#running -= 1;
      entry.calls -= 1;
      // Of ids that are nobody's nothing is kept: strangers may ask for any number of them.
      if (entry.secret === null && entry.calls === 0) this.#entries.delete(tenantId);
    }
  }

  #patienceOf(entry: TenantEntry, signal: AbortSignal | undefined, span: Span | null): Patience {
    const { tenantId } = entry;
    const onRetry = (reason: string, attempt: number): void => {
      span?.addEvent('berth.retry', { reason, attempt });
      if (reason !== 'stale') this.options.onEvent?.({ type: 'retried', tenantId, reason, attempt });
    };
    const waits = { ...this.#waits, acquireMs: this.#limits.acquireMs };
    return new Patience(entry, { waits, api: this.#api, onRetry, ...(signal && { signal }) });
  }

  /** A COMMIT without an answer: only the caller can tell what that means. */
  async #settle<T>(tenantId: string, unknown: CommitUnknown, options: TransactionOptions): Promise<T> {
    if (options.readOnly === true || options.idempotent === true) throw new TryAgain('lost', unknown.cause);
    const { isCommitted } = options;
    if (isCommitted === undefined) throw ambiguous(tenantId, unknown);
    const committed = await this.#persist(tenantId, options.signal, null, (lease) =>
      isCommittedBy(tenantId, lease, unknown, isCommitted),
    ).catch((error: unknown) => {
      throw ambiguous(
        tenantId,
        unknown,
        `, and the probe failed (${error instanceof Error ? error.message : 'unknown'})`,
      );
    });
    if (committed === null) throw ambiguous(tenantId, unknown, ', and its session is still at work');
    if (!committed) throw new TryAgain('lost', unknown.cause);
    return unknown.result as T;
  }

  #entryOf(tenantId: string): TenantEntry {
    let entry = this.#entries.get(tenantId);
    if (entry === undefined) {
      requireTenantId(tenantId);
      entry = new TenantEntry(tenantId, this.options.placement, this.#pools, (switched, from, to) => {
        const { generation } = to;
        this.options.onEvent?.(
          from === null
            ? { type: 'connected', tenantId, generation }
            : { type: 'switched', tenantId, from: from.generation, generation },
        );
        void this.#watch.report(switched);
      });
      this.#entries.set(tenantId, entry);
    }
    entry.lastUsedAt = performance.now();
    return entry;
  }
}
