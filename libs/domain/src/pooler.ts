import type { SslMode } from './cluster.js';
import type { TenantId } from './names.js';

/** A PgBouncer whose tenant aliases Berth keeps. Its admin login is kept in the secret store at `poolers/<id>/admin`. */
export interface Pooler {
  readonly id: string;
  readonly host: string;
  readonly port: number;
  /** How Berth reaches its admin console. */
  readonly sslMode: SslMode;
  /** The folder that it reads Berth's files from, as Berth's processes see it; no two poolers share one. */
  readonly folder: string;
  readonly createdAt: Date;
}

/** How to reach a pooler's admin console and files. Never logged, never stored outside the secret store. */
export interface PoolerAccess {
  readonly poolerId: string;
  readonly host: string;
  readonly port: number;
  readonly sslMode: SslMode;
  readonly ca?: string;
  readonly folder: string;
  readonly user: string;
  readonly password: string;
  /** Of the password: Berth writes it to the pooler's list of users, so that it can log in after that list was lost. */
  readonly verifier: string;
}

/** The login of Berth on a pooler's admin console, at `poolers/<id>/admin`. */
export interface PoolerAdminSecret {
  readonly username: string;
  readonly password: string;
  readonly verifier: string;
  readonly ca?: string;
}

/** Where a tenant's alias leads. A client connects to the database `<tenant id>` of the pooler and is at its place. */
export interface RoutePlace {
  readonly tenantId: TenantId;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** Most connections of this pooler to the server, for each of the tenant's logins. */
  readonly poolSize: number;
}

export interface TenantRoute extends RoutePlace {
  /** Who may pass, with the very verifiers that the server has: only then can the pooler log in with them. */
  readonly logins: readonly { readonly role: string; readonly verifier: string }[];
}

/** Something about a pooler that is not as it should be; `tenantId` null: not about one alias. */
export interface RouteDrift {
  readonly tenantId: TenantId | null;
  readonly message: string;
}
