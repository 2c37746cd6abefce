import { type DrainTenant, type Finding, isLeft, parseTenantId, placeOf, type TenantId } from '@berth/domain';
import { FakeSystem } from '@berth/testing';
import { DrainDriver } from './drain-driver.js';
import { planDrain } from './drain-plan.js';

const ids = ['alpha', 'bravo', 'charlie', 'delta'].map((id) => parseTenantId(id));
let system: FakeSystem;
let driver: DrainDriver;

beforeEach(async () => {
  system = new FakeSystem();
  await system.addCluster('old');
  for (const id of ids) await system.readyTenant(id, { clusterId: 'old' });
  await system.addCluster('new-1', { maxTenants: 2 });
  await system.addCluster('new-2', { maxTenants: 3 });
  driver = newDriver();
});

function newDriver(): DrainDriver {
  const { drains, placements, moves, operations } = system.catalog;
  return new DrainDriver({ drains, placements, moves, operations, desk: system.desk });
}

async function start(
  change: { readonly atOnce?: number; readonly complete?: boolean; readonly strategy?: 'online' } = {},
): Promise<void> {
  await system.catalog.clusters.update('old', { state: 'cordoned' });
  const drain = {
    id: 'd1',
    clusterId: 'old',
    strategy: 'dump',
    atOnce: 2,
    complete: false,
    requestedBy: 'test',
  } as const;
  await system.catalog.drains.start({ ...drain, ...change }, ids);
}

const tenants = () => system.catalog.drains.tenants('d1');
const states = async () => Object.fromEntries((await tenants()).map(({ tenantId, state }) => [tenantId, state]));
const state = async () => (await system.catalog.drains.newestOf('old'))?.state;
const whereIs = async (id: TenantId) => (await system.catalog.placements.current(id))?.clusterId;

/** What the queue would bring to a worker. */
async function work(): Promise<void> {
  for (const id of await system.catalog.operations.due(new Date(Date.now() + system.clockOffsetMs), 100))
    await system.runOn(id);
}

async function untilOver(rounds = 12): Promise<readonly DrainTenant[]> {
  for (let round = 0; round < rounds && (await system.catalog.drains.newestOf('old'))?.endedAt === null; round += 1) {
    await driver.drive();
    await work();
  }
  return tenants();
}

const openMoves = async () =>
  (await system.catalog.moves.list({ open: true }, { limit: 100 })).items.filter(
    ({ state: one }) => one !== 'switched',
  );

describe('a drain', () => {
  it('moves every tenant to where there is room, no more at once than allowed, and keeps the old places', async () => {
    await start();
    await driver.drive();
    expect(await openMoves()).toHaveLength(2);
    await driver.drive();
    expect(await openMoves()).toHaveLength(2);
    const ended = await untilOver();
    expect(ended.map(({ state: one }) => one)).toEqual(['moved', 'moved', 'moved', 'moved']);
    expect(await state()).toBe('finished');
    expect((await Promise.all(ids.map(whereIs))).sort()).toEqual(['new-1', 'new-1', 'new-2', 'new-2']);
    const kept = await system.catalog.placements.onCluster('old');
    expect(kept.map((placement) => placement.state)).toEqual(['previous', 'previous', 'previous', 'previous']);
  });

  it('gives the old places up when that was asked for', async () => {
    await start({ complete: true, atOnce: 4 });
    const ended = await untilOver();
    expect(ended.map(({ state: one }) => one)).toEqual(['completed', 'completed', 'completed', 'completed']);
    expect(await system.catalog.placements.onCluster('old')).toEqual([]);
  });

  it('goes on past tenants that cannot go, and says of each why', async () => {
    const [alpha, bravo, charlie, delta] = ids as [TenantId, TenantId, TenantId, TenantId];
    await system.perform({ kind: 'suspend-tenant', tenantId: alpha, reason: 'unpaid' });
    await system.catalog.tenants.update(bravo, { constraints: { labels: { region: 'mars' } } });
    await start();
    const ended = await untilOver();
    expect(await state()).toBe('finished');
    expect(await states()).toEqual({ [alpha]: 'failed', [bravo]: 'failed', [charlie]: 'moved', [delta]: 'moved' });
    expect(ended[0]?.error).toMatchObject({ code: 'tenant-state', message: expect.stringContaining('is suspended') });
    expect(ended[1]?.error).toMatchObject({ code: 'no-cluster-fits', message: expect.stringContaining('region=mars') });
  });

  it('names a move that went back, and the operation that needs an operator, without waiting for it', async () => {
    const [alpha, bravo] = ids as [TenantId, TenantId];
    await start({ atOnce: 1 });
    await driver.drive();
    const [first] = await openMoves();
    await system.desk.cancel(first!.id);
    await work();
    await driver.drive();
    expect(await states()).toMatchObject({ [alpha]: 'failed', [bravo]: 'moving' });
    await work();
    expect((await untilOver()).map(({ state: one }) => one)).toEqual(['failed', 'moved', 'moved', 'moved']);
  });

  it('waits for another operation of a tenant, and tells what for', async () => {
    const [alpha] = ids as [TenantId];
    await system.desk.start({ kind: 'repair-tenant', tenantId: alpha }, 'test');
    await start();
    await driver.drive();
    expect((await tenants())[0]).toMatchObject({ state: 'waiting', error: { code: 'operation-in-progress' } });
    await work();
    expect((await untilOver())[0]).toMatchObject({ state: 'moved', error: null });
  });

  it('does not wait for somebody’s yes to a tenant on trial, and names it', async () => {
    const tenantId = parseTenantId('echo');
    const place = placeOf(tenantId, 'old', 'tenants', 'legacy');
    system.adoption.makeByHand(place, 'app');
    system.data.create(place);
    const where = { schema: 'legacy', clusterId: 'old', plan: 'free', constraints: { labels: {} } };
    const { id } = await system.desk.start({ kind: 'adopt-tenant', tenantId, ...where }, 'test');
    expect(await system.runOn(id)).toMatchObject({ state: 'waiting' });
    await start({ atOnce: 5 });
    await driver.drive();
    expect((await tenants()).find((one) => one.tenantId === tenantId)).toMatchObject({
      state: 'failed',
      error: { code: 'operation-in-progress' },
    });
  });

  it('finds a move that was started by a worker that died before it wrote that down', async () => {
    const [alpha] = ids as [TenantId];
    await start({ atOnce: 1 });
    const record = system.catalog.drains.record.bind(system.catalog.drains);
    system.catalog.drains.record = () => Promise.reject(new Error('killed'));
    await expect(driver.drive()).rejects.toThrow('killed');
    system.catalog.drains.record = record;
    driver = newDriver();
    await driver.drive();
    const [move, ...others] = await openMoves();
    expect(others).toEqual([]);
    expect((await tenants())[0]).toMatchObject({ tenantId: alpha, state: 'moving', moveId: move?.id });
    expect((await untilOver()).every((one) => one.state === 'moved')).toBe(true);
  });

  it('knows a move again that has even switched meanwhile', async () => {
    await start({ atOnce: 1 });
    const record = system.catalog.drains.record.bind(system.catalog.drains);
    system.catalog.drains.record = () => Promise.reject(new Error('killed'));
    await expect(driver.drive()).rejects.toThrow('killed');
    await work();
    system.catalog.drains.record = record;
    expect((await untilOver()).map((one) => one.state)).toEqual(['moved', 'moved', 'moved', 'moved']);
  });

  it('leaves a tenant alone whose move was reversed before it looked again, and says so', async () => {
    await start({ strategy: 'online', atOnce: 1, complete: true });
    await driver.drive();
    await work();
    const [{ id: moveId, tenantId } = { id: '', tenantId: ids[0]! }] = (
      await system.catalog.moves.list({ open: true }, { limit: 1 })
    ).items;
    await system.perform({ kind: 'reverse-move', moveId });
    const ended = await untilOver();
    expect(ended.find((one) => one.tenantId === tenantId)).toMatchObject({
      state: 'failed',
      error: { code: 'move-state', message: expect.stringMatching(/was reversed: the tenant is on cluster old again/) },
    });
    expect(await whereIs(tenantId)).toBe('old');
    expect(ended.filter(({ state: one }) => one === 'completed')).toHaveLength(3);
  });

  it('is driven by one worker at a time', async () => {
    await start();
    await Promise.all([driver.drive(), newDriver().drive(), newDriver().drive()]);
    expect(await openMoves()).toHaveLength(2);
  });

  it('stops: what is under way ends, nothing more begins, and a new one takes up the rest', async () => {
    await start();
    await driver.drive();
    await system.catalog.drains.stop('d1');
    const ended = await untilOver();
    expect(await state()).toBe('stopped');
    expect(ended.map((one) => one.state)).toEqual(['moved', 'moved', 'waiting', 'waiting']);
    expect(ended.filter(isLeft)).toHaveLength(2);
  });

  it('takes a tenant along that came after its start, and counts one that left by other means as gone', async () => {
    const [alpha] = ids as [TenantId];
    await system.perform({
      kind: 'move-tenant',
      tenantId: alpha,
      target: { tier: 'shared' },
      strategy: 'dump',
      switchMode: 'auto',
    });
    await system.readyTenant('echo-late', { clusterId: 'old' });
    await start();
    const ended = await untilOver();
    expect(ended.map(({ tenantId, state: one }) => [tenantId, one])).toEqual([
      ['alpha', 'gone'],
      ['bravo', 'moved'],
      ['charlie', 'moved'],
      ['delta', 'moved'],
      ['echo-late', 'moved'],
    ]);
  });

  it('chooses again when the target filled up before the move got there', async () => {
    await start({ atOnce: 4 });
    await driver.drive();
    const crowded = (await openMoves()).filter(({ toClusterId }) => toClusterId === 'new-1');
    expect(crowded.length).toBeGreaterThan(0);
    await system.catalog.clusters.update('new-1', { maxTenants: 0 });
    await system.catalog.clusters.update('new-2', { maxTenants: 9 });
    const ended = await untilOver();
    expect(ended.map(({ state: one, targetClusterId, error }) => [one, targetClusterId, error])).toEqual(
      ids.map(() => ['moved', 'new-2', null]),
    );
    expect(await state()).toBe('finished');
  });
});

describe('the dry run of a drain', () => {
  const plan = () =>
    planDrain(
      { ...system.catalog, desk: system.desk, isolation: system.isolation },
      { clusterId: 'old', strategy: 'dump' },
    );

  it('gives no room away twice, and changes nothing', async () => {
    await system.catalog.clusters.update('new-1', { maxTenants: 1 });
    await system.catalog.clusters.update('new-2', { maxTenants: 2 });
    const { departures } = await plan();
    expect(departures.map(({ tenantId, target, refusal }) => [tenantId, target, refusal?.code ?? null])).toEqual([
      ['alpha', 'new-1', null],
      ['bravo', 'new-2', null],
      ['charlie', 'new-2', null],
      ['delta', null, 'no-cluster-fits'],
    ]);
    expect(departures[3]?.decision?.considered.map(({ refusal }) => refusal?.code)).toEqual([
      'cluster-full',
      'cluster-full',
      'placement-conflict',
    ]);
    expect(await openMoves()).toEqual([]);
    expect(await system.catalog.clusters.get('old')).toMatchObject({ state: 'active' });
  });

  it('lists all reasons at once: state, live checks, and old places that are kept', async () => {
    const [alpha, bravo, charlie] = ids as [TenantId, TenantId, TenantId];
    await system.perform({ kind: 'suspend-tenant', tenantId: alpha, reason: 'unpaid' });
    const away = { tier: 'shared' } as const;
    const { id: moveId } = await system.perform({
      kind: 'move-tenant',
      tenantId: charlie,
      target: away,
      strategy: 'dump',
      switchMode: 'auto',
    });
    const fault: Finding = {
      code: 'extension-missing',
      severity: 'error',
      object: 'x',
      message: 'It lacks vector.',
      remedy: 'Install it.',
    };
    const preflight = system.copy.preflight.bind(system.copy);
    system.copy.preflight = async (source, target) => (source.tenantId === bravo ? [fault] : preflight(source, target));
    const { departures, keptPlaces } = await plan();
    expect(departures.map(({ tenantId, target, refusal }) => [tenantId, target, refusal?.message ?? null])).toEqual([
      ['alpha', null, expect.stringContaining('is suspended')],
      ['bravo', null, 'It lacks vector.'],
      ['delta', expect.stringContaining('new-'), null],
    ]);
    expect(keptPlaces).toEqual([{ tenantId: charlie, moveId }]);
  });

  it('refuses a cluster that belongs to one tenant', async () => {
    await system.addCluster('own', { tier: 'dedicated' });
    await expect(
      planDrain(
        { ...system.catalog, desk: system.desk, isolation: system.isolation },
        { clusterId: 'own', strategy: 'dump' },
      ),
    ).rejects.toMatchObject({ code: 'cluster-in-use' });
  });
});
