import { BerthError, parseTenantId, type Place, secretRefs, type TenantId } from '@berth/domain';
import type { Failpoints } from '@berth/saga';
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

/** Does something just before the act of this step. */
const before = (name: string, act: () => void | Promise<void>): Failpoints => ({
  hit: async ({ step, direction, moment }) => {
    if (step === name && direction === 'run' && moment === 'before') await act();
  },
});

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
    const reason = 'The tenant stayed where it was; nothing of the move is left.';
    expect(await system.catalog.moves.get(id)).toMatchObject({ state: 'cancelled', reason, error: null });
    await system.perform(promote);
  });

  it('a move during which a table changed: it tells which, and what to do', async () => {
    await system.readyTenant('acme');
    const { id } = await system.desk.start(promote, 'test');
    const place = await system.catalog.placements.current(acme);
    const failpoints = before('mark-moved', () => {
      system.data.schema(place!).definitions.set('column item.more', 'int');
    });
    const { error } = await system.runOn(id, { failpoints });
    expect(error).toMatchObject({
      code: 'schema-changed',
      hint: expect.stringMatching(/start the move again/) as string,
    });
    expect(await system.catalog.moves.get(id)).toMatchObject({
      ...{ state: 'cancelled', error },
      reason: expect.stringMatching(/during the move: column item\.more .*\. The tenant stayed where it was/) as string,
    });
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
      failpoints: before('verify-copy', async () => {
        const target = await system.catalog.placements.get(acme, 2);
        system.data.schema(target!).tables.get('item')?.set('1', 'changed');
      }),
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

  const itemChangedAt = (place: Place) => () => {
    system.data.schema(place).tables.get('item')?.set('1', 'changed after the dump');
  };
  const differs = {
    state: 'failed',
    error: { code: 'verification-failed', message: expect.stringMatching(/final dump.*item/) as string },
  };

  it('a removal whose final dump is not the tenant: it writes on, and no dump is kept', async () => {
    const { place } = await system.readyTenant('acme');
    const { id } = await system.desk.start({ kind: 'remove-tenant', tenantId: acme, reason: 'over' }, 'test');
    const failpoints = before('rehearse-final-dump', itemChangedAt(place));
    expect(await system.runOn(id, { failpoints })).toMatchObject(differs);
    expect(await system.catalog.tenants.get(acme)).toMatchObject({ state: 'ready' });
    expect(await system.fence.state(place)).toBe('open');
    system.data.write(place, 'item', '2', 'the tenant works on');
    expect(system.database.connect(place, 'a')).toBeDefined();
    expect(system.copy.dumps()).toEqual([]);
  });

  it('a completion whose final dump is not the old place: that is kept, and the move can be completed later', async () => {
    const { place } = await system.readyTenant('acme');
    const { id: moveId } = await system.perform(promote);
    const { id } = await system.desk.start({ kind: 'complete-move', moveId }, 'test');
    const failpoints = before('rehearse-final-dump', itemChangedAt(place));
    expect(await system.runOn(id, { failpoints })).toMatchObject(differs);
    expect(await system.catalog.moves.get(moveId)).toMatchObject({ state: 'switched' });
    expect(await system.catalog.placements.get(acme, 1)).toMatchObject({ state: 'previous' });
    expect(await system.database.leftovers(place)).not.toEqual([]);
    expect(system.copy.dumps()).toEqual([]);
    await system.perform({ kind: 'complete-move', moveId });
    expect(await system.database.leftovers(place)).toEqual([]);
  });

  it.each(['dump-source', 'restore-target'])('a move whose disk fills in %s: the tenant writes again', async (step) => {
    const { place } = await system.readyTenant('acme');
    const { id } = await system.desk.start(promote, 'test');
    const full = new BerthError('disk-full', 'The disk of the dump folder is full.');
    const failpoints = before(step, () => {
      expect(() => system.data.write(place, 'item', '2', 'too early')).toThrow('tenant moved');
      system.copy.failure = full;
    });
    expect(await system.runOn(id, { failpoints })).toMatchObject({ state: 'failed', error: { code: 'disk-full' } });
    system.data.write(place, 'item', '2', 'the tenant works on');
    expect(await system.catalog.placements.current(acme)).toMatchObject({ clusterId: 'shared-1', generation: 1 });
    expect(await system.infrastructure.list()).toEqual([]);
    expect(system.copy.dumps()).toEqual([]);
    system.copy.failure = undefined;
    await system.perform(promote);
  });

  it('nothing but the switch writes the secret: until then every version of it is the old one', async () => {
    await system.readyTenant('acme');
    const ref = secretRefs.tenantDb(acme);
    const versions = new Map<string, number>();
    const failpoints: Failpoints = {
      hit: async ({ step, moment }) => {
        if (moment === 'before') versions.set(step, await system.secrets.newestVersion(ref));
      },
    };
    const { id } = await system.desk.start(promote, 'test');
    expect(await system.runOn(id, { failpoints })).toMatchObject({ state: 'succeeded' });
    const steps = [...versions.keys()];
    const untilSwitch = steps.slice(0, steps.indexOf('switch-secret') + 1);
    expect(untilSwitch).toEqual(expect.arrayContaining(['create-instance', 'mark-moved', 'switch-placement']));
    expect(untilSwitch.map((step) => versions.get(step))).toEqual(untilSwitch.map(() => 1));
    expect(await system.secrets.newestVersion(ref)).toBe(2);
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
