import type { ConnectionPools } from './connections/connection-pools.js';
import type { Lease } from './connections/lease.js';
import { ClosedError } from './errors.js';
import { placementGeneration } from './metering.js';
import { Patience, type PatienceOptions } from './patience.js';
import type { BerthApi } from './placement/berth-api.js';
import type { PlacementSource } from './placement/placement-source.js';
import { isCommittedBy } from './probe-commit.js';
import type { TenantAccess } from './secret.js';
import { TenantEntry } from './tenant-entry.js';
import type { TenantEvent } from './tenant-event.js';
import { requireTenantId } from './tenant-id.js';
import type { Span } from './tracing.js';
import { ambiguous, type CommitUnknown, type TransactionOptions } from './transaction.js';
import { TryAgain } from './try-again.js';

interface Parts {
  readonly placement: PlacementSource;
  readonly pools: ConnectionPools;
  readonly api: BerthApi | null;
  readonly waits: PatienceOptions['waits'];
  readonly onEvent: (event: TenantEvent) => void;
  /** A tenant has a first secret, or another one. */
  readonly onSwitch: (entry: TenantEntry) => void;
}

/** Attempts, one after another, until one succeeds or the patience of its call has ended. */
export class Attempts {
  readonly entries = new Map<string, TenantEntry>();
  /** Calls that are under way. */
  running = 0;
  #ended = false;

  constructor(private readonly parts: Parts) {}

  /** One function without detours, as every read of a product goes through it. */
  async persist<T>(
    tenantId: string,
    signal: AbortSignal | undefined,
    span: Span | null,
    attempt: (lease: Lease) => Promise<T>,
  ): Promise<T> {
    const entry = this.entryOf(tenantId);
    let patience: Patience | null = null;
    this.running += 1;
    entry.calls += 1;
    try {
      for (;;) {
        let { generation } = entry;
        // After the grace of close(): whoever still waits would open connections anew.
        if (this.#ended) throw afterClose(tenantId);
        try {
          signal?.throwIfAborted();
          const lease = entry.idle() ?? (await entry.lease(signal));
          generation = lease.generation;
          span?.setAttribute(placementGeneration, generation);
          return await attempt(lease);
        } catch (error) {
          patience ??= this.#patienceOf(entry, signal, span);
          await patience.outlast(error, generation);
        }
      }
    } finally {
      this.running -= 1;
      entry.calls -= 1;
      // Of ids that are nobody's nothing is kept: strangers may ask for any number of them.
      if (entry.secret === null && entry.calls === 0) this.entries.delete(tenantId);
    }
  }

  /** A COMMIT without an answer: only the caller can tell what that means. @throws TryAgain, AmbiguousCommitError */
  async settle<T>(tenantId: string, unknown: CommitUnknown, options: TransactionOptions): Promise<T> {
    if (options.readOnly === true || options.idempotent === true) throw new TryAgain('lost', unknown.cause);
    const { isCommitted, signal } = options;
    if (isCommitted === undefined) throw ambiguous(tenantId, unknown);
    const ask = (lease: Lease) => isCommittedBy(tenantId, lease, unknown, isCommitted);
    const committed = await this.persist(tenantId, signal, null, ask).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : 'unknown';
      throw ambiguous(tenantId, unknown, `, and the probe failed (${why})`);
    });
    if (committed === null) throw ambiguous(tenantId, unknown, ', and its session is still at work');
    if (!committed) throw new TryAgain('lost', unknown.cause);
    return unknown.result as T;
  }

  /** @throws InvalidTenantIdError */
  entryOf(tenantId: string): TenantEntry {
    let entry = this.entries.get(tenantId);
    if (entry === undefined) {
      requireTenantId(tenantId);
      const { placement, pools } = this.parts;
      entry = new TenantEntry(tenantId, placement, pools, (switched, from, to) => this.#tell(switched, from, to));
      this.entries.set(tenantId, entry);
    }
    entry.lastUsedAt = performance.now();
    return entry;
  }

  end(): void {
    this.#ended = true;
    for (const entry of this.entries.values()) entry.drop();
    this.entries.clear();
  }

  #tell(entry: TenantEntry, from: TenantAccess | null, { generation }: TenantAccess): void {
    const { tenantId } = entry;
    this.parts.onEvent(
      from === null
        ? { type: 'connected', tenantId, generation }
        : { type: 'switched', tenantId, from: from.generation, generation },
    );
    this.parts.onSwitch(entry);
  }

  #patienceOf(entry: TenantEntry, signal: AbortSignal | undefined, span: Span | null): Patience {
    const { tenantId } = entry;
    const { waits, api, onEvent } = this.parts;
    const onRetry = (reason: string, attempt: number): void => {
      if (reason === 'stale') return;
      span?.addEvent('berth.retry', { reason, attempt });
      onEvent({ type: 'retried', tenantId, reason, attempt });
    };
    return new Patience(entry, { waits, api, onRetry, ...(signal && { signal }) });
  }
}

export function afterClose(tenantId: string): ClosedError {
  return new ClosedError(tenantId, 'These tenants were closed.');
}
