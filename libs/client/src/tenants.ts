import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { QueryResult, QueryResultRow } from 'pg';
import { Announcements } from './announcements.js';
import { afterClose, Attempts } from './attempts.js';
import { ConnectionPools } from './connections/connection-pools.js';
import { type PoolLimits, standardLimits } from './connections/pool-limits.js';
import { TenantMovingError } from './errors.js';
import { type Meter, tellGenerations } from './metering.js';
import { standardWaits, type Waits } from './patience.js';
import { pause } from './pause.js';
import { BerthApi, type BerthAddress } from './placement/berth-api.js';
import type { PlacementSource } from './placement/placement-source.js';
import { runStatement, type QueryOptions, type Statement } from './statement.js';
import { inScopeOf, Tenant, type TenantCalls } from './tenant.js';
import { fenceBehind, SessionGuard, type TenantClient } from './tenant-client.js';
import type { TenantEntry } from './tenant-entry.js';
import type { TenantEvent } from './tenant-event.js';
import { requireTenantId } from './tenant-id.js';
import { type Span, traced, type Tracer } from './tracing.js';
import { CommitUnknown, runTransaction, type TransactionOptions } from './transaction.js';
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
  /** How often Berth is asked which tenants are about to move, in ms. Default 5 s. */
  readonly announcedMs?: number;
  readonly tracer?: Tracer;
  readonly meter?: Meter;
  readonly onEvent?: (event: TenantEvent) => void;
}

/** The way of a product's services to their tenants' data, wherever it is. One for a process. */
export function createTenants(options: TenantsOptions): Tenants {
  return new Tenants(options);
}

export class Tenants implements TenantCalls {
  readonly #limits: PoolLimits;
  readonly #pools: ConnectionPools;
  readonly #attempts: Attempts;
  readonly #watch: Watch;
  readonly #announcements: Announcements | null;
  readonly #sweep: NodeJS.Timeout;
  readonly #endTelling: () => void;
  #closed = false;

  constructor(private readonly options: TenantsOptions) {
    const { placement, pollMs = 15_000 } = options;
    const name = options.name ?? `${hostname()}-${String(process.pid)}-${randomBytes(3).toString('hex')}`;
    const api = options.berth === undefined ? null : new BerthApi(options.berth);
    const onEvent = (event: TenantEvent): void => {
      try {
        options.onEvent?.(event);
      } catch {
        // Who looks on must not undo what succeeded.
      }
    };
    this.#limits = { ...standardLimits, ...options.pools };
    this.#pools = new ConnectionPools(this.#limits, name);
    const waits = { ...standardWaits, ...options.waits, acquireMs: this.#limits.acquireMs };
    const onSwitch = (entry: TenantEntry): void => void this.#watch.report(entry);
    this.#attempts = new Attempts({ placement, pools: this.#pools, api, waits, onEvent, onSwitch });
    this.#watch = new Watch(this.#attempts.entries, { pollMs, api, client: name, onEvent });
    this.#announcements = this.#listen(api, onEvent);
    const sweepMs = Math.max(50, Math.min(5_000, this.#limits.idleMs / 2));
    this.#sweep = setInterval(() => this.#pools.sweep(), sweepMs).unref();
    const { meter } = options;
    this.#endTelling = meter === undefined ? () => undefined : tellGenerations(meter, this.#attempts.entries);
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
      this.#attempts.persist(tenantId, options.signal, span, (lease) =>
        runStatement<Row>(tenantId, lease, whole, options),
      ),
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
      this.#attempts.persist(tenantId, options.signal, span, async (lease) => {
        try {
          return await runTransaction(tenantId, lease, work, options);
        } catch (error) {
          if (!(error instanceof CommitUnknown)) throw error;
          return await this.#attempts.settle<T>(tenantId, error, options);
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
      const lease = await this.#attempts.persist(tenantId, options.signal, span, async (given) => given);
      const guard = new SessionGuard(tenantId, lease, 'session');
      this.#attempts.running += 1;
      const cut = (): void => lease.connection.cut();
      options.signal?.addEventListener('abort', cut, { once: true });
      try {
        return await work(guard.client);
      } catch (error) {
        const goingTo = fenceBehind(guard);
        if (goingTo === null) throw error;
        // Only the work knows what of it may be done again; whoever calls next is at the new place, where one is prepared.
        if (!this.#attempts.entryOf(tenantId).goAhead(goingTo)) void this.refresh(tenantId).catch(() => undefined);
        const message = `Tenant ${tenantId} is being moved to generation ${String(goingTo)} and refused a write of this session.`;
        throw new TenantMovingError(tenantId, message, { cause: error });
      } finally {
        options.signal?.removeEventListener('abort', cut);
        guard.end();
        if (guard.named) lease.connection.breakOff();
        await lease.connection.reset();
        lease.release();
        this.#attempts.running -= 1;
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
    if (this.#closed) throw afterClose(tenantId);
    const entry = this.#attempts.entryOf(tenantId);
    const reading = await entry.refresh();
    if (reading.kind === 'missing') throw entry.notFound();
    if (reading.kind === 'failed') throw entry.unavailable(reading.cause);
    return reading.kind === 'changed';
  }

  /** Connections by what they do now: `ahead` wait at places to which tenants are about to go. */
  get stats() {
    const { open, idle, ahead, waiting } = this.#pools.counts;
    return { open, idle, ahead, waiting, tenants: this.#attempts.entries.size };
  }

  /** Refuses new calls, lets the present ones end within `graceMs` (default 10 s), closes every connection. */
  async close(options: { readonly graceMs?: number } = {}): Promise<void> {
    this.#closed = true;
    clearInterval(this.#sweep);
    const until = performance.now() + (options.graceMs ?? 10_000);
    while (this.#attempts.running > 0 && performance.now() < until) await pause(10);
    this.#announcements?.close();
    await this.#watch.close();
    this.#endTelling();
    this.#attempts.end();
    await this.#pools.close();
  }

  /** Null: nobody would tell. */
  #listen(api: BerthApi | null, onEvent: (event: TenantEvent) => void): Announcements | null {
    const { placement, announcedMs: everyMs = 5_000 } = this.options;
    const read =
      placement.announced === undefined
        ? api?.announced.bind(api)
        : (signal: AbortSignal) => placement.announced?.({ signal }) ?? Promise.resolve([]);
    if (read === undefined) return null;
    const onReady = (entry: TenantEntry): void => void this.#watch.report(entry);
    return new Announcements(this.#attempts.entries, { read, everyMs, onEvent, onReady });
  }

  #traced<T>(name: string, tenantId: string, work: (span: Span | null) => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(afterClose(tenantId));
    return traced(this.options.tracer ?? null, name, tenantId, work);
  }
}
