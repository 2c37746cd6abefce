import type {
  Finding,
  MoveStrategy,
  Operation,
  OperationKind,
  PlacementDecision,
  RowIdentities,
  StreamLimits,
  SwitchMode,
  SwitchWindow,
  TenantConstraints,
  TenantId,
  Tier,
} from '@berth/domain';
import type { PlannedStep } from '@berth/saga';

/** Everything that somebody may ask Berth to do with a tenant; one member for each kind of operation. */
export type OperationRequest =
  | {
      readonly kind: 'provision-tenant';
      readonly tenantId: TenantId;
      readonly plan: string;
      readonly constraints: TenantConstraints;
      /** Only this cluster; without it the emptiest that fits is taken. */
      readonly clusterId?: string;
    }
  | {
      readonly kind: 'adopt-tenant';
      readonly tenantId: TenantId;
      /** The schema that is there, by its name. */
      readonly schema: string;
      readonly clusterId: string;
      readonly plan: string;
      readonly constraints: TenantConstraints;
      /** The newest of the product's migrations that the schema has; it and all before it are recorded, none is run. */
      readonly migratedTo?: string;
    }
  | { readonly kind: 'suspend-tenant'; readonly tenantId: TenantId; readonly reason: string }
  | { readonly kind: 'resume-tenant'; readonly tenantId: TenantId }
  | { readonly kind: 'repair-tenant'; readonly tenantId: TenantId }
  | {
      readonly kind: 'change-plan';
      readonly tenantId: TenantId;
      readonly plan: string;
      /** The tenant's version that the caller saw; without it the newest is meant. */
      readonly expectedVersion?: number;
      /** How to move when the tier changes. */
      readonly strategy: MoveStrategy;
    }
  | {
      readonly kind: 'quarantine-tenant';
      readonly tenantId: TenantId;
      readonly reason: string;
      readonly expectedVersion?: number;
    }
  | {
      readonly kind: 'remove-tenant';
      readonly tenantId: TenantId;
      readonly reason: string;
      readonly expectedVersion?: number;
    }
  | {
      readonly kind: 'move-tenant';
      readonly tenantId: TenantId;
      readonly target: { readonly tier: Tier; readonly clusterId?: string };
      readonly strategy: MoveStrategy;
      readonly switchMode: SwitchMode;
      readonly window?: Partial<SwitchWindow>;
      /** Of an online move: how tables without a usable key tell their rows apart. */
      readonly identities?: RowIdentities;
      readonly streamLimits?: Partial<StreamLimits>;
    }
  | { readonly kind: 'reverse-move'; readonly moveId: string }
  | { readonly kind: 'complete-move'; readonly moveId: string }
  | {
      readonly kind: 'rotate-login';
      readonly tenantId: TenantId;
      /** Longest time that the old login is kept for clients that still use it. */
      readonly graceMs: number;
      /** Shortest time that it is kept, seen in use or not. */
      readonly settleMs: number;
    };

/** What may be said to a move that is under way: its own operation heeds it, none is started. */
export type MoveWord = 'verify' | 'switch' | 'cancel';

/** What would run, and what the live checks say. Printed by `?dryRun=true`, recorded by a start: the same list. */
export interface OperationPlan {
  readonly kind: OperationKind;
  readonly tenantId: TenantId;
  readonly clusterIds: readonly string[];
  readonly steps: readonly PlannedStep[];
  /** Results of the read-only preflight. A finding of severity `error` keeps the operation from starting. */
  readonly findings: readonly Finding[];
  /** Why this cluster was chosen, for operations that choose one. */
  readonly decision: PlacementDecision | null;
}

/** Where operations are asked for: by the API, by schedules. The worker runs what was written here. */
export abstract class OperationDesk {
  /** Checks everything, changes nothing. @throws `tenant-not-found`, `tenant-state`, `plan-not-found`, `no-cluster-fits`, … */
  abstract plan(request: OperationRequest): Promise<OperationPlan>;

  /** Plans, writes the operation to the catalog in one transaction and tells the queue. @throws as `plan`; `preflight-failed` (details: findings), `operation-in-progress` (details: operationId) */
  abstract start(request: OperationRequest, requestedBy: string): Promise<Operation>;

  /** Asks to cancel; honoured between steps and inside long ones. @throws `past-point-of-no-return`, `operation-state` */
  abstract cancel(operationId: string): Promise<Operation>;

  /** Puts an operation that needs an operator back to work. @throws `operation-state` */
  abstract retry(operationId: string): Promise<Operation>;

  /** Says yes to an operation that waits for one: keeps an adoption. @throws `operation-state`, `operation-not-found` */
  abstract confirm(operationId: string): Promise<Operation>;

  /** Presses switch on a move whose switch is manual. @throws `move-state`, `move-not-found` */
  abstract requestSwitch(moveId: string): Promise<Operation>;

  /** Has an online move that waits for its switch compared anew; it goes on waiting. @throws `move-state`, `move-not-found` */
  abstract requestVerify(moveId: string): Promise<Operation>;

  /**
   * What the word would lead to: the steps that are left, or are taken back, and every check that the move will meet. Changes
   * nothing. @throws as the word itself
   */
  abstract planWord(moveId: string, word: MoveWord): Promise<OperationPlan>;
}
