import {
  streamsOf,
  type MoveStrategy,
  type OperationKind,
  type SwitchMode,
  type TenantId,
  type TenantState,
} from '@berth/domain';
import { completeOnline, moveOnline, sagas, type OperationRequest, type Tools } from '@berth/operations';
import { applicableSteps, type RuntimeStep, type Saga } from '@berth/saga';
import { makeLegacy } from './legacy-schema.js';
import { fill, write } from './tenant-data.js';
import { firstMigration, freshTenantId, type World } from './world.js';

/**
 * One operation in one situation; the crash matrix breaks it at each of its steps. The scenarios together have every step of every
 * saga, or `test/architecture/failpoints.spec.ts` fails. To add one, append it to a list below; nothing else knows it:
 *
 * - `kind` and `input` say which saga and which of its steps: `input` holds only what its `stepWhen`s look at, except
 *   `routed`: every scenario has a pooler.
 * - `prepare` makes a tenant of its own in the situation, by `world.perform`, and tells what to ask for.
 * - `endsAs` and `endsOn` are what the unbroken operation leads to. All else, the start included, is read from the real servers
 *   (`snapshot.ts`); what your operation may leave behind elsewhere, add there.
 *
 * Cheap ones first: the short form breaks a step in the first scenario of its list that has it. A saga stays in one list, and each
 * list has a spec of its own. The full form of one scenario: `BERTH_CRASH='suspend' node scripts/suite.mjs crash test/crash/lifecycle`.
 */
export interface Scenario {
  readonly name: string;
  readonly kind: OperationKind;
  /** Where the kind has several; else the one that it has. */
  readonly saga?: Saga<never, Tools>;
  readonly input: Readonly<Record<string, unknown>>;
  readonly prepare: (world: World) => Promise<{ readonly tenantId: TenantId; readonly request: OperationRequest }>;
  /** What somebody does as soon as the operation has been asked for. */
  readonly begun?: (world: World, operationId: string) => Promise<unknown>;
  /** When all has been compared: ends what would go on and take something from the others. */
  readonly afterwards?: (world: World, tenantId: TenantId) => Promise<unknown>;
  readonly endsAs: TenantState;
  /** Cluster on which the tenant may write in the end, `own` for its instance; null: nowhere. */
  readonly endsOn: 'shared-1' | 'shared-2' | 'own' | null;
}

export function sagaOf({ kind, saga }: Scenario): Saga<never, Tools> {
  return saga ?? sagas[kind];
}

export function stepsOf(scenario: Scenario): readonly RuntimeStep[] {
  const behindPooler = { ...scenario.input, routed: true };
  return applicableSteps(sagaOf(scenario) as unknown as Parameters<typeof applicableSteps>[0], behindPooler);
}

const unconstrained = { labels: {} };

/** A tenant with rows, on `shared-1` or on an instance of its own. */
export async function readyTenant(world: World, tier: 'shared' | 'dedicated' = 'shared'): Promise<TenantId> {
  const tenantId = freshTenantId();
  const plan = await world.planOfTier(tier);
  const where = tier === 'shared' ? { clusterId: 'shared-1' } : {};
  await world.perform({ kind: 'provision-tenant', tenantId, plan, constraints: unconstrained, ...where });
  await fill(world, tenantId);
  return tenantId;
}

async function suspended(world: World): Promise<TenantId> {
  const tenantId = await readyTenant(world);
  await world.perform({ kind: 'suspend-tenant', tenantId, reason: 'unpaid' });
  return tenantId;
}

const toOwn = { tier: 'dedicated' } as const;
const toFirst = { tier: 'shared', clusterId: 'shared-1' } as const;
const toSecond = { tier: 'shared', clusterId: 'shared-2' } as const;

const moveTo = (
  tenantId: TenantId,
  target: typeof toOwn | typeof toFirst | typeof toSecond,
  switchMode: SwitchMode = 'auto',
  strategy: MoveStrategy = 'dump',
) => ({ kind: 'move-tenant', tenantId, target, strategy, switchMode }) as const;

/** A tenant whose move has switched and was not completed. */
async function switched(
  world: World,
  from: 'shared' | 'dedicated',
  target: Parameters<typeof moveTo>[1],
  strategy: MoveStrategy = 'dump',
) {
  const tenantId = await readyTenant(world, from);
  const { id: moveId } = await world.perform(moveTo(tenantId, target, 'auto', strategy));
  return { tenantId, request: { kind: 'complete-move', moveId } as const };
}

/** A tenant whose online move has switched, that has written at the new place since, and wants to go back. */
async function switchedOnline(world: World, move: (tenantId: TenantId) => OperationRequest) {
  const tenantId = await readyTenant(world);
  const { id: moveId } = await world.perform(move(tenantId));
  await write(world, tenantId, 'after the switch');
  return { tenantId, request: { kind: 'reverse-move', moveId } as const };
}

const relocateOnline = (tenantId: TenantId) => moveTo(tenantId, toSecond, 'auto', 'online');
const upgradeOnline = (tenantId: TenantId) =>
  ({ kind: 'change-plan', tenantId, plan: 'enterprise', strategy: 'online' }) as const;

/** And has gone back, and written there. */
async function reversed(world: World, move: (tenantId: TenantId) => OperationRequest) {
  const { tenantId, request } = await switchedOnline(world, move);
  await world.perform(request);
  await write(world, tenantId, 'after the reverse');
  return { tenantId, request: { kind: 'complete-move', moveId: request.moveId } as const };
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
    name: 'adopt a schema that was made by hand',
    kind: 'adopt-tenant',
    input: { migrated: [{}] },
    async prepare(world) {
      const tenantId = freshTenantId();
      const schema = await makeLegacy(world, tenantId);
      const plan = await world.planOfTier('shared');
      const where = { schema, clusterId: 'shared-1', plan, constraints: unconstrained, migratedTo: firstMigration };
      return { tenantId, request: { kind: 'adopt-tenant', tenantId, ...where } };
    },
    begun: (world, operationId) => world.desk.confirm(operationId),
    endsAs: 'ready',
    endsOn: 'shared-1',
  },
  {
    name: 'suspend',
    kind: 'suspend-tenant',
    input: {},
    async prepare(world) {
      const tenantId = await readyTenant(world);
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
      const tenantId = await readyTenant(world);
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
      const tenantId = await readyTenant(world);
      return { tenantId, request: { kind: 'change-plan', tenantId, plan: 'pro', strategy: 'dump' } };
    },
    endsAs: 'ready',
    endsOn: 'shared-1',
  },
  {
    name: 'rotate the login',
    kind: 'rotate-login',
    input: { logins: 'open' },
    async prepare(world) {
      const tenantId = await readyTenant(world);
      return { tenantId, request: { kind: 'rotate-login', tenantId, graceMs: 0, settleMs: 0 } };
    },
    endsAs: 'ready',
    endsOn: 'shared-1',
  },
  {
    name: 'quarantine',
    kind: 'quarantine-tenant',
    input: {},
    async prepare(world) {
      const tenantId = await readyTenant(world);
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
      const tenantId = await readyTenant(world);
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
      const tenantId = await readyTenant(world, 'dedicated');
      return { tenantId, request: { kind: 'remove-tenant', tenantId, reason: 'asked for' } };
    },
    endsAs: 'removed',
    endsOn: null,
  },
];

export const moves: readonly Scenario[] = [
  {
    name: 'relocate by dump',
    kind: 'move-tenant',
    input: intoExisting,
    async prepare(world) {
      const tenantId = await readyTenant(world);
      return { tenantId, request: moveTo(tenantId, toSecond) };
    },
    endsAs: 'ready',
    endsOn: 'shared-2',
  },
  {
    name: 'relocate by dump, when somebody presses switch',
    kind: 'move-tenant',
    input: { ...intoExisting, switchMode: 'manual' },
    async prepare(world) {
      const tenantId = await readyTenant(world);
      return { tenantId, request: moveTo(tenantId, toSecond, 'manual') };
    },
    begun: (world, operationId) => world.desk.requestSwitch(operationId),
    endsAs: 'ready',
    endsOn: 'shared-2',
  },
  {
    name: 'promote by dump',
    kind: 'move-tenant',
    input: intoInstance,
    async prepare(world) {
      const tenantId = await readyTenant(world);
      return { tenantId, request: moveTo(tenantId, toOwn) };
    },
    endsAs: 'ready',
    endsOn: 'own',
  },
  {
    name: 'promote by the upgrade button',
    kind: 'move-tenant',
    input: { ...intoInstance, planAfter: 'enterprise' },
    async prepare(world) {
      const tenantId = await readyTenant(world);
      return { tenantId, request: { kind: 'change-plan', tenantId, plan: 'enterprise', strategy: 'dump' } };
    },
    endsAs: 'ready',
    endsOn: 'own',
  },
  {
    name: 'demote by dump',
    kind: 'move-tenant',
    input: intoExisting,
    async prepare(world) {
      const tenantId = await readyTenant(world, 'dedicated');
      return { tenantId, request: moveTo(tenantId, toFirst) };
    },
    endsAs: 'ready',
    endsOn: 'shared-1',
  },
  {
    name: 'complete a relocation',
    kind: 'complete-move',
    input: { ownInstance: false },
    prepare: (world) => switched(world, 'shared', toSecond),
    endsAs: 'ready',
    endsOn: 'shared-2',
  },
  {
    name: 'complete a promotion',
    kind: 'complete-move',
    input: { ownInstance: false },
    prepare: (world) => switched(world, 'shared', toOwn),
    endsAs: 'ready',
    endsOn: 'own',
  },
  {
    name: 'complete a demotion',
    kind: 'complete-move',
    input: { ownInstance: true },
    prepare: (world) => switched(world, 'dedicated', toFirst),
    endsAs: 'ready',
    endsOn: 'shared-1',
  },
];

/** Two hundred tenants whose way back runs would each have a sender that reads the whole server's log. */
async function endStreams({ tools }: World, tenantId: TenantId): Promise<void> {
  const [source, target] = [await tools.placements.get(tenantId, 1), await tools.placements.get(tenantId, 2)];
  if ((await tools.moves.openMoveOf(tenantId)) === null || source === null || target === null) return;
  const actor = { operationId: 'afterwards', tenantId, fence: Number.MAX_SAFE_INTEGER };
  for (const stream of Object.values(streamsOf(source, target, 2))) await tools.replication.remove(stream, actor);
}

/** On servers that can stream: PostgreSQL 16 and newer, with an admin that may replicate. */
export const online: readonly Scenario[] = [
  {
    name: 'relocate online',
    kind: 'move-tenant',
    saga: moveOnline,
    afterwards: endStreams,
    input: intoExisting,
    async prepare(world) {
      const tenantId = await readyTenant(world);
      return { tenantId, request: moveTo(tenantId, toSecond, 'auto', 'online') };
    },
    endsAs: 'ready',
    endsOn: 'shared-2',
  },
  {
    name: 'relocate online, when somebody presses switch',
    kind: 'move-tenant',
    saga: moveOnline,
    afterwards: endStreams,
    input: { ...intoExisting, switchMode: 'manual' },
    async prepare(world) {
      const tenantId = await readyTenant(world);
      return { tenantId, request: moveTo(tenantId, toSecond, 'manual', 'online') };
    },
    begun: (world, operationId) => world.desk.requestSwitch(operationId),
    endsAs: 'ready',
    endsOn: 'shared-2',
  },
  {
    name: 'promote online by the upgrade button',
    kind: 'move-tenant',
    saga: moveOnline,
    afterwards: endStreams,
    input: { ...intoInstance, planAfter: 'enterprise' },
    async prepare(world) {
      const tenantId = await readyTenant(world);
      return { tenantId, request: upgradeOnline(tenantId) };
    },
    endsAs: 'ready',
    endsOn: 'own',
  },
  {
    name: 'complete an online relocation',
    kind: 'complete-move',
    saga: completeOnline,
    input: { ownInstance: false },
    prepare: (world) => switched(world, 'shared', toSecond, 'online'),
    endsAs: 'ready',
    endsOn: 'shared-2',
  },
  {
    name: 'complete an online demotion',
    kind: 'complete-move',
    saga: completeOnline,
    input: { ownInstance: true },
    prepare: (world) => switched(world, 'dedicated', toFirst, 'online'),
    endsAs: 'ready',
    endsOn: 'shared-1',
  },
  {
    name: 'reverse an online relocation',
    kind: 'reverse-move',
    afterwards: endStreams,
    input: { planAfter: null },
    prepare: (world) => switchedOnline(world, relocateOnline),
    endsAs: 'ready',
    endsOn: 'shared-1',
  },
  {
    name: 'reverse an online promotion by the upgrade button',
    kind: 'reverse-move',
    afterwards: endStreams,
    input: { planAfter: 'free' },
    prepare: (world) => switchedOnline(world, upgradeOnline),
    endsAs: 'ready',
    endsOn: 'shared-1',
  },
  {
    name: 'complete a reversed relocation',
    kind: 'complete-move',
    saga: completeOnline,
    input: { ownInstance: false },
    prepare: (world) => reversed(world, relocateOnline),
    endsAs: 'ready',
    endsOn: 'shared-1',
  },
  {
    name: 'complete a reversed promotion',
    kind: 'complete-move',
    saga: completeOnline,
    input: { ownInstance: true },
    prepare: (world) => reversed(world, upgradeOnline),
    endsAs: 'ready',
    endsOn: 'shared-1',
  },
];
