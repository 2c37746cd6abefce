import type { Finding, Progress, SslMode } from '@berth/domain';

/** A dedicated instance that is wanted. Holds no secret: it may be written to state, logs and plans. */
export interface InstanceSpec {
  /** Names the instance; the adapter derives every name from it. */
  readonly clusterId: string;
  readonly tenantId: string;
  readonly postgresMajor?: number;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Instance {
  readonly clusterId: string;
  readonly host: string;
  readonly port: number;
  readonly postgresMajor: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly sslMode: SslMode;
  /** PEM of the authority that signed the server's certificate. */
  readonly ca?: string;
  /** True: its admin is the login for streams too, as the master of Amazon RDS. */
  readonly adminMakesStreams?: boolean;
}

/** What the provider of an instance says about it, beyond its server's own word. */
export interface InstanceReport {
  /** For example `Amazon RDS`. */
  readonly provider: string;
  /** The provider's own name of the instance. */
  readonly identifier: string;
  /** In the provider's words. */
  readonly status: string;
  readonly endpoint: string | null;
  /** Changes that wait for the maintenance window or a restart, as sentences. */
  readonly pending: readonly string[];
  readonly storage: {
    readonly allocatedBytes: number;
    /** Null: not measured yet, or not to be had. */
    readonly freeBytes: number | null;
    /** How far the disk grows by itself; null: it does not. */
    readonly limitBytes: number | null;
  };
  /** Newest first. */
  readonly events: readonly { readonly at: Date; readonly message: string }[];
}

export type InstanceStatus =
  | { readonly state: 'absent' }
  | { readonly state: 'creating' | 'stopped' | 'broken'; readonly because: string }
  | { readonly state: 'running'; readonly instance: Instance };

export interface InstanceLogin {
  readonly username: string;
  readonly password: string;
}

/** The logins that an instance is to have. */
export interface InstanceAdmin extends InstanceLogin {
  /** The one for streams, a superuser; where the provider makes none its admin is that, and the instance says so. */
  readonly streams?: InstanceLogin;
}

export interface InfrastructureWork {
  /** Aborting stops a running program gracefully, then kills it. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/** Makes and destroys dedicated PostgreSQL instances. Every verb is convergent, by names derived from `clusterId`. */
export abstract class Infrastructure {
  /** What `create` would make, as sentences. Read-only. */
  abstract plan(spec: InstanceSpec): Promise<readonly string[]>;

  /**
   * Makes the instance, or finishes a half-made one, with an admin login (CREATEROLE CREATEDB, no superuser) and one for streams, whose
   * passwords are given; they reach no state, argument or log.
   * @throws `infrastructure-failed`, `infrastructure-locked`, `infrastructure-quota`, `infrastructure-capacity`, `infrastructure-denied`
   */
  abstract create(spec: InstanceSpec, admin: InstanceAdmin, work: InfrastructureWork): Promise<Instance>;

  /** Reads the instance itself, not a record of it. */
  abstract inspect(clusterId: string): Promise<InstanceStatus>;

  /** Destroys the instance and everything made for it; reads back that it is gone. Absent is no error. */
  abstract destroy(clusterId: string, work: InfrastructureWork): Promise<void>;

  /** Cluster ids of every instance there is, also half-made ones. For finding orphans. */
  abstract list(): Promise<readonly string[]>;

  /** Starts what should run and does not (after a reboot). Nothing to do where the provider does that itself. */
  abstract ensureRunning(clusterIds: readonly string[]): Promise<void>;

  /** What the provider says about the instance; null where there is no provider, or it does not know the instance. Read-only. */
  abstract report(clusterId: string): Promise<InstanceReport | null>;

  /** The provider's quotas that are used up or nearly so: how many more instances may be made. Read-only. */
  abstract quotas(): Promise<readonly Finding[]>;
}
