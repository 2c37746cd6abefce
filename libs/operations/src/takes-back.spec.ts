import { BerthError, parseTenantId, secretRefs, type TenantId } from '@berth/domain';
import { FakeSystem } from '@berth/testing';

const acme = parseTenantId('acme');
const provision = { kind: 'provision-tenant', tenantId: acme, plan: 'free', constraints: { labels: {} } } as const;
const promote = {
  kind: 'move-tenant',
  tenantId: acme,
  target: { tier: 'dedicated' },
  strategy: 'dump',
  switchMode: 'auto',
} as const;

describe('what was begun is taken back', () => {
  let system: FakeSystem;
  beforeEach(async () => {
    system = new FakeSystem();
    await system.addCluster('shared-1');
  });
  const cancelBeforeItBegins = async (id: string) => {
    await system.desk.cancel(id);
    expect(await system.runOn(id)).toMatchObject({ state: 'cancelled' });
  };

  it('a creation that is cancelled before any step: the tenant says so, and its name is free', async () => {
    await cancelBeforeItBegins((await system.desk.start(provision, 'test')).id);
    expect(await system.catalog.tenants.get(acme)).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('berth tenants create acme') as string,
    });
    await system.perform(provision);
    expect(await system.catalog.tenants.get(acme)).toMatchObject({ state: 'ready' });
  });

  it('a move that is cancelled before any step: it is closed, and the tenant can be moved', async () => {
    await system.readyTenant('acme');
    const { id } = await system.desk.start(promote, 'test');
    await cancelBeforeItBegins(id);
    expect(await system.catalog.moves.get(id)).toMatchObject({ state: 'cancelled' });
    await system.perform(promote);
  });

  it('a move whose tenant is elsewhere by now: refused with the reason, and nothing of the other move is touched', async () => {
    await system.addCluster('shared-2');
    await system.readyTenant('acme', { clusterId: 'shared-1' });
    const { id } = await system.desk.start(promote, 'test');
    // As after a restored catalog: the generation that this move planned is current, by the hand of another one.
    const { placements } = system.catalog;
    const current = await placements.current(acme);
    await placements.reserve({
      ...current!,
      clusterId: 'shared-2',
      generation: 2,
      operationId: '00000000-0000-4000-8000-00000000000f',
    });
    await placements.switchTo(acme, { from: 1, to: 2 });
    expect(await system.runOn(id)).toMatchObject({
      state: 'failed',
      error: { code: 'placement-conflict', message: expect.stringMatching(/not where the plan/) as string },
    });
    expect(await placements.current(acme)).toMatchObject({ generation: 2, clusterId: 'shared-2' });
    expect(await system.catalog.moves.get(id)).toMatchObject({ state: 'cancelled' });
  });

  it('a difference between source and target stops the move before the pivot; the tenant works on at the source', async () => {
    const { place } = await system.readyTenant('acme');
    const { id } = await system.desk.start(promote, 'test');
    const ended = await system.runOn(id, {
      failpoints: {
        hit: async ({ step, direction, moment }) => {
          if (step !== 'verify-copy' || direction !== 'run' || moment !== 'before') return;
          const target = await system.catalog.placements.get(acme, 2);
          system.data.schema(target!).tables.get('item')?.set('1', 'changed');
        },
      },
    });
    expect(ended).toMatchObject({
      state: 'failed',
      error: { code: 'verification-failed', message: expect.stringMatching(/item/) as string },
    });
    system.data.write(place, 'item', '2', 'the tenant works on');
    expect(system.database.connect(place, 'a')).toBeDefined();
    expect(await system.infrastructure.list()).toEqual([]);
    expect(await system.catalog.clusters.get('dedicated-acme-g2')).toBeNull();
    expect(await system.catalog.moves.get(id)).toMatchObject({ state: 'cancelled', comparison: { equal: false } });
  });

  it('a removal that failed its rehearsal leaves the tenant as it was', async () => {
    const { place } = await system.readyTenant('acme');
    system.copy.failure = new BerthError('copy-failed', 'the dump broke');
    const { id } = await system.desk.start({ kind: 'remove-tenant', tenantId: acme, reason: 'over' }, 'test');
    expect(await system.runOn(id)).toMatchObject({ state: 'failed', error: { message: 'the dump broke' } });
    expect(await system.catalog.tenants.get(acme)).toMatchObject({ state: 'ready' });
    expect(system.database.connect(place, 'a')).toBeDefined();
  });
});

describe('the ledger of migrations', () => {
  const one = { version: '001_make', content: 'CREATE TABLE a ()' };
  const two = { version: '002_fill', content: 'INSERT' };
  const versions = async (system: FakeSystem, id: TenantId) =>
    (await system.catalog.ledger.of(id)).applied.map(({ version }) => version);

  it('holds also what was applied before the one that failed; a mended file and a retry finish the tenant', async () => {
    const system = new FakeSystem();
    await system.addCluster('shared-1');
    system.migrations.migrations = [one, { ...two, fails: 'syntax error' }];
    const { id } = await system.desk.start(provision, 'test');
    expect(await system.runOn(id)).toMatchObject({
      state: 'needs-operator',
      error: { code: 'migration-failed', details: { version: '002_fill', line: 1 } },
    });
    expect(await system.catalog.tenants.get(acme)).toMatchObject({ state: 'provisioning' });
    expect(await system.catalog.ledger.of(acme)).toMatchObject({ failure: { version: '002_fill' } });
    system.migrations.migrations = [one, two];
    await system.desk.retry(id);
    expect(await system.runOn(id)).toMatchObject({ state: 'succeeded' });
    expect(await versions(system, acme)).toEqual(['001_make', '002_fill']);
    expect(await system.catalog.ledger.behind(await system.migrations.available(), 10)).toEqual([]);
    expect(await system.secrets.read(secretRefs.tenantDb(acme))).not.toBeNull();
  });

  it('holds what a killed worker applied without writing it down', async () => {
    const system = new FakeSystem();
    await system.addCluster('shared-1');
    system.migrations.migrations = [one, two];
    const record = system.catalog.ledger.record.bind(system.catalog.ledger);
    let lost = false;
    system.catalog.ledger.record = async (...args) => {
      if (lost) return await record(...args);
      lost = true;
      throw new BerthError('catalog-unavailable', 'The catalog went away.');
    };
    const { id } = await system.desk.start(provision, 'test');
    expect(await system.runOn(id, { patienceMs: 1_000 })).toMatchObject({ state: 'succeeded' });
    expect(await versions(system, acme)).toEqual(['001_make', '002_fill']);
  });
});
