import type {
  Cluster,
  ComparisonReport,
  ErrorReport,
  Move,
  MoveLag,
  MoveState,
  Operation,
  OperationKind,
  OperationState,
  Placement,
  PlacementDecision,
  Plan,
  ReadBack,
  SwitchMode,
  Tenant,
  TenantConstraints,
  TenantId,
  TenantState,
} from '@berth/domain';

/** A page of a list. `next` continues it; null: the end. A cursor is opaque and stays good when rows come or go. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string;
}

/** Tenants: the rows, their states, their optimistic locks. */
export abstract class TenantCatalog {
  abstract get(id: TenantId): Promise<Tenant | null>;
  abstract list(
    filter: {
      readonly state?: TenantState;
      readonly plan?: string;
      readonly clusterId?: string;
      readonly tenantId?: TenantId;
      readonly prefix?: string;
    },
    page: PageRequest,
  ): Promise<Page<Tenant>>;
  /**
   * Changes the state if it is one of `from`, and returns the row. Already in `to` with this reason: no change, no error (a
   * repeated step). @throws `tenant-state` with both states
   */
  abstract transition(
    id: TenantId,
    change: {
      readonly from: readonly TenantState[];
      readonly to: TenantState;
      readonly reason: string | null;
      readonly quarantinedUntil?: Date | null;
    },
  ): Promise<Tenant>;
  /** @throws `version-conflict` when `expectedVersion` is given and is not the present one */
  abstract update(
    id: TenantId,
    change: { readonly plan?: string; readonly constraints?: TenantConstraints },
    expectedVersion?: number,
  ): Promise<Tenant>;
  /** Quarantined tenants whose retention has ended. */
  abstract dueForRemoval(now: Date, limit: number): Promise<readonly TenantId[]>;
  abstract countByState(): Promise<Readonly<Partial<Record<TenantState, number>>>>;
}

/** Placements with their history. The switch is one compare-and-set on the generation. */
export abstract class PlacementCatalog {
  abstract current(id: TenantId): Promise<Placement | null>;
  abstract history(id: TenantId): Promise<readonly Placement[]>;
  abstract get(id: TenantId, generation: number): Promise<Placement | null>;
  /** The next generation of a tenant: one more than any it ever had. */
  abstract nextGeneration(id: TenantId): Promise<number>;
  /**
   * Reserves a placement as `preparing`. The same operation again: no change. @throws `placement-conflict` (somebody else has that
   * generation, or the schema name is taken on that cluster), `cluster-full`, `cluster-cordoned`
   */
  abstract reserve(placement: Omit<Placement, 'state' | 'createdAt' | 'endedAt'>): Promise<Placement>;
  /**
   * `to` becomes current and `from` (null: none) previous, in one statement, if `from` is current now. Already so: no change.
   * @throws `placement-conflict`
   */
  abstract switchTo(id: TenantId, change: { readonly from: number | null; readonly to: number }): Promise<void>;
  /**
   * The place of the generation `back`, which is kept, becomes current again as generation `to`, and `from` previous, in one
   * transaction. Its old row is retired: a place has one live row. Already so: no change. @throws `placement-conflict`
   */
  abstract returnTo(
    id: TenantId,
    change: { readonly from: number; readonly back: number; readonly to: number; readonly operationId: string },
  ): Promise<void>;
  /** Ends a placement that is not current. Convergent. */
  abstract retire(id: TenantId, generation: number): Promise<void>;
  /** Ends all placements of a tenant that is removed. */
  abstract retireAll(id: TenantId): Promise<void>;
  abstract onCluster(clusterId: string): Promise<readonly Placement[]>;
}

export abstract class ClusterCatalog {
  abstract get(id: string): Promise<Cluster | null>;
  abstract list(): Promise<readonly Cluster[]>;
  /** @throws `cluster-exists` unless it is the very same registration again */
  abstract add(cluster: Omit<Cluster, 'version' | 'createdAt'>): Promise<Cluster>;
  /** @throws `version-conflict`, `cluster-not-found` */
  abstract update(
    id: string,
    change: Partial<
      Pick<
        Cluster,
        'state' | 'labels' | 'maxTenants' | 'maxOperations' | 'host' | 'port' | 'sslMode' | 'ca' | 'postgresMajor'
      >
    >,
    expectedVersion?: number,
  ): Promise<Cluster>;
  /** Deletes the row of a cluster without live placements; history keeps its id. Convergent. @throws `cluster-in-use`, `version-conflict` */
  abstract remove(id: string, expectedVersion?: number): Promise<void>;
  /** Live placements by cluster id, with those that an open move is still to reserve: two that choose at once see each other. */
  abstract tenantCounts(): Promise<Readonly<Record<string, number>>>;
}

export abstract class PlanCatalog {
  abstract get(name: string): Promise<Plan | null>;
  abstract list(): Promise<readonly Plan[]>;
  /** Creates or changes. The tier stays while a tenant has the plan. @throws `version-conflict`, `plan-in-use` */
  abstract put(plan: Omit<Plan, 'version'>, expectedVersion?: number): Promise<Plan>;
  /** Convergent. @throws `plan-in-use`, `version-conflict` */
  abstract remove(name: string, expectedVersion?: number): Promise<void>;
}

export abstract class MoveCatalog {
  abstract get(id: string): Promise<Move | null>;
  abstract list(
    filter: { readonly tenantId?: TenantId; readonly open?: boolean },
    page: PageRequest,
  ): Promise<Page<Move>>;
  /** Moves that are neither completed nor cancelled, by state. */
  abstract countOpen(): Promise<Readonly<Partial<Record<MoveState, number>>>>;
  /** The whole input of the saga that runs it up to the switch, as it was planned; null: there is no such move. */
  abstract inputOf(id: string): Promise<Readonly<Record<string, unknown>> | null>;
  /** The move of a tenant that is neither completed nor cancelled. At most one, by a unique index. */
  abstract openMoveOf(id: TenantId): Promise<Move | null>;
  /**
   * Changes the state if it is one of `from`, and answers who asked for a comparison: it was made, or the move is on its way. Already
   * there: no change. @throws `move-state`
   */
  abstract transition(
    id: string,
    change: {
      readonly from: readonly MoveState[];
      readonly to: MoveState;
      readonly reason?: string | null;
      readonly error?: ErrorReport | null;
      readonly readBack?: ReadBack;
      readonly comparison?: ComparisonReport;
      readonly reverseComparison?: ComparisonReport;
      readonly comparedStamp?: string;
      readonly writePauseMs?: number;
      readonly switchedAt?: Date;
      readonly reversedAt?: Date;
    },
  ): Promise<Move>;
  /** Somebody pressed switch. Convergent. @throws `move-state` */
  abstract requestSwitch(id: string): Promise<Move>;
  /** Somebody wants an online move that is ready compared anew. Convergent until it is. @throws `move-state` */
  abstract requestVerify(id: string): Promise<Move>;
  /**
   * Keeps the newest lag of an open move, for people who watch: the version stays, and the revision of its operation is a new one.
   * An older one than is there, or of a move that has ended or never was: no change, no error.
   */
  abstract noteLag(id: string, lag: MoveLag): Promise<void>;
}

/** An operation that is to be made, with what has to be true and what is written in the very same transaction. */
export interface SeenTenant {
  readonly state: TenantState;
  readonly plan: string;
  /** Of the current placement. */
  readonly generation: number;
}

export interface NewOperation {
  readonly id: string;
  readonly kind: OperationKind;
  /** Name of the saga that runs it: a kind may have several (a move by dump, a move online). The journal's claim answers it. */
  readonly saga: string;
  readonly sagaVersion: number;
  readonly tenantId: TenantId;
  readonly clusterIds: readonly string[];
  /** The saga's whole input. Holds no secret. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly steps: readonly { readonly name: string; readonly description: string; readonly pointOfNoReturn: boolean }[];
  readonly requestedBy: string;
  readonly decision?: PlacementDecision;
  /**
   * A new tenant is written with the operation that makes it: one wins, the other gets `tenant-exists`. A row in state `failed` or
   * `removed` is taken up again (its generations go on growing, its history stays; the ledger of its migrations begins anew, and
   * API keys that were bound to a removed tenant are revoked: who bears the name now may be another customer).
   */
  readonly newTenant?: { readonly plan: string; readonly constraints: TenantConstraints };
  /**
   * What the plan was made from. An operation that ended between planning and writing may have changed it: then nothing is
   * written, since the steps would act on a place, or return to a state, that is no longer the tenant's.
   */
  readonly seen?: SeenTenant;
  readonly newMove?: Pick<
    Move,
    | 'strategy'
    | 'direction'
    | 'fromGeneration'
    | 'toGeneration'
    | 'fromClusterId'
    | 'toClusterId'
    | 'planBefore'
    | 'maxRetainedBytes'
  > & { readonly switchMode: SwitchMode };
}

/** Operations as the API and the sweep see them. The journal of the saga engine is the other door to the same tables. */
export abstract class OperationCatalog {
  /** @throws `operation-in-progress` (details: `operationId` of the one that runs), `tenant-exists`, `move-open`, `tenant-state` (not as `seen`) */
  abstract create(operation: NewOperation): Promise<Operation>;
  abstract get(id: string): Promise<Operation | null>;
  abstract list(
    filter: { readonly tenantId?: TenantId; readonly state?: OperationState; readonly kind?: OperationKind },
    page: PageRequest,
  ): Promise<Page<Operation>>;
  /** Records the wish; the worker honours it. @throws `past-point-of-no-return`, `operation-state` */
  abstract requestCancel(id: string): Promise<Operation>;
  /** `needs-operator` (or waiting) back to `queued`, at once. @throws `operation-state` */
  abstract retry(id: string): Promise<Operation>;
  /** Operations that nobody works on and whose time has come: queued, waiting and due, or with a lease that ran out. */
  abstract due(now: Date, limit: number): Promise<readonly string[]>;
  /** Those of these tenants that have not ended, in no order: at most one each. */
  abstract openOf(tenantIds: readonly TenantId[]): Promise<readonly Operation[]>;
  /** Number that changes whenever the operation, a step of it or the lag of its move changes: what SSE watches cheaply. Null: no such operation. */
  abstract revision(id: string): Promise<number | null>;
  /** Operations that have not ended, by state. Those that have are never counted: after some years they are millions. */
  abstract countOpen(): Promise<Readonly<Partial<Record<OperationState, number>>>>;
}
