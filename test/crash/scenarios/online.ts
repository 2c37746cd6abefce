import { streamsOf, type TenantId } from '@berth/domain';
import { completeOnline, moveOnline, type OperationRequest } from '@berth/operations';
import { write } from '../tenant-data.js';
import type { World } from '../world.js';
import type { Scenario } from './scenario.js';
import { intoExisting, intoInstance, moveTo, readyTenant, switched, toFirst, toSecond } from './tenants.js';

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
