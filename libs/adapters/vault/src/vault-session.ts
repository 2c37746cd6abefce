import { grantIn, logIn, type Grant, type VaultLogin } from './log-in.js';
import type { VaultClient } from './vault-client.js';
import type { VaultAnswer, VaultRequest } from './vault-messages.js';

const forbidden = 403;
/** A token is renewed when this part of its time is over, so that there is time to try again. */
const renewalPart = 2 / 3;
/** A renewal that gives less than this part of the first time says that the token nears the end of all renewals. */
const worthRenewing = 1 / 2;
const shortestPauseMs = 1_000;
const longestPauseMs = 60_000;

/** Requests with a token that is kept alive, and that is acquired again when Vault does not know it any more. */
export class VaultSession {
  #grant: Grant | null = null;
  #pending: Promise<Grant> | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly client: VaultClient,
    private readonly login: VaultLogin,
  ) {}

  /**
   * Vault tells a token that it forgot, revoked or let expire by the same 403 as a lack of rights. So one 403 leads to one
   * new login; a second one is the answer. Nothing was done by a request that was refused: it may be repeated.
   */
  async send(request: VaultRequest): Promise<VaultAnswer> {
    const grant = this.#grant ?? (await this.#enter());
    const answer = await this.client.send(request, grant.token);
    if (answer.status !== forbidden) return answer;
    const fresh = await this.#enterAfter(grant);
    return await this.client.send(request, fresh.token);
  }

  /** Of many requests that a token was refused for, the first one acquires a new one, the others take it. */
  async #enterAfter(refusedGrant: Grant): Promise<Grant> {
    if (this.#grant !== null && this.#grant !== refusedGrant) return this.#grant;
    this.#grant = null;
    return await this.#enter();
  }

  async #enter(): Promise<Grant> {
    this.#pending ??= logIn(this.client, this.login)
      .then((grant) => this.#keep(grant, grant.ttlSeconds))
      .finally(() => (this.#pending = null));
    return await this.#pending;
  }

  #keep(grant: Grant, firstTtlSeconds: number): Grant {
    this.#grant = grant;
    const endsAt = performance.now() + grant.ttlSeconds * 1_000;
    if (grant.ttlSeconds > 0)
      this.#prolongIn(grant.ttlSeconds * 1_000 * renewalPart, { grant, firstTtlSeconds, endsAt });
    else clearTimeout(this.#timer);
    return grant;
  }

  #prolongIn(pauseMs: number, held: Held): void {
    clearTimeout(this.#timer);
    const pause = Math.max(pauseMs, shortestPauseMs);
    // No reason for a process to stay alive.
    this.#timer = setTimeout(() => void this.#prolong(held), pause).unref();
  }

  /** Never fails: whoever needs the token hears by its own request what is wrong. */
  async #prolong(held: Held): Promise<void> {
    if (this.#grant !== held.grant) return;
    const renewed = await this.#renewed(held).catch(() => null);
    if (renewed !== null) return void this.#keep(renewed, held.firstTtlSeconds);
    const entered = await this.#enter().catch(() => null);
    if (entered !== null || this.#grant !== held.grant) return;
    if (performance.now() < held.endsAt) {
      this.#prolongIn(Math.min(held.grant.ttlSeconds * 100, longestPauseMs), held);
    } else this.#grant = null;
  }

  /** Null: it cannot be renewed, or not for long enough to be worth it. */
  async #renewed({ grant, firstTtlSeconds }: Held): Promise<Grant | null> {
    if (!grant.renewable) return null;
    const { status, body } = await this.client.send(
      { method: 'POST', path: 'auth/token/renew-self', body: {} },
      grant.token,
    );
    const renewed = { ...grantIn(body), token: grant.token };
    return status === 200 && renewed.ttlSeconds >= firstTtlSeconds * worthRenewing ? renewed : null;
  }
}

interface Held {
  readonly grant: Grant;
  readonly firstTtlSeconds: number;
  readonly endsAt: number;
}
