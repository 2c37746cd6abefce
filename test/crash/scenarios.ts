import type { OperationKind, TenantId, TenantState } from '@berth/domain';
import { sagas, type OperationRequest } from '@berth/operations';
import { applicableSteps, type RuntimeStep } from '@berth/saga';
import { fill } from './tenant-data.js';
import { freshTenantId, type World } from './world.js';

/** One operation in one situation. The crash matrix breaks it at each of its steps. */
export interface Scenario {
  readonly name: string;
  readonly kind: OperationKind;
  /** The facts of its input on which the list of its steps depends. */
  readonly input: Readonly<Record<string, unknown>>;
  /** Makes the situation, and tells what to ask for. */
  readonly prepare: (world: World) => Promise<{ readonly tenantId: TenantId; readonly request: OperationRequest }>;
  readonly endsAs: TenantState;
  /** Cluster on which the tenant may write in the end, `own` for its instance; null: nowhere. */
  readonly endsOn: 'shared-1' | 'shared-2' | 'own' | null;
  /** Break at these steps alone, in the short form at three moments: inside it means after this call of a port. */
  readonly breakAt?: Readonly<Record<string, number>>;
}

export function stepsOf({ kind, input }: Scenario): readonly RuntimeStep[] {
  return applicableSteps(sagas[kind] as Parameters<typeof applicableSteps>[0], input);
}

const unconstrained = { labels: {} };

async function ready(world: World, tier: 'shared' | 'dedicated' = 'shared'): Promise<TenantId> {
  const tenantId = freshTenantId();
  const plan = await world.planOfTier(tier);
  const where = tier === 'shared' ? { clusterId: 'shared-1' } : {};
  await world.perform({ kind: 'provision-tenant', tenantId, plan, constraints: unconstrained, ...where });
  await fill(world, tenantId);
  return tenantId;
}

async function suspended(world: World): Promise<TenantId> {
  const tenantId = await ready(world);
  await world.perform({ kind: 'suspend-tenant', tenantId, reason: 'unpaid' });
  return tenantId;
}

const moveTo = (tenantId: TenantId, target: { readonly tier: 'shared' | 'dedicated'; readonly clusterId?: string }) =>
  ({ kind: 'move-tenant', tenantId, target, strategy: 'dump', switchMode: 'auto' }) as const;

async function switched(
  world: World,
  from: 'shared' | 'dedicated',
): Promise<{ readonly tenantId: TenantId; readonly moveId: string }> {
  const tenantId = await ready(world, from);
  const target =
    from === 'shared' ? ({ tier: 'dedicated' } as const) : ({ tier: 'shared', clusterId: 'shared-1' } as const);
  const { id: moveId } = await world.perform(moveTo(tenantId, target));
  return { tenantId, moveId };
}

const intoExisting = { instance: null, switchMode: 'auto', planAfter: null };
const intoInstance = { ...intoExisting, instance: {} };

export const lifecycle: readonly Scenario[] = [
  {
    name: 'provision in a shared cluster',
    kind: 'provision-tenant',
    input: { instance: null },
    async prepare(world) {
      const tenantId = freshTenantId();
      const plan = await world.planOfTier('shared');
      const request = {
        kind: 'provision-tenant',
        tenantId,
        plan,
        constraints: unconstrained,
        clusterId: 'shared-1',
      } as const;
      return { tenantId, request };
    },
    endsAs: 'ready',
    endsOn: 'shared-1',
  },
  {
    name: 'provision with an instance of its own',
    kind: 'provision-tenant',
    input: { instance: {} },
    async prepare(world) {
      const tenantId = freshTenantId();
      const plan = await world.planOfTier('dedicated');
      return { tenantId, request: { kind: 'provision-tenant', tenantId, plan, constraints: unconstrained } };
    },
    endsAs: 'ready',
    endsOn: 'own',
  },
  {
    name: 'suspend',
    kind: 'suspend-tenant',
    input: {},
    async prepare(world) {
      const tenantId = await ready(world);
      return { tenantId, request: { kind: 'suspend-tenant', tenantId, reason: 'unpaid' } };
    },
    endsAs: 'suspended',
    endsOn: null,
  },
  {
    name: 'resume',
    kind: 'resume-tenant',
    input: {},
    async prepare(world) {
      const tenantId = await suspended(world);
      return { tenantId, request: { kind: 'resume-tenant', tenantId } };
    },
    endsAs: 'ready',
    endsOn: 'shared-1',
  },
  {
    name: 'repair',
    kind: 'repair-tenant',
    input: {},
    async prepare(world) {
      const tenantId = await ready(world);
      return { tenantId, request: { kind: 'repair-tenant', tenantId } };
    },
    endsAs: 'ready',
    endsOn: 'shared-1',
  },
  {
    name: 'change the plan within the tier',
    kind: 'change-plan',
    input: {},
    async prepare(world) {
      const tenantId = await ready(world);
      return { tenantId, request: { kind: 'change-plan', tenantId, plan: 'pro', strategy: 'dump' } };
    },
    endsAs: 'ready',
    endsOn: 'shared-1',
  },
  {
    name: 'quarantine',
    kind: 'quarantine-tenant',
    input: {},
    async prepare(world) {
      const tenantId = await ready(world);
      return { tenantId, request: { kind: 'quarantine-tenant', tenantId, reason: 'contract ended' } };
    },
    endsAs: 'quarantined',
    endsOn: null,
  },
  {
    name: 'remove from a shared cluster',
    kind: 'remove-tenant',
    input: { ownInstance: false },
    async prepare(world) {
      const tenantId = await ready(world);
      return { tenantId, request: { kind: 'remove-tenant', tenantId, reason: 'asked for' } };
    },
    endsAs: 'removed',
    endsOn: null,
  },
  {
    name: 'remove with its instance',
    kind: 'remove-tenant',
    input: { ownInstance: true },
    async prepare(world) {
      const tenantId = await ready(world, 'dedicated');
      return { tenantId, request: { kind: 'remove-tenant', tenantId, reason: 'asked for' } };
    },
    endsAs: 'removed',
    endsOn: null,
  },
];

export const moves: readonly Scenario[] = [
  {
    name: 'promote by dump',
    kind: 'move-tenant',
    input: intoInstance,
    async prepare(world) {
      const tenantId = await ready(world);
      return { tenantId, request: moveTo(tenantId, { tier: 'dedicated' }) };
    },
    endsAs: 'ready',
    endsOn: 'own',
  },
  {
    name: 'demote by dump',
    kind: 'move-tenant',
    input: intoExisting,
    async prepare(world) {
      const tenantId = await ready(world, 'dedicated');
      return { tenantId, request: moveTo(tenantId, { tier: 'shared', clusterId: 'shared-1' }) };
    },
    endsAs: 'ready',
    endsOn: 'shared-1',
  },
  {
    name: 'relocate by dump',
    kind: 'move-tenant',
    input: intoExisting,
    async prepare(world) {
      const tenantId = await ready(world);
      return { tenantId, request: moveTo(tenantId, { tier: 'shared', clusterId: 'shared-2' }) };
    },
    endsAs: 'ready',
    endsOn: 'shared-2',
  },
  {
    name: 'complete a promotion',
    kind: 'complete-move',
    input: { ownInstance: false },
    async prepare(world) {
      const { tenantId, moveId } = await switched(world, 'shared');
      return { tenantId, request: { kind: 'complete-move', moveId } };
    },
    endsAs: 'ready',
    endsOn: 'own',
  },
  {
    name: 'complete a demotion',
    kind: 'complete-move',
    input: { ownInstance: true },
    async prepare(world) {
      const { tenantId, moveId } = await switched(world, 'dedicated');
      return { tenantId, request: { kind: 'complete-move', moveId } };
    },
    endsAs: 'ready',
    endsOn: 'shared-1',
  },
];

/** The steps about aliases; what else these sagas do is broken above. */
export const routed: readonly Scenario[] = [
  {
    name: 'relocate by dump, behind a pooler',
    kind: 'move-tenant',
    input: { ...intoExisting, routed: true },
    breakAt: { 'hold-route': 3, 'route-tenant': 5 },
    async prepare(world) {
      await world.withPooler();
      const tenantId = await ready(world);
      return { tenantId, request: moveTo(tenantId, { tier: 'shared', clusterId: 'shared-2' }) };
    },
    endsAs: 'ready',
    endsOn: 'shared-2',
  },
  {
    name: 'suspend, behind a pooler',
    kind: 'suspend-tenant',
    input: { routed: true },
    breakAt: { 'unroute-tenant': 3 },
    async prepare(world) {
      await world.withPooler();
      const tenantId = await ready(world);
      return { tenantId, request: { kind: 'suspend-tenant', tenantId, reason: 'unpaid' } };
    },
    endsAs: 'suspended',
    endsOn: null,
  },
];
