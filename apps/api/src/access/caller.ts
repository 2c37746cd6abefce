import type { ApiKey, Scope } from '@berth/ports';

/** Who asks. Made from an API key that was found, is not revoked and has not expired. */
export interface Caller {
  readonly keyId: string;
  readonly scopes: readonly Scope[];
  /** Bound to this tenant; null: not bound. */
  readonly tenantId: string | null;
  /** The name in operations and in the audit log. */
  readonly actor: string;
  /** Hashes request bodies for Idempotency-Key: a key nobody else has, so that a kept hash tells nothing of a body. */
  readonly fingerprintKey: string;
}

export function callerOf(key: ApiKey, presented: string): Caller {
  return {
    keyId: key.id,
    scopes: key.scopes,
    tenantId: key.tenantId,
    actor: `key:${key.id}`,
    fingerprintKey: presented,
  };
}

export function mayUse(caller: Caller, needed: readonly Scope[]): boolean {
  return caller.scopes.includes('admin') || needed.some((scope) => caller.scopes.includes(scope));
}

/** A bound key sees its own tenant only; everything of another is as if it were not there. */
export function seesTenant(caller: Caller, tenantId: string): boolean {
  return caller.tenantId === null || caller.tenantId === tenantId;
}
