import type { Progress } from '@berth/domain';

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
}

export type InstanceStatus =
  | { readonly state: 'absent' }
  | { readonly state: 'creating' | 'stopped' | 'broken'; readonly because: string }
  | { readonly state: 'running'; readonly instance: Instance };

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
   * Makes the instance, or finishes a half-made one, with an admin login (CREATEROLE CREATEDB, no superuser) whose password is
   * given; it reaches no state, argument or log. @throws `infrastructure-failed`, `infrastructure-locked`
   */
  abstract create(
    spec: InstanceSpec,
    admin: { readonly username: string; readonly password: string },
    work: InfrastructureWork,
  ): Promise<Instance>;

  /** Reads the instance itself, not a record of it. */
  abstract inspect(clusterId: string): Promise<InstanceStatus>;

  /** Destroys the instance and everything made for it; reads back that it is gone. Absent is no error. */
  abstract destroy(clusterId: string, work: InfrastructureWork): Promise<void>;

  /** Cluster ids of every instance there is, also half-made ones. For finding orphans. */
  abstract list(): Promise<readonly string[]>;

  /** Starts what should run and does not (after a reboot). Nothing to do where the provider does that itself. */
  abstract ensureRunning(clusterIds: readonly string[]): Promise<void>;
}
