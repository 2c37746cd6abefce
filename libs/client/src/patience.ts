import type { BerthApi, KnownTenant } from './placement/berth-api.js';
import { isTenantError } from './connections/connection.js';
import { ConnectFailure, StaleLease } from './connections/lease.js';
import { connectFaultOf, type ConnectFault } from './connections/pg-faults.js';
import {
  LoginRefusedError,
  PlacementUnavailableError,
  PoolExhaustedError,
  TenantMovingError,
  TenantSuspendedError,
  TenantUnreachableError,
} from './errors.js';
import { Backoff, orLeave, pause } from './pause.js';
import type { Reading, TenantEntry } from './tenant-entry.js';
import { TryAgain } from './try-again.js';

/** How long one call waits for what passes by itself, in ms. Each cause has its own clock; 0: not at all. */
export interface Waits {
  /** For the end of a move whose fence refuses the write. Default 30 s; a move by dump takes as long as the copy. */
  readonly moveMs: number;
  /** For a server that cannot be reached, and for a source of secrets that does not answer. Default 10 s. */
  readonly reconnectMs: number;
  /** For a new secret when the login of the present one is refused. Default 5 s. */
  readonly loginMs: number;
}

export const standardWaits: Waits = { moveMs: 30_000, reconnectMs: 10_000, loginMs: 5_000 };

/** Of conflicts between transactions: that many attempts in all. */
const conflictAttempts = 5;

/** In these states the tenant's logins are closed until somebody opens them. */
const closedStates: readonly string[] = ['suspended', 'quarantined', 'removing'];

export interface PatienceOptions {
  readonly waits: Waits & { readonly acquireMs: number };
  readonly signal?: AbortSignal;
  readonly api: BerthApi | null;
  readonly onRetry: (reason: string, attempt: number) => void;
}

/** The patience of one call: after a failure it waits for what may help, and throws when that takes too long. */
export class Patience {
  readonly #since = new Map<string, number>();
  readonly #backoff = new Backoff();
  readonly #atGate = new Backoff(1);
  #failures = 0;
  #conflicts = 0;

  constructor(
    private readonly entry: TenantEntry,
    private readonly options: PatienceOptions,
  ) {}

  /** @throws what the caller gets instead of another attempt */
  async outlast(failure: unknown, generation: number): Promise<void> {
    this.#failures += 1;
    if (failure instanceof TryAgain) await this.#outlastTry(failure, generation);
    else if (failure instanceof ConnectFailure) await this.#outlastConnect(failure);
    else if (failure instanceof PlacementUnavailableError)
      await this.#wait('source', this.options.waits.reconnectMs, () => failure);
    else if (!(failure instanceof StaleLease)) throw failure;
    this.options.onRetry(reasonOfRetry(failure), this.#failures);
  }

  async #outlastTry({ reason, cause, goingTo }: TryAgain, generation: number): Promise<void> {
    const { entry } = this;
    switch (reason) {
      case 'conflict':
        this.#conflicts += 1;
        if (this.#conflicts >= conflictAttempts) throw cause;
        return await pause(this.#backoff.next(), this.#signal);
      case 'lost':
        return await this.#wait('unreachable', this.options.waits.reconnectMs, () => this.#unreachable(cause));
      case 'fenced':
        // Somebody else learned of the new place in the meantime.
        if (entry.generation > generation) return;
        entry.sawFence(goingTo ?? generation);
        if (goingTo !== null && entry.goAhead(goingTo)) return;
        if (goingTo === generation) return await this.#awaitGate(generation, cause);
        return await this.#wait('fenced', this.options.waits.moveMs, (ms) =>
          this.#moving(generation, goingTo, ms, cause),
        );
    }
  }

  /** It is at the new place already, whose gate opens some ms after the decision: the secret has nothing to tell that would help. */
  async #awaitGate(generation: number, cause: unknown): Promise<void> {
    const since = this.#since.get('fenced') ?? performance.now();
    this.#since.set('fenced', since);
    const waitedMs = performance.now() - since;
    if (waitedMs >= this.options.waits.moveMs) throw await this.#moving(generation, generation, waitedMs, cause);
    void this.entry.refresh();
    await pause(this.#atGate.next(), { ...this.#signal, wake: this.entry.changed });
  }

  async #outlastConnect({ cause, secret }: ConnectFailure): Promise<void> {
    const { waits } = this.options;
    // Somebody else read the secret in the meantime, and this attempt was made by the old one.
    if (this.entry.secret !== secret) return;
    if (isTenantError(cause)) {
      // A session that is not the secret's own, unless the secret is another by now.
      if ((await this.#reading()).kind !== 'changed') throw cause;
      return;
    }
    const fault = connectFaultOf(cause);
    switch (fault) {
      case 'full':
        return await this.#wait('full', waits.acquireMs, () => this.#full(cause));
      case 'unreachable':
        return await this.#wait('unreachable', waits.reconnectMs, () => this.#unreachable(cause));
      case 'login-closed':
      case 'login-refused':
        return await this.#outlastLogin(fault, cause);
    }
  }

  async #outlastLogin(fault: ConnectFault, cause: unknown): Promise<void> {
    const { entry } = this;
    const { waits } = this.options;
    const refused = (): Error => (fault === 'login-closed' ? this.#suspended(cause) : this.#loginRefused(cause));
    if ((await this.#refreshed()) === 'changed') return;
    const state = (await this.#byBerth())?.state ?? null;
    if (state !== null && closedStates.includes(state)) throw this.#suspended(cause, state);
    if (entry.foundClosed) throw refused();
    // A move closes the old logins a moment before the new secret is there.
    const moving = state === 'ready' || entry.isMoving(waits.moveMs);
    await this.#wait('login', moving ? Math.max(waits.moveMs, waits.loginMs) : waits.loginMs, () => {
      entry.foundClosed = true;
      return refused();
    });
  }

  /** Looks for a new secret, then waits a little for one; looks again before the next attempt. */
  async #wait(reason: string, budgetMs: number, tooLong: (waitedMs: number) => Error | Promise<Error>): Promise<void> {
    const since = this.#since.get(reason) ?? performance.now();
    this.#since.set(reason, since);
    const { changed } = this.entry;
    if ((await this.#refreshed()) === 'changed') return;
    const left = since + budgetMs - performance.now();
    if (left <= 0) throw await tooLong(performance.now() - since);
    await pause(Math.min(left, this.#backoff.next()), { ...this.#signal, wake: changed });
  }

  /** @throws TenantNotFoundError */
  async #refreshed(): Promise<'changed' | 'same'> {
    const { kind } = await this.#reading();
    if (kind === 'missing') throw this.entry.notFound();
    // Who cannot be asked has nothing new: the secret that is known may still do.
    return kind === 'changed' ? 'changed' : 'same';
  }

  /** All who wait for it read together: who is called off leaves the others alone. @throws the signal's reason */
  #reading(): Promise<Reading> {
    return orLeave(this.entry.refresh(), this.options.signal);
  }

  /** Null where nobody was asked, or does not answer: then the clock decides. @throws TenantNotFoundError */
  async #byBerth(): Promise<KnownTenant | null> {
    const { api } = this.options;
    if (api === null) return null;
    const tenant = await api.tenant(this.entry.tenantId, AbortSignal.timeout(5_000)).catch(() => undefined);
    if (tenant === null || tenant?.state === 'removed') throw this.entry.notFound();
    return tenant ?? null;
  }

  get #signal(): { readonly signal?: AbortSignal } {
    return this.options.signal === undefined ? {} : { signal: this.options.signal };
  }

  async #moving(generation: number, goingTo: number | null, waitedMs: number, cause: unknown): Promise<Error> {
    const { tenantId } = this.entry;
    const goingOn = (await this.#byBerth())?.goingOn ?? null;
    const way = `from generation ${String(generation)} to ${String(goingTo ?? 'the next one')}`;
    const seconds = (waitedMs / 1000).toFixed(1);
    const message =
      `Tenant ${tenantId} is being moved (${way}) and has refused this write for ${seconds} s, ${String(this.#failures)} times. ` +
      (goingOn === null ? '' : `Berth says: ${goingOn}. `) +
      'Nothing was written; reads go on. Try again later, or wait for longer (waits.moveMs).';
    return new TenantMovingError(tenantId, message, { cause });
  }

  #unreachable(cause: unknown): TenantUnreachableError {
    const { tenantId, secret } = this.entry;
    const where = secret === null ? '' : ` at ${secret.host}:${String(secret.port)}`;
    const message = `The server of tenant ${tenantId}${where} cannot be reached: ${wordsOf(cause)}. Nothing was executed.`;
    return new TenantUnreachableError(tenantId, message, { cause });
  }

  #suspended(cause: unknown, state?: string): TenantSuspendedError {
    const { tenantId } = this.entry;
    const known = state === undefined ? 'its logins are closed: suspended, or in quarantine' : `it is ${state}`;
    return new TenantSuspendedError(tenantId, `Tenant ${tenantId} cannot be used: ${known}.`, { cause });
  }

  #loginRefused(cause: unknown): LoginRefusedError {
    const { tenantId, secret } = this.entry;
    const message = `The server refuses the login ${secret?.username ?? ''} of tenant ${tenantId}, by the newest secret that can be read: ${wordsOf(cause)}.`;
    return new LoginRefusedError(tenantId, message, { cause });
  }

  #full(cause: unknown): PoolExhaustedError {
    const { tenantId } = this.entry;
    const message = `The server has no connection left for tenant ${tenantId}: ${wordsOf(cause)}.`;
    return new PoolExhaustedError(tenantId, message, { cause });
  }
}

function reasonOfRetry(failure: unknown): string {
  if (failure instanceof TryAgain) return failure.reason;
  if (failure instanceof ConnectFailure)
    return isTenantError(failure.cause) ? 'session' : connectFaultOf(failure.cause);
  return failure instanceof StaleLease ? 'stale' : 'source';
}

function wordsOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : 'unknown';
}
