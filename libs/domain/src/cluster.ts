import type { Tier } from './tenant.js';

/** `active` takes new tenants; `cordoned` keeps the ones it has; `retired` clusters are history only. */
export type ClusterState = 'active' | 'cordoned' | 'retired';

/**
 * In libpq's words. `require`: encrypted, the certificate unchecked. `verify-ca`: signed by the authority; `verify-full`: and made
 * out to the very host.
 */
export const sslModes = ['disable', 'require', 'verify-ca', 'verify-full'] as const;
export type SslMode = (typeof sslModes)[number];

/** One PostgreSQL server that Berth knows. Its admin login is kept in the secret store at `clusters/<id>/admin`. */
export interface Cluster {
  readonly id: string;
  readonly tier: Tier;
  readonly state: ClusterState;
  readonly host: string;
  readonly port: number;
  readonly sslMode: SslMode;
  /** PEM of the authority that signs its certificates; null: the public ones are trusted. No secret. */
  readonly ca: string | null;
  /** The database that holds the tenants' schemas. */
  readonly database: string;
  readonly postgresMajor: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Most tenants placed here; null: no limit. */
  readonly maxTenants: number | null;
  /** Most operations that run on it at the same time. */
  readonly maxOperations: number;
  /** True when Berth made the instance itself, and so may destroy it. */
  readonly managed: boolean;
  readonly version: number;
  readonly createdAt: Date;
}

/** How to reach a cluster as its admin (CREATEROLE CREATEDB, never a superuser). Never logged, never stored outside the secret store. */
export interface ClusterAccess {
  readonly clusterId: string;
  readonly host: string;
  readonly port: number;
  readonly sslMode: SslMode;
  /** As in {@link Cluster}; absent: the public authorities. */
  readonly ca?: string;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/** What a check found. A report lists all of them at once, never the first alone. */
export interface Finding {
  /** Stable kebab-case name, for example `missing-grant`. */
  readonly code: string;
  /** `error` stops the operation; `warning` is shown; `info` is a fact worth keeping. */
  readonly severity: 'error' | 'warning' | 'info';
  /** What it is about, for example `table "tenant_acme"."album"`. */
  readonly object: string;
  readonly message: string;
  /** What to type or do; null when there is nothing to do. */
  readonly remedy: string | null;
}
