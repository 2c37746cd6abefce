import { BerthError, type Finding, parseTenantId, placeOf, secretRefs } from '@berth/domain';
import type { PlannedStep } from '@berth/saga';
import { FakeSystem } from '@berth/testing';
import type { OperationRequest } from '../request.js';

const acme = parseTenantId('acme');
const move = { kind: 'move-tenant', tenantId: acme, strategy: 'dump', switchMode: 'manual' } as const;

interface Case {
  readonly what: string;
  readonly prepare: (system: FakeSystem) => Promise<OperationRequest>;
  /** Makes something wrong at the servers, and the code by which the dry run tells it. */
  readonly trouble: (system: FakeSystem) => void;
  readonly found: Pick<Finding, 'code' | 'severity'>;
  /** How grave it is that the server does not answer; null: there is none yet. */
  readonly whenDown: Finding['severity'] | null;
}

const here = placeOf(acme, 'shared-1', 'tenants');
const drift = {
  trouble: (system: FakeSystem) => system.database.damage(here, 'grants'),
  found: { code: 'missing-grants', severity: 'warning' },
  whenDown: 'warning',
} as const;
const loss = {
  trouble: (system: FakeSystem) => {
    const fault = { object: 'large objects', message: 'There are 3.', remedy: 'Remove them.' };
    system.copy.findings = [{ code: 'large-objects', severity: 'error', ...fault }];
  },
  found: { code: 'large-objects', severity: 'error' },
} as const;

const allowSessions = (system: FakeSystem, maxSessions: number): void => {
  const cluster = system.probe.cluster('shared-1');
  cluster.load = { ...cluster.load, maxSessions };
};

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
    trouble: (system) => system.database.damage(here, 'schema', 'of somebody else'),
    found: { code: 'target-taken', severity: 'error' },
    whenDown: 'warning',
  },
  {
    what: 'provision with an instance',
    prepare: async () => ({
      kind: 'provision-tenant',
      tenantId: acme,
      plan: 'enterprise',
      constraints: { labels: {} },
    }),
    trouble: () => undefined,
    found: { code: 'infrastructure-plan', severity: 'info' },
    whenDown: null,
  },
  { what: 'suspend', prepare: ready({ kind: 'suspend-tenant', tenantId: acme, reason: 'unpaid' }), ...drift },
  {
    what: 'resume',
    prepare: async (system) => {
      await system.readyTenant('acme');
      await system.perform({ kind: 'suspend-tenant', tenantId: acme, reason: 'unpaid' });
      return { kind: 'resume-tenant', tenantId: acme };
    },
    ...drift,
  },
  { what: 'repair', prepare: ready({ kind: 'repair-tenant', tenantId: acme }), ...drift },
  {
    what: 'repair of a lost secret',
    prepare: ready({ kind: 'repair-tenant', tenantId: acme }),
    trouble: (system) => void system.secrets.destroy(secretRefs.tenantDb(acme)),
    found: { code: 'secret-missing', severity: 'warning' },
    whenDown: 'warning',
  },
  {
    what: 'change the plan',
    prepare: ready({ kind: 'change-plan', tenantId: acme, plan: 'pro', strategy: 'dump' }),
    ...drift,
  },
  {
    what: 'change the plan and the tier',
    prepare: ready({ kind: 'change-plan', tenantId: acme, plan: 'enterprise', strategy: 'dump' }),
    ...loss,
    whenDown: 'error',
  },
  { what: 'quarantine', prepare: ready({ kind: 'quarantine-tenant', tenantId: acme, reason: 'over' }), ...drift },
  {
    what: 'remove',
    prepare: ready({ kind: 'remove-tenant', tenantId: acme, reason: 'over' }),
    ...loss,
    whenDown: 'warning',
  },
  {
    what: 'rotate the login',
    prepare: ready({ kind: 'rotate-login', tenantId: acme, graceMs: 0, settleMs: 0 }),
    ...drift,
  },
  {
    what: 'remove with the instance',
    prepare: ready({ kind: 'remove-tenant', tenantId: acme, reason: 'over' }, 'enterprise'),
    ...loss,
    whenDown: 'warning',
  },
  { what: 'promote', prepare: ready({ ...move, target: { tier: 'dedicated' } }), ...loss, whenDown: 'error' },
  {
    what: 'demote',
    prepare: async (system) => {
      allowSessions(system, 500);
      return await ready({ ...move, target: { tier: 'shared' } }, 'enterprise')(system);
    },
    trouble: (system) => allowSessions(system, 100),
    found: { code: 'limits-exceed-cluster', severity: 'error' },
    whenDown: 'error',
  },
  {
    what: 'reverse',
    prepare: async (system) => {
      await system.readyTenant('acme');
      await system.addCluster('shared-2');
      const target = { tier: 'shared', clusterId: 'shared-2' } as const;
      const { id: moveId } = await system.perform({ ...move, target, switchMode: 'auto', strategy: 'online' });
      return { kind: 'reverse-move', moveId };
    },
    trouble: (system) => system.data.schema(here).definitions.set('column item.more', 'int'),
    found: { code: 'definitions-differ', severity: 'error' },
    whenDown: 'error',
  },
  {
    what: 'complete',
    prepare: async (system) => {
      await system.readyTenant('acme');
      const { id: moveId } = await system.perform({ ...move, switchMode: 'auto', target: { tier: 'dedicated' } });
      return { kind: 'complete-move', moveId };
    },
    ...loss,
    whenDown: 'warning',
  },
];

/** A final dump is named by the time of its plan. */
const listOf = (steps: readonly PlannedStep[]) =>
  steps.map(({ name, description, pointOfNoReturn }) => {
    return { name, pointOfNoReturn, description: description.replace(/\d{8}T\d{9}Z/, '<time>') };
  });

describe.each(cases)('the dry run: $what', ({ prepare, trouble, found, whenDown }) => {
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

  /** A finding is shown, and a start heeds it: an error keeps it from starting, nothing else does. */
  const expectFinding = async (finding: Pick<Finding, 'code' | 'severity'>) => {
    expect((await system.desk.plan(request)).findings).toContainEqual(expect.objectContaining(finding));
    const start = system.desk.start(request, 'test');
    if (finding.severity === 'error') await expect(start).rejects.toMatchObject({ code: 'preflight-failed' });
    else expect(await start).toMatchObject({ state: 'queued' });
  };

  it('shows what the live checks find', async () => {
    if (found.severity !== 'info')
      expect((await system.desk.plan(request)).findings).not.toContainEqual(expect.objectContaining(found));
    trouble(system);
    await expectFinding(found);
  });

  it('tells that a server does not answer', async () => {
    const down = new BerthError('cluster-unreachable', 'Nothing answers at shared-1.');
    system.probe.cluster('shared-1').reachable = false;
    system.database.unavailable = system.copy.unavailable = down;
    if (whenDown === null) expect(await system.desk.start(request, 'test')).toMatchObject({ state: 'queued' });
    else await expectFinding({ code: 'cluster-unreachable', severity: whenDown });
  });
});
