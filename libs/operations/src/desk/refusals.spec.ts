import { parseTenantId, placeOf, secretRefs, type TenantId } from '@berth/domain';
import { FakeSystem } from '@berth/testing';
import type { OperationRequest } from '../request.js';

const acme = parseTenantId('acme');
const unconstrained = { labels: {} };
const provision = { kind: 'provision-tenant', tenantId: acme, plan: 'free', constraints: unconstrained } as const;
const dumpMove = { kind: 'move-tenant', tenantId: acme, strategy: 'dump', switchMode: 'auto' } as const;
const refusal = (code: string, message: RegExp) => ({ code, message: expect.stringMatching(message) as string });

describe('the desk refuses, and says why', () => {
  let system: FakeSystem;
  const refused = async (request: OperationRequest, code: string, message: RegExp) => {
    await expect(system.desk.plan(request)).rejects.toMatchObject(refusal(code, message));
    await expect(system.desk.start(request, 'test')).rejects.toMatchObject(refusal(code, message));
    expect(await system.catalog.operations.list({ state: 'queued' }, { limit: 1 })).toMatchObject({ items: [] });
  };

  beforeEach(async () => {
    system = new FakeSystem();
    await system.addCluster('shared-1');
  });

  it.each<[string, OperationRequest]>([
    ['suspend', { kind: 'suspend-tenant', tenantId: acme, reason: 'unpaid' }],
    ['resume', { kind: 'resume-tenant', tenantId: acme }],
    ['repair', { kind: 'repair-tenant', tenantId: acme }],
    ['change the plan of', { kind: 'change-plan', tenantId: acme, plan: 'pro', strategy: 'dump' }],
    ['delete', { kind: 'quarantine-tenant', tenantId: acme, reason: 'over' }],
    ['remove', { kind: 'remove-tenant', tenantId: acme, reason: 'over' }],
    ['move', { ...dumpMove, target: { tier: 'dedicated' } }],
    ['rotate the login of', { kind: 'rotate-login', tenantId: acme, graceMs: 0, settleMs: 0 }],
  ])('to %s a tenant that is not there, or was removed', async (verb, request) => {
    await refused(request, 'tenant-not-found', /no tenant acme/);
    await system.readyTenant('acme');
    await system.perform({ kind: 'remove-tenant', tenantId: acme, reason: 'over' });
    await refused(request, 'tenant-state', new RegExp(`acme is removed; to ${verb} it`));
  });

  it.each<[string, OperationRequest]>([
    ['move', { ...dumpMove, target: { tier: 'dedicated' } }],
    ['suspend', { kind: 'suspend-tenant', tenantId: acme, reason: 'again' }],
    ['move', { kind: 'change-plan', tenantId: acme, plan: 'enterprise', strategy: 'dump' }],
  ])('to %s a tenant that is suspended', async (verb, request) => {
    await system.readyTenant('acme');
    await system.perform({ kind: 'suspend-tenant', tenantId: acme, reason: 'unpaid' });
    await refused(request, 'tenant-state', new RegExp(`acme is suspended; to ${verb} it`));
  });

  it('to move a tenant that is in quarantine', async () => {
    await system.readyTenant('acme');
    await system.perform({ kind: 'quarantine-tenant', tenantId: acme, reason: 'over' });
    await refused({ ...dumpMove, target: { tier: 'dedicated' } }, 'tenant-state', /acme is quarantined; to move it/);
  });

  it('to move a tenant that is removed while the checks look at it', async () => {
    await system.readyTenant('acme');
    const look = system.copy.preflight.bind(system.copy);
    system.copy.preflight = async (...given) => {
      system.copy.preflight = look;
      await system.perform({ kind: 'remove-tenant', tenantId: acme, reason: 'over' });
      return await look(...given);
    };
    const request = { ...dumpMove, target: { tier: 'dedicated' } } as const;
    await expect(system.desk.plan(request)).rejects.toMatchObject(
      refusal('tenant-state', /acme is removed; to move it/),
    );
  });

  it.each<[string, OperationRequest]>([
    ['another plan', { kind: 'change-plan', tenantId: acme, plan: 'gold', strategy: 'dump' }],
    ['a new tenant', { ...provision, tenantId: parseTenantId('other'), plan: 'gold' }],
  ])('a plan that does not exist, for %s, and names those that do', async (_what, request) => {
    await system.readyTenant('acme');
    await refused(request, 'plan-not-found', /no plan "gold"/);
    await expect(system.desk.plan(request)).rejects.toMatchObject({
      hint: expect.stringContaining('enterprise') as string,
    });
  });

  it('a second tenant of one name, and takes the name of a removed one', async () => {
    await system.readyTenant('acme');
    await refused(provision, 'tenant-exists', /acme exists already; it is ready/);
    await system.perform({ kind: 'remove-tenant', tenantId: acme, reason: 'over' });
    await system.perform(provision);
    expect(await system.catalog.placements.current(acme)).toMatchObject({ generation: 2 });
  });

  it('a second operation while one has not ended, with the first one’s id', async () => {
    await system.readyTenant('acme');
    const { id } = await system.desk.start({ kind: 'suspend-tenant', tenantId: acme, reason: 'unpaid' }, 'test');
    await expect(system.desk.start({ kind: 'repair-tenant', tenantId: acme }, 'test')).rejects.toMatchObject({
      code: 'operation-in-progress',
      details: { operationId: id },
    });
  });

  it.each<[string, (tenantId: TenantId) => OperationRequest]>([
    ['deleted', (tenantId) => ({ kind: 'quarantine-tenant', tenantId, reason: 'over' })],
    ['removed', (tenantId) => ({ kind: 'remove-tenant', tenantId, reason: 'over' })],
    ['moved again', (tenantId) => ({ ...dumpMove, tenantId, target: { tier: 'shared' } })],
  ])('that a tenant whose old place is still kept is %s', async (_what, requestFor) => {
    await system.readyTenant('acme');
    await system.perform({ ...dumpMove, target: { tier: 'dedicated' } });
    await refused(requestFor(acme), 'move-open', /old place is still kept/);
  });

  it('to complete a move that is not there, or is completed', async () => {
    await refused(
      { kind: 'complete-move', moveId: '00000000-0000-4000-8000-000000000000' },
      'move-not-found',
      /no move/,
    );
    await system.readyTenant('acme');
    const { id: moveId } = await system.perform({ ...dumpMove, target: { tier: 'dedicated' } });
    await system.perform({ kind: 'complete-move', moveId });
    await refused({ kind: 'complete-move', moveId }, 'move-state', /is completed; only a switched or a reversed one/);
  });

  it('to reverse a move that is not there, was made by dump, has not switched, or is over, and says what to do instead', async () => {
    await refused(
      { kind: 'reverse-move', moveId: '00000000-0000-4000-8000-000000000000' },
      'move-not-found',
      /no move/,
    );
    await system.readyTenant('acme');
    const reverse = (moveId: string) => system.desk.plan({ kind: 'reverse-move', moveId });
    const { id: waiting } = await system.desk.start({ ...dumpMove, target: { tier: 'dedicated' } }, 'test');
    const hint = (text: string): string => expect.stringContaining(text) as string;
    await expect(reverse(waiting)).rejects.toMatchObject({ code: 'move-state', hint: hint(`moves cancel ${waiting}`) });
    await system.runOn(waiting);
    await expect(reverse(waiting)).rejects.toMatchObject({
      ...refusal('move-state', /dump, switched.*has not got the writes made since/),
      hint: hint('berth moves start acme --to shared --strategy dump'),
    });
    await system.perform({ kind: 'complete-move', moveId: waiting });
    await expect(reverse(waiting)).rejects.toMatchObject({ code: 'move-state', hint: hint('Start a new move') });
  });

  it('to reverse a move twice, or that of a suspended tenant', async () => {
    await system.addCluster('shared-2');
    await system.readyTenant('acme', { clusterId: 'shared-1' });
    const target = { tier: 'shared', clusterId: 'shared-2' } as const;
    const { id: moveId } = await system.perform({ ...dumpMove, strategy: 'online', target });
    const request = { kind: 'reverse-move', moveId } as const;
    await system.perform({ kind: 'suspend-tenant', tenantId: acme, reason: 'unpaid' });
    await refused(request, 'tenant-state', /acme is suspended; to reverse the move of it/);
    await system.perform({ kind: 'resume-tenant', tenantId: acme });
    await system.perform(request);
    await refused(request, 'move-state', /online, reversed\) cannot be reversed: that is done already/);
    await refused({ kind: 'rotate-login', tenantId: acme, graceMs: 0, settleMs: 0 }, 'move-open', /abandoned place/);
  });

  it.each([
    ['cluster-cordoned', /is cordoned/, { state: 'cordoned' }],
    ['cluster-full', /full: 0 of 0 tenants/, { maxTenants: 0 }],
    ['constraint-broken', /runs PostgreSQL 14, the tenant needs 15 or newer/, { postgresMajor: 14 }],
    ['constraint-broken', /is of tier dedicated/, { tier: 'dedicated' }],
  ] as const)('a demotion to a cluster that cannot hold the tenant: %s', async (code, message, change) => {
    await system.readyTenant('acme', { plan: 'enterprise' });
    await system.addCluster('shared-2', change);
    await refused({ ...dumpMove, target: { tier: 'shared', clusterId: 'shared-2' } }, code, message);
  });

  it('a demotion that keeps limits for which the shared server is too small; a change of plan is the way', async () => {
    await system.readyTenant('acme', { plan: 'enterprise' });
    const request = { ...dumpMove, target: { tier: 'shared' } } as const;
    await expect(system.desk.start(request, 'test')).rejects.toMatchObject({
      code: 'preflight-failed',
      message: expect.stringMatching(/200 connections, and shared-1 has 100 for all/) as string,
      details: { findings: [{ code: 'limits-exceed-cluster' }] },
    });
    await system.perform({ kind: 'change-plan', tenantId: acme, plan: 'pro', strategy: 'dump' });
    expect(await system.catalog.placements.current(acme)).toMatchObject({ clusterId: 'shared-1' });
  });

  it('to resume a tenant that could not log in, until it is repaired', async () => {
    const { place } = await system.readyTenant('acme');
    await system.perform({ kind: 'suspend-tenant', tenantId: acme, reason: 'unpaid' });
    system.database.damage(place, 'role');
    const request = { kind: 'resume-tenant', tenantId: acme } as const;
    await expect(system.desk.start(request, 'test')).rejects.toMatchObject({
      code: 'preflight-failed',
      hint: 'Type: berth tenants repair acme',
    });
    await system.perform({ kind: 'repair-tenant', tenantId: acme });
    await system.perform(request);
  });

  it('a new tenant on a cluster that is no longer fit, and asks a fit one again only after a while', async () => {
    const cluster = system.probe.cluster('shared-1');
    const check = system.probe.check.bind(system.probe);
    let checks = 0;
    system.probe.check = (access) => ((checks += 1), check(access));
    await system.desk.plan(provision);
    await system.desk.plan(provision);
    expect(checks).toBe(1);
    const fault = { severity: 'error', object: 'cluster shared-1', remedy: 'Register the primary.' } as const;
    cluster.findings = [{ ...fault, code: 'cluster-rights', message: 'The server is a standby.' }];
    system.clockOffsetMs += 5_000;
    const refusedBy = { code: 'preflight-failed', hint: 'Register the primary.' };
    await expect(system.desk.start(provision, 'test')).rejects.toMatchObject(refusedBy);
    await expect(system.desk.start(provision, 'test')).rejects.toMatchObject(refusedBy);
    cluster.findings = [];
    cluster.prepared = false;
    await expect(system.desk.start(provision, 'test')).rejects.toMatchObject({ hint: 'Prepare the cluster.' });
    expect(checks).toBe(4);
  });

  it('to suspend a tenant for nothing: it works without the secret of the logins too', async () => {
    await system.readyTenant('acme');
    await system.secrets.destroy(secretRefs.tenantLogins(acme));
    const request = { kind: 'suspend-tenant', tenantId: acme, reason: 'unpaid' } as const;
    expect((await system.desk.plan(request)).findings).toMatchObject([{ code: 'secret-missing', severity: 'warning' }]);
    await system.perform(request);
  });

  it('a demotion when no cluster fits, with the reason of each', async () => {
    await system.readyTenant('acme', { plan: 'enterprise' });
    await system.catalog.clusters.update('shared-1', { state: 'cordoned' });
    await refused({ ...dumpMove, target: { tier: 'shared' } }, 'no-cluster-fits', /shared-1 is cordoned/);
  });

  it('a move to where the tenant is already, and a dedicated server that was not registered', async () => {
    await system.readyTenant('acme', { clusterId: 'shared-1' });
    await refused(
      { ...dumpMove, target: { tier: 'shared', clusterId: 'shared-1' } },
      'placement-conflict',
      /on shared-1 already/,
    );
    await refused(
      { ...dumpMove, target: { tier: 'dedicated', clusterId: 'mine' } },
      'cluster-not-found',
      /no cluster mine/,
    );
  });

  it('a version that is not the present one', async () => {
    await system.readyTenant('acme');
    await refused(
      { kind: 'quarantine-tenant', tenantId: acme, reason: 'over', expectedVersion: 1 },
      'version-conflict',
      /at version 2/,
    );
  });

  it('to start when a live check found an error; the dry run shows all findings', async () => {
    await system.readyTenant('acme');
    const error = {
      code: 'large-objects',
      severity: 'error',
      object: 'schema',
      message: 'It has large objects.',
      remedy: 'Remove them.',
    } as const;
    system.copy.findings = [error, { ...error, code: 'unlogged', severity: 'warning' }];
    const request = { ...dumpMove, target: { tier: 'dedicated' } } as const;
    expect((await system.desk.plan(request)).findings.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['large-objects', 'unlogged']),
    );
    await expect(system.desk.start(request, 'test')).rejects.toMatchObject({
      code: 'preflight-failed',
      hint: 'Remove them.',
      details: { findings: [error] },
    });
  });

  it('a move to a cluster where something bears the tenant’s name, and leaves that alone', async () => {
    await system.readyTenant('acme');
    await system.addCluster('shared-2');
    const place = placeOf(acme, 'shared-2', 'tenants');
    system.database.damage(place, 'schema', 'of somebody else');
    const request = { ...dumpMove, target: { tier: 'shared', clusterId: 'shared-2' } } as const;
    expect((await system.desk.plan(request)).findings).toContainEqual(
      expect.objectContaining({ code: 'target-taken', severity: 'error', object: 'cluster shared-2' }),
    );
    await expect(system.desk.start(request, 'test')).rejects.toMatchObject({ code: 'preflight-failed' });
    expect(system.database.objects(place)).toEqual(['schema']);
  });
});
