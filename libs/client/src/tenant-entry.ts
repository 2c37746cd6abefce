import type { ConnectionPools, TenantPool } from './connections/connection-pools.js';
import type { Lease } from './connections/lease.js';
import { StaleLease } from './connections/lease.js';
import { NextPlace } from './next-place.js';
import { PlacementUnavailableError, TenantNotFoundError } from './errors.js';
import type { AnnouncedPlace } from './placement/announced-place.js';
import { orLeave } from './pause.js';
import type { PlacementSource } from './placement/placement-source.js';
import { isSameSecret, type TenantAccess } from './secret.js';

export type Reading =
  { readonly kind: 'changed' | 'same' | 'missing' } | { readonly kind: 'failed'; readonly cause: unknown };

/** The longest a look for the secret is waited for, and the first connection by it. */
const readMs = 10_000;
const warmUpMs = 1_000;

/** What is known of one tenant: its newest secret, the pool by it, and the place to which it is about to go. */
export class TenantEntry {
  #pool: TenantPool | null = null;
  #next: NextPlace | null = null;
  /** The generation of the announced place for which all was done that can be done. */
  readyFor: number | null = null;
  #reading: Promise<Reading> | null = null;
  #wakeAll: () => void = () => undefined;
  /** Ends with the next secret. */
  changed = this.#nextChange();
  lastUsedAt = performance.now();
  /** Who is at work with it now, or waits. */
  calls = 0;
  /** The generation to which a fence said the tenant goes, and when it said so last. */
  #moving: { readonly to: number; readonly at: number } | null = null;
  /** Its logins were found closed for as long as somebody wanted to wait: the next ones need not. */
  foundClosed = false;

  constructor(
    readonly tenantId: string,
    private readonly source: PlacementSource,
    private readonly pools: ConnectionPools,
    private readonly onSwitch: (entry: TenantEntry, from: TenantAccess | null, to: TenantAccess) => void,
  ) {}

  get secret(): TenantAccess | null {
    return this.#pool?.secret ?? null;
  }

  /** 0 before the first secret. */
  get generation(): number {
    return this.#pool?.secret.generation ?? 0;
  }

  /** A connection that is free now; null: ask for a lease. */
  idle(): Lease | null {
    return this.#pool === null ? null : this.pools.takeIdle(this.#pool);
  }

  /** @throws PlacementUnavailableError, TenantNotFoundError, the signal's reason; else as {@link ConnectionPools.acquire} */
  async lease(signal?: AbortSignal): Promise<Lease> {
    if (this.#pool === null) {
      const reading = await orLeave(this.refresh(), signal);
      if (reading.kind === 'missing') throw this.notFound();
      if (reading.kind === 'failed') throw this.unavailable(reading.cause);
    }
    // Dropped again meanwhile.
    if (this.#pool === null) throw new StaleLease();
    const lease = await this.pools.acquire(this.#pool, signal);
    this.foundClosed = false;
    return lease;
  }

  /** Reads the secret again; all who ask meanwhile get the same answer. Where it is a new one, later leases are by it. */
  refresh(): Promise<Reading> {
    this.#reading ??= this.#read().finally(() => (this.#reading = null));
    return this.#reading;
  }

  /** For the clock: a cheaper look first, where the source has one. */
  async look(): Promise<Reading> {
    const { secret } = this;
    if (this.source.peek === undefined || secret === null) return await this.refresh();
    try {
      const signal = AbortSignal.timeout(readMs);
      const mark = await orLeave(this.source.peek(this.tenantId, { signal }), signal);
      if (mark?.generation === secret.generation && mark.username === secret.username) return { kind: 'same' };
    } catch (cause) {
      return { kind: 'failed', cause };
    }
    return await this.refresh();
  }

  sawFence(to: number): void {
    this.#moving = { to, at: performance.now() };
  }

  isMoving(withinMs: number): boolean {
    const moving = this.#moving;
    return moving !== null && moving.to > this.generation && performance.now() - moving.at < withinMs;
  }

  /**
   * Opens as many connections at the announced place as there are at the present one; null: nothing is announced, or no more. Nothing
   * is sent there but the login and the look whose session it is. Gives how many are there.
   */
  async prepare(place: AnnouncedPlace | null): Promise<number> {
    const access = place === null ? null : NextPlace.accessOf(place, this.secret);
    if (this.#next !== null && (access === null || !isSameSecret(access, this.#next.access))) this.#forgetNext();
    const there = access === null || this.#pool === null ? 0 : await this.#warmUpNext(access, this.#pool);
    const moved = place !== null && this.generation >= place.to.generation;
    this.readyFor = place === null || moved ? null : place.to.generation;
    return there;
  }

  /**
   * The fence of the place where the tenant was names the generation that is announced: the move is decided, so its place is known
   * before the secret tells. Whether it takes writes yet, its gate says. False: nothing was prepared, the secret has to tell.
   */
  goAhead(generation: number): boolean {
    const next = this.#next;
    if (next === null || next.access.generation !== generation || !next.isWarm) return false;
    this.#enter(this.#takeNext(next));
    return true;
  }

  /** Lets go of its connections and of its secret. */
  drop(): void {
    this.#forgetNext();
    if (this.#pool !== null) this.pools.retire(this.#pool, { moved: true });
    this.#pool = null;
    this.#wake();
  }

  notFound(): TenantNotFoundError {
    return new TenantNotFoundError(
      this.tenantId,
      `There is no secret of tenant ${this.tenantId}: it was never made here, or it was removed.`,
    );
  }

  unavailable(cause: unknown): PlacementUnavailableError {
    const why = cause instanceof Error ? cause.message : 'unknown';
    const message = `Where tenant ${this.tenantId} is cannot be read: ${why}.`;
    return new PlacementUnavailableError(this.tenantId, message, { cause });
  }

  async #read(): Promise<Reading> {
    const { tenantId } = this;
    try {
      const signal = AbortSignal.timeout(readMs);
      const secret = await orLeave(this.source.read(tenantId, { signal }), signal);
      if (secret === null) {
        this.drop();
        return { kind: 'missing' };
      }
      const known = this.secret;
      // A replica of a store, or a file of a slow kubelet, may still tell of an older place: never back.
      if (known !== null && (secret.generation < known.generation || isSameSecret(secret, known)))
        return { kind: 'same' };
      await this.#switchTo(secret);
      return { kind: 'changed' };
    } catch (cause) {
      return { kind: 'failed', cause };
    }
  }

  /** The new place is warm before anybody is sent there; meanwhile the old one serves whom it can. */
  async #switchTo(secret: TenantAccess): Promise<void> {
    const next = this.#next;
    if (next !== null && isSameSecret(next.access, secret)) return this.#enter(this.#takeNext(next));
    const pool = this.pools.add(this.tenantId, secret);
    if (this.#pool !== null) await this.#warmUp(pool);
    this.#enter(pool);
  }

  /** What was announced for the place that is left is over, whatever it was. */
  #enter(pool: TenantPool): void {
    const old = this.#pool;
    this.#pool = pool;
    this.#forgetNext();
    this.foundClosed = false;
    if (old !== null) this.pools.retire(old, { moved: pool.secret.generation > old.secret.generation });
    this.onSwitch(this, old?.secret ?? null, pool.secret);
    this.#wake();
  }

  async #warmUpNext(access: TenantAccess, present: TenantPool): Promise<number> {
    this.#next ??= new NextPlace(access, this.pools, this.tenantId);
    return await this.#next.warmUp(present.busy + present.idle.length);
  }

  #takeNext(next: NextPlace): TenantPool {
    this.#next = null;
    return next.take();
  }

  #forgetNext(): void {
    this.#next?.close();
    this.#next = null;
    this.readyFor = null;
  }

  /**
   * One connection, or none if it takes too long: who waits opens the others. As many at once as were in use would keep each other from
   * being ready: with sixteen the first write came 21 ms later.
   */
  async #warmUp(pool: TenantPool): Promise<void> {
    try {
      (await this.pools.acquire(pool, AbortSignal.timeout(warmUpMs))).release();
    } catch {
      // Whoever asks for one next is told.
    }
  }

  #wake(): void {
    this.#wakeAll();
    this.changed = this.#nextChange();
  }

  #nextChange(): Promise<void> {
    return new Promise((resolve) => (this.#wakeAll = resolve));
  }
}
