import type { PageRequest, Page } from './catalog.js';

/** Each scope allows what its name says; `admin` allows everything. Every route names the one that it needs. */
export const scopes = ['tenants:read', 'tenants:write', 'moves:write', 'billing', 'clients:write', 'admin'] as const;
export type Scope = (typeof scopes)[number];

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Bound to one tenant: every other answers 404. */
  readonly tenantId: string | null;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
  readonly createdAt: Date;
}

/** Keys are 256 random bits shown once; a SHA-256 is kept, found by the hash itself. */
export abstract class ApiKeyCatalog {
  abstract create(key: Omit<ApiKey, 'lastUsedAt' | 'revokedAt' | 'createdAt'>, hash: string): Promise<ApiKey>;
  abstract findByHash(hash: string): Promise<ApiKey | null>;
  abstract get(id: string): Promise<ApiKey | null>;
  abstract list(page: PageRequest): Promise<Page<ApiKey>>;
  abstract revoke(id: string): Promise<ApiKey>;
  /** Kept to the minute: a hot key does not write on each call. */
  abstract touch(id: string): Promise<void>;
}

export interface AuditEntry {
  /** Name of who acted: `key:<id>`, `anonymous`, `schedule`, `bootstrap`. */
  readonly actor: string;
  readonly action: string;
  readonly tenantId: string | null;
  readonly object: string;
  readonly from: string | null;
  /** HTTP status or outcome. */
  readonly answer: string;
  readonly operationId: string | null;
}

export interface RecordedAuditEntry extends AuditEntry {
  readonly number: number;
  readonly at: Date;
  /** SHA-256 over this entry and the hash of the one before, hex. */
  readonly hash: string;
}

export abstract class AuditLog {
  abstract append(entry: AuditEntry): Promise<void>;
  abstract list(
    filter: { readonly tenantId?: string; readonly actor?: string },
    page: PageRequest,
  ): Promise<Page<RecordedAuditEntry>>;
  /** Walks the chain; `brokenAt` is the number of the first entry that does not fit. */
  abstract verify(): Promise<{ readonly entries: number; readonly brokenAt: number | null }>;
}

export interface KeptAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Idempotency keys, by API key and route; kept for 24 hours. */
export abstract class IdempotencyCatalog {
  /**
   * `new`: the caller goes on and must `keep` or `forget`; `kept`: give this answer again.
   * @throws `idempotency-key-reused` (another body), `idempotency-key-in-use` (the first call is still running)
   */
  abstract begin(
    key: string,
    owner: string,
    requestHash: string,
  ): Promise<{ readonly kind: 'new' } | { readonly kind: 'kept'; readonly answer: KeptAnswer }>;
  abstract keep(key: string, owner: string, answer: KeptAnswer): Promise<void>;
  abstract forget(key: string, owner: string): Promise<void>;
  abstract deleteExpired(now: Date): Promise<number>;
}
