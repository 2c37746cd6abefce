import type { Finding, Place, TenantId } from '@berth/domain';
import type { WantedTenant } from './tenant-database.js';

/** A replication slot, Berth's or of others. */
export interface SeenSlot {
  readonly name: string;
  readonly active: boolean;
  /** It ends with the session that made it. */
  readonly temporary: boolean;
  /** The server has thrown away what it needed. */
  readonly lost: boolean;
  /** Write-ahead log that it holds back. */
  readonly retainedBytes: number;
}

/** A rule of pg_hba.conf that lets somebody in without a password. */
export interface TrustRule {
  readonly line: number;
  /** As it stands there: kind, databases, users, address. */
  readonly text: string;
}

/** What a server and its tenants' database hold that bears a name of Berth's, and how it is set. */
export interface ServerReading {
  /** `16.4`, as the server has it. */
  readonly version: string;
  readonly postgresMajor: number;
  /** By name; one that this version does not know is missing. */
  readonly settings: Readonly<Record<string, string>>;
  readonly slots: readonly SeenSlot[];
  /** Publications, subscriptions, schemas and roles with the name of a stream. */
  readonly streamParts: readonly {
    readonly kind: 'publication' | 'subscription' | 'schema' | 'role';
    readonly name: string;
  }[];
  /** Schemas whose owner bears the name of a tenant. */
  readonly schemas: readonly { readonly name: string; readonly owner: string }[];
  /** Owners and logins with the name of a tenant; of logins those alone that are in the group of the tenants. */
  readonly roles: readonly string[];
  /** Databases of rehearsals that the admin owns and nobody is in. */
  readonly scratch: readonly string[];
  /** Null: the admin may not read pg_hba.conf. */
  readonly trust: readonly TrustRule[] | null;
}

/** Reads whole servers for the doctor, in a few questions whatever the number of tenants, and takes away what is left over there. */
export abstract class ServerExaminer {
  /** Read-only. @throws `cluster-unreachable` and what else a connection can meet */
  abstract read(clusterId: string): Promise<ServerReading>;

  /** `TenantDatabase.inspect` of many tenants of one cluster, in one question for hundreds. Read-only. */
  abstract drift(
    clusterId: string,
    wanted: readonly WantedTenant[],
  ): Promise<ReadonlyMap<TenantId, readonly Finding[]>>;

  /**
   * Takes away what bears the stream's name on the place's server, and reads back that it is gone. The caller has made sure that no
   * operation and no open move needs it; one that begins meanwhile makes other names. Convergent. @throws `lease-lost`,
   * `leftovers-found`
   */
  abstract removeStream(place: Place, name: string): Promise<void>;

  /** Drops the database of a rehearsal that has ended. Convergent. @throws `cluster-busy` */
  abstract dropScratch(clusterId: string, database: string): Promise<void>;
}
