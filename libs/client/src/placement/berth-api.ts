import { parseSecret, type TenantSecret } from '../secret.js';
import { type AnnouncedPlace, parseAnnouncements } from './announced-place.js';
import { askJson, at, type JsonAnswer } from './ask-json.js';
import { contentOf } from './credential-file.js';
import type { PlacementMark, PlacementSource } from './placement-source.js';

export interface BerthAddress {
  /** Of Berth's API, for example `https://berth.internal`. */
  readonly url: string;
  /** Holds the API key alone; read anew for each request, so that it may be replaced at any time. */
  readonly keyFile: string;
}

export interface KnownTenant {
  /** `ready`, `suspended` … */
  readonly state: string;
  /** The operation that is open, for a person; null: none. */
  readonly goingOn: string | null;
}

/** The part of Berth's API that a service needs. */
export class BerthApi {
  readonly #base: URL;

  constructor(private readonly address: BerthAddress) {
    this.#base = new URL(address.url.endsWith('/') ? address.url : `${address.url}/`);
  }

  /** Null: Berth knows no such tenant. Scope `tenants:read`. */
  async tenant(tenantId: string, signal: AbortSignal): Promise<KnownTenant | null> {
    const answer = await this.#ask(`v1/tenants/${tenantId}`, { signal });
    if (answer.status === 404) return null;
    const body = this.#require(answer);
    return { state: String(at(body, 'state')), goingOn: goingOn(at(body, 'lastOperation')) };
  }

  /** Scope `clients:write`. */
  async report(
    tenantId: string,
    report: PlacementMark & { readonly client: string; readonly readyFor: number | null },
    signal: AbortSignal,
  ): Promise<void> {
    const { client, username, generation, readyFor } = report;
    const body = { client, username, generation, ...(readyFor !== null && { readyFor }) };
    this.#require(await this.#ask(`v1/tenants/${tenantId}/clients`, { method: 'POST', body, signal }));
  }

  /** Where tenants are about to go; none from a Berth that does not announce it. Scope `tenants:read`. */
  async announced(signal: AbortSignal): Promise<readonly AnnouncedPlace[]> {
    const answer = await this.#ask('v1/announcements', { signal });
    return answer.status === 404 ? [] : parseAnnouncements(this.#require(answer));
  }

  /** Everything but the password. Scope `tenants:read`. */
  async mark(tenantId: string, signal: AbortSignal): Promise<PlacementMark | null> {
    const answer = await this.#ask(`v1/tenants/${tenantId}/secret`, { signal });
    if (hasNoSecret(answer)) return null;
    const body = this.#require(answer);
    return { generation: Number(at(body, 'generation')), username: String(at(body, 'username')) };
  }

  /** Scope `admin`; written to the audit log each time. */
  async reveal(tenantId: string, reason: string, signal: AbortSignal): Promise<TenantSecret | null> {
    const request = { method: 'POST', body: { reason }, signal } as const;
    const answer = await this.#ask(`v1/tenants/${tenantId}/secret/reveal`, request);
    return hasNoSecret(answer) ? null : parseSecret(this.#require(answer));
  }

  async #ask(
    where: string,
    request: { readonly method?: 'GET' | 'POST'; readonly body?: object; readonly signal: AbortSignal },
  ): Promise<JsonAnswer> {
    const key = await contentOf(this.address.keyFile);
    return await askJson(new URL(where, this.#base), { ...request, headers: { authorization: `Bearer ${key}` } });
  }

  #require({ status, body }: JsonAnswer): unknown {
    if (status === 200) return body;
    const code = at(body, 'code');
    throw new Error(`Berth answered with ${String(status)}${typeof code === 'string' ? ` ${code}` : ''}`);
  }
}

/** For example `move-tenant 0192… is running, at dump-source: 12 MB of 40 MB`. */
function goingOn(operation: unknown): string | null {
  const [id, kind, state, endedAt] = ['id', 'kind', 'state', 'endedAt'].map((name) => at(operation, name));
  if (typeof id !== 'string' || endedAt !== null) return null;
  const steps = at(operation, 'steps');
  const step: unknown = Array.isArray(steps) ? steps.find((one) => at(one, 'state') === 'started') : undefined;
  const [name, progress] = [at(step, 'name'), at(step, 'progress', 'text')];
  const where = typeof name === 'string' ? `, at ${name}` : '';
  return `${String(kind)} ${id} is ${String(state)}${where}${typeof progress === 'string' ? `: ${progress}` : ''}`;
}

/** Removed, or not made yet. */
function hasNoSecret({ status, body }: JsonAnswer): boolean {
  return status === 404 || at(body, 'code') === 'tenant-state';
}

/**
 * Secrets by Berth's own API, for a system without a secret store that services could read: `berth up` on one machine. The key
 * has to have the scope `admin` (it may be bound to one tenant), and each read is in Berth's audit log. In production give
 * services Vault, where each may read its own tenants and nothing else.
 */
export function fromApi(address: BerthAddress & { readonly reason?: string }): PlacementSource {
  const api = new BerthApi(address);
  const reason = address.reason ?? 'a service of the product connects to its tenant';
  return {
    read: (tenantId, { signal }) => api.reveal(tenantId, reason, signal),
    peek: (tenantId, { signal }) => api.mark(tenantId, signal),
    announced: ({ signal }) => api.announced(signal),
  };
}
