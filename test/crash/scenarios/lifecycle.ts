import type { TenantId } from '@berth/domain';
import { makeLegacy } from '../legacy-schema.js';
import { firstMigration, freshTenantId, type World } from '../world.js';
import type { Scenario } from './scenario.js';
import { readyTenant, unconstrained } from './tenants.js';

async function suspended(world: World): Promise<TenantId> {
  const tenantId = await readyTenant(world);
  await world.perform({ kind: 'suspend-tenant', tenantId, reason: 'unpaid' });
  return tenantId;
}

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
