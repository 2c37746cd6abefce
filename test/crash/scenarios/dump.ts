import type { Scenario } from './scenario.js';
import { intoExisting, intoInstance, moveTo, readyTenant, switched, toFirst, toOwn, toSecond } from './tenants.js';

export const byDump: readonly Scenario[] = [
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
