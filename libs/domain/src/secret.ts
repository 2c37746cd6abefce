import type { SslMode } from './cluster.js';
import { BerthError } from './error.js';
import { quoteForMessage, type LoginSlot, type TenantId } from './names.js';
import type { PoolerAdminSecret } from './pooler.js';

/** What a service of the product reads to reach a tenant; one document, the same for both tiers, at `tenants/<id>/db`. */
export interface TenantSecret {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly schema: string;
  readonly username: string;
  readonly password: string;
  readonly sslmode: SslMode;
  /** PEM of the authority to trust, itself and not a path: the reader's machine has none of our files. Absent: the public ones. */
  readonly sslrootcert?: string;
  /** The placement's generation: a client that holds an older one reads the secret again. */
  readonly generation: number;
  readonly url: string;
}

/** Berth's own record of a tenant's logins, at `tenants/<id>/logins`; it moves with the tenant. */
export interface TenantLogins {
  readonly active: LoginSlot;
  readonly a: LoginCredentials | null;
  readonly b: LoginCredentials | null;
}

/** The verifier is what PostgreSQL is given (SCRAM-SHA-256), so that no clear password reaches a server or its log. */
export interface LoginCredentials {
  readonly password: string;
  readonly verifier: string;
  /** ISO 8601: when a rotation made it the active one; absent: it has been that since the tenant was made. */
  readonly activeSince?: string;
}

/** A login that Berth itself uses on a cluster: its admin's at `clusters/<id>/admin`, the one for streams at `clusters/<id>/streams`. */
export interface ClusterAdminSecret {
  readonly username: string;
  readonly password: string;
}

declare const secretRefBrand: unique symbol;
/** Where a secret lies, relative to the store's mount, for example `tenants/acme/db`. */
export type SecretRef<D> = string & { readonly [secretRefBrand]: D };

/** What a ref may look like: it becomes a path of a store, so no `..`, no empty part, nothing to be encoded. */
export const secretRefPattern = /^(?=.{1,200}$)[a-z0-9][a-z0-9_-]*(?:\/[a-z0-9][a-z0-9_-]*)*$/;

export const secretRefs = {
  tenantDb: (id: TenantId) => `tenants/${id}/db` as SecretRef<TenantSecret>,
  tenantLogins: (id: TenantId) => `tenants/${id}/logins` as SecretRef<TenantLogins>,
  clusterAdmin: (clusterId: string) => `clusters/${clusterId}/admin` as SecretRef<ClusterAdminSecret>,
  clusterStreams: (clusterId: string) => `clusters/${clusterId}/streams` as SecretRef<ClusterAdminSecret>,
  poolerAdmin: (poolerId: string) => `poolers/${poolerId}/admin` as SecretRef<PoolerAdminSecret>,
} as const;

/** `postgresql://` with every part encoded; made in one place so that no reader builds its own. */
export function tenantUrl(secret: Omit<TenantSecret, 'url'>): string {
  const user = encodeURIComponent(secret.username);
  const password = encodeURIComponent(secret.password);
  const database = encodeURIComponent(secret.database);
  return `postgresql://${user}:${password}@${hostInUrl(secret.host)}:${String(secret.port)}/${database}?sslmode=${secret.sslmode}`;
}

/** An IPv6 address has colons of its own: in a URL it stands in brackets. */
export function hostInUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** @throws `invalid-name` */
export function requireSecretRef(ref: SecretRef<object>): void {
  if (secretRefPattern.test(ref)) return;
  throw new BerthError('invalid-name', `${quoteForMessage(ref)} is no name for a secret.`, {
    hint: 'Use parts of a-z, 0-9, hyphen and underscore, joined by "/", for example "tenants/acme/db".',
  });
}

/** What a store says whose newest version is another than the writer expected. */
export function secretConflict(ref: SecretRef<object>, expectedVersion: number, foundVersion: number): BerthError {
  return new BerthError(
    'secret-conflict',
    `The secret ${ref} is at version ${String(foundVersion)}, not ${String(expectedVersion)}: somebody else wrote it.`,
    { details: { ref, expectedVersion, foundVersion } },
  );
}
