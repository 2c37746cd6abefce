import type { FastifyReply, FastifyRequest } from 'fastify';
import { Injectable } from '@nestjs/common';
import { BerthError } from '@berth/domain';
import type { Scope } from '@berth/ports';
import type { RouteEntry } from '../http/route.js';
import { callerOf, mayUse, seesTenant, type Caller } from './caller.js';
import { hashOfKey, isKey } from './api-key-format.js';
import { KeyLookup } from './key-lookup.js';
import { RateLimits } from './rate-limits.js';

/** Who asks, whether that may be asked, and how often: in this order, before anything of the request is read. */
@Injectable()
export class Authentication {
  constructor(
    private readonly keys: KeyLookup,
    private readonly limits: RateLimits,
  ) {}

  /** @throws BerthError `unauthenticated`, `rate-limited`, `forbidden`, `tenant-not-found` (somebody else's) */
  async admit(request: FastifyRequest, reply: FastifyReply, route: RouteEntry): Promise<void> {
    const caller = await this.authenticate(request);
    request.berth.caller = caller;
    void reply.headers({ ...(await this.limits.spend(caller.keyId)) });
    authorize(caller, route, request.params as Readonly<Record<string, string>>);
  }

  private async authenticate(request: FastifyRequest): Promise<Caller> {
    const presented = bearerOf(request.headers.authorization);
    const fault = presented instanceof BerthError ? presented : undefined;
    const key = typeof presented === 'string' ? await this.keys.find(hashOfKey(presented)) : null;
    if (typeof presented === 'string' && key !== null && key.revokedAt === null && !hasExpired(key.expiresAt)) {
      this.keys.noteUse(key.id);
      return callerOf(key, presented);
    }
    // Only now: who has a key is not answerable for what others behind his address try.
    await this.limits.refuseGuessing(request.ip);
    await this.limits.countFailure(request.ip);
    throw fault ?? refused('The API key is not known, was revoked, or has expired.');
  }
}

function bearerOf(header: string | undefined): string | BerthError {
  if (header === undefined) return refused('The request carries no API key.');
  const [scheme, key, ...rest] = header.split(' ');
  if (scheme?.toLowerCase() !== 'bearer' || key === undefined || rest.length > 0) {
    return refused('The Authorization header is not "Bearer <key>".');
  }
  return isKey(key) ? key : refused('The API key has not the shape of one.');
}

function refused(message: string): BerthError {
  return new BerthError('unauthenticated', message, {
    hint: 'Send the header "Authorization: Bearer berth_…" with a key that is valid.',
  });
}

function hasExpired(expiresAt: Date | null): boolean {
  return expiresAt !== null && expiresAt.getTime() <= Date.now();
}

function authorize(caller: Caller, route: RouteEntry, path: Readonly<Record<string, string>>): void {
  requireScope(caller, route.scopes);
  const bound = route.description?.boundKeys ?? 'refused';
  const tenantId = path['tenantId'];
  // First of all: what a key may not do at all it may not do to somebody else either, and hears no more of him.
  if (bound !== 'open' && bound !== 'filtered' && tenantId !== undefined && !seesTenant(caller, tenantId)) {
    throw tenantNotFound(tenantId);
  }
  if (caller.tenantId !== null && bound === 'refused') {
    throw new BerthError('forbidden', 'This belongs to the whole system; the key is bound to one tenant.', {
      hint: 'Use a key that is not bound to a tenant.',
    });
  }
}

/** Of several scopes any one. @throws BerthError `forbidden` */
export function requireScope(caller: Caller, needs: readonly Scope[]): void {
  if (mayUse(caller, needs)) return;
  throw new BerthError(
    'forbidden',
    `This needs the scope ${needs.join(' or ')}; the key has ${caller.scopes.join(', ') || 'none'}.`,
    {
      hint: 'Ask an administrator for a key with that scope.',
      details: { needs, has: caller.scopes },
    },
  );
}

/** The one wording, whether the tenant is absent or somebody else's. */
export function tenantNotFound(id: string): BerthError {
  return new BerthError('tenant-not-found', `There is no tenant ${JSON.stringify(id.slice(0, 60))}.`, {
    hint: 'Type "berth tenants list" to see the tenants.',
  });
}
