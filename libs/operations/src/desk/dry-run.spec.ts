import { parseTenantId } from '@berth/domain';
import type { PlannedStep } from '@berth/saga';
import { FakeSystem } from '@berth/testing';
import type { OperationRequest } from '../request.js';

const acme = parseTenantId('acme');
const move = { kind: 'move-tenant', tenantId: acme, strategy: 'dump', switchMode: 'manual' } as const;

interface Case {
  readonly what: string;
  readonly prepare: (system: FakeSystem) => Promise<OperationRequest>;
}

const ready =
  (request: OperationRequest, plan = 'free') =>
  async (system: FakeSystem) => {
    await system.readyTenant('acme', { plan });
    return request;
  };
const cases: readonly Case[] = [
  {
    what: 'provision',
    prepare: async () => ({ kind: 'provision-tenant', tenantId: acme, plan: 'free', constraints: { labels: {} } }),
  },
  {
    what: 'provision with an instance',
    prepare: async () => ({
      kind: 'provision-tenant',
      tenantId: acme,
      plan: 'enterprise',
      constraints: { labels: {} },
    }),
  },
  { what: 'suspend', prepare: ready({ kind: 'suspend-tenant', tenantId: acme, reason: 'unpaid' }) },
  {
    what: 'resume',
    prepare: async (system) => {
      await system.readyTenant('acme');
      await system.perform({ kind: 'suspend-tenant', tenantId: acme, reason: 'unpaid' });
      return { kind: 'resume-tenant', tenantId: acme };
    },
  },
  { what: 'repair', prepare: ready({ kind: 'repair-tenant', tenantId: acme }) },
  { what: 'change the plan', prepare: ready({ kind: 'change-plan', tenantId: acme, plan: 'pro', strategy: 'dump' }) },
  {
    what: 'change the plan and the tier',
    prepare: ready({ kind: 'change-plan', tenantId: acme, plan: 'enterprise', strategy: 'dump' }),
  },
  { what: 'rotate the login', prepare: ready({ kind: 'rotate-login', tenantId: acme, graceMs: 0, settleMs: 0 }) },
  { what: 'quarantine', prepare: ready({ kind: 'quarantine-tenant', tenantId: acme, reason: 'over' }) },
  { what: 'remove', prepare: ready({ kind: 'remove-tenant', tenantId: acme, reason: 'over' }) },
  {
    what: 'remove with the instance',
    prepare: ready({ kind: 'remove-tenant', tenantId: acme, reason: 'over' }, 'enterprise'),
  },
  { what: 'promote', prepare: ready({ ...move, target: { tier: 'dedicated' } }) },
  { what: 'demote', prepare: ready({ ...move, target: { tier: 'shared' } }, 'enterprise') },
  {
    what: 'complete',
    prepare: async (system) => {
      await system.readyTenant('acme');
      const { id: moveId } = await system.perform({ ...move, switchMode: 'auto', target: { tier: 'dedicated' } });
      return { kind: 'complete-move', moveId };
    },
  },
];

/** A final dump is named by the time of its plan. */
const listOf = (steps: readonly PlannedStep[]) =>
  steps.map(({ name, description, pointOfNoReturn }) => {
    return { name, pointOfNoReturn, description: description.replace(/\d{8}T\d{9}Z/, '<time>') };
  });

describe.each(cases)('the dry run: $what', ({ prepare }) => {
  let system: FakeSystem;
  let request: OperationRequest;

  beforeEach(async () => {
    system = new FakeSystem();
    await system.addCluster('shared-1');
    request = await prepare(system);
  });

  it('changes nothing', async () => {
    const before = JSON.stringify([
      ...system.catalog.memory.operations,
      ...system.catalog.memory.tenants,
      ...system.catalog.memory.placements,
    ]);
    const queued = await system.queue.depth();
    await system.desk.plan(request);
    expect(
      JSON.stringify([
        ...system.catalog.memory.operations,
        ...system.catalog.memory.tenants,
        ...system.catalog.memory.placements,
      ]),
    ).toBe(before);
    expect(await system.queue.depth()).toEqual(queued);
  });

  it('prints the very steps that are recorded and run', async () => {
    const plan = await system.desk.plan(request);
    const started = await system.desk.start(request, 'test');
    expect(started).toMatchObject({ kind: plan.kind, clusterIds: plan.clusterIds });
    expect(listOf(started.steps)).toEqual(listOf(plan.steps));
    if ('switchMode' in request) await system.desk.requestSwitch(started.id);
    const ended = await system.runOn(started.id);
    expect(ended).toMatchObject({ state: 'succeeded', error: null });
    expect(ended.steps.every(({ state }) => state === 'done')).toBe(true);
  });
});
