import type { Actor, ClusterAccess, Finding, LoginSlot, Place, TenantLimits } from '@berth/domain';

/** What a tenant's objects on a cluster should be. */
export interface WantedTenant {
  readonly place: Place;
  readonly limits: TenantLimits;
  /** SCRAM verifiers; a slot without one has no role. */
  readonly verifiers: Readonly<Partial<Record<LoginSlot, string>>>;
  /** `closed` logins exist and cannot log in. */
  readonly logins: 'open' | 'closed';
}

/** Size of a tenant, read from the catalogs of the server. */
export interface TenantSize {
  readonly bytes: number;
  readonly tables: number;
  readonly estimatedRows: number;
  readonly sessions: number;
}

/** Sessions of one login that call themselves the same. */
export interface LoginSessions {
  readonly slot: LoginSlot;
  /** `application_name`; often empty. */
  readonly application: string;
  readonly sessions: number;
}

/** Where the adapters learn how to reach a cluster. The composition gives one that reads catalog and secret store. */
export abstract class ClusterDirectory {
  /** @throws `cluster-not-found`, `secret-missing` */
  abstract access(clusterId: string): Promise<ClusterAccess>;

  /**
   * As {@link access}, by the login that makes streams where the admin may not (PostgreSQL 15): a superuser, or RDS's master. Null: none
   * was registered. For streams and nothing else. @throws `cluster-not-found`
   */
  abstract streamsAccess(clusterId: string): Promise<ClusterAccess | null>;
}

/** What an operator wants of a cluster, on top of what Berth needs. */
export interface ClusterWishes {
  /** Extensions that the product's migrations use. */
  readonly extensions: readonly string[];
  /** Most tenants to be placed there; null: no limit. */
  readonly maxTenants: number | null;
  /** The login for streams that it is to have; null: none, which a cluster on PostgreSQL 15 is told about. Absent: nobody asks. */
  readonly streams?: { readonly user: string; readonly password: string } | null;
}

/** How busy a cluster is. */
export interface ClusterLoad {
  /** Size of the tenants' database. */
  readonly bytes: number;
  readonly sessions: number;
  /** What is open to tenants and to Berth: without the connections that the server keeps for superusers. */
  readonly maxSessions: number;
  readonly schemas: number;
}

/** Checks and readies whole clusters. */
export abstract class ClusterProbe {
  /**
   * Everything that is wrong or worth knowing, at once; an unreachable server is one finding `cluster-unreachable`.
   * Read-only. Codes: `cluster-unreachable`, `cluster-tls`, `cluster-too-old`, `cluster-rights`, `cluster-unsafe`, `cluster-full` …
   */
  abstract check(
    access: ClusterAccess,
    wishes?: ClusterWishes,
  ): Promise<{ readonly postgresMajor: number | null; readonly findings: readonly Finding[] }>;

  /**
   * Brings the cluster to the standard: the tenants' database, the service role, Berth's own schema, no rights for PUBLIC.
   * Convergent; returns the changes as sentences.
   */
  abstract prepare(access: ClusterAccess): Promise<readonly string[]>;

  /** Load now. @throws `cluster-unreachable` */
  abstract load(clusterId: string): Promise<ClusterLoad>;
}

/** A tenant's roles, schema and grants on one cluster. Every change is convergent and runs in one transaction a tenant. */
export abstract class TenantDatabase {
  /** What differs from what should be; empty: nothing. The dry run of `repair` and the read-back of provisioning. Read-only. */
  abstract inspect(wanted: WantedTenant): Promise<readonly Finding[]>;

  /**
   * `converge` for a place where nothing of the tenant is yet: refuses one where a schema or a role bears its name already,
   * unless this operation made it, and records on the cluster, in the same transaction, that this operation made it.
   * @throws `placement-conflict` (nothing changed)
   */
  abstract create(wanted: WantedTenant, actor: Actor): Promise<readonly string[]>;

  /** The operation that made the place by `create`, or null: what an undo asks before it drops anything. */
  abstract madeBy(place: Place): Promise<string | null>;

  /**
   * Brings everything to what should be; returns the changes as sentences (empty: nothing to do). Also repairs any damage. A login
   * without a verifier is closed, its sessions are ended, and then it is dropped.
   */
  abstract converge(wanted: WantedTenant, actor: Actor): Promise<readonly string[]>;

  /** Opens or closes the logins. Closing also ends their sessions, and returns only when none is left. */
  abstract setLogins(place: Place, logins: 'open' | 'closed', actor: Actor): Promise<void>;

  /** Drops schema, roles, grants, default privileges. Convergent. */
  abstract drop(place: Place, actor: Actor): Promise<void>;

  /** Every object, role, grant or session of the tenant that is still there, as sentences; empty when it is gone. */
  abstract leftovers(place: Place): Promise<readonly string[]>;

  /** Who is logged in now, by login and application; empty: nobody. */
  abstract sessions(place: Place): Promise<readonly LoginSessions[]>;

  abstract measure(place: Place): Promise<TenantSize>;
}
