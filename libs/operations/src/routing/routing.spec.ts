import { parseTenantId, type PoolerAccess } from '@berth/domain';
import { FakeSystem, type FakePooler } from '@berth/testing';
import { mendRoutes, routeDrift } from './mend-routes.js';

const acme = parseTenantId('acme');
const promote = {
  kind: 'move-tenant',
  tenantId: acme,
  target: { tier: 'dedicated' },
  strategy: 'dump',
  switchMode: 'auto',
} as const;

describe('aliases at poolers', () => {
  let system: FakeSystem;
  let one: FakePooler;
  let two: FakePooler;

  beforeEach(async () => {
    system = new FakeSystem();
    await system.addCluster('shared-1');
    one = await system.addPooler('pool-1');
    two = await system.addPooler('pool-2');
  });
  const mend = async (id: string) => {
    const pooler = await system.catalog.poolers.get(id);
    if (pooler === null) throw new Error(`no pooler ${id}`);
    return await mendRoutes(system.tools, pooler);
  };
  const leadsTo = (pooler: FakePooler) => pooler.running.get(acme)?.port ?? null;
  const portOf = async () => {
    const place = await system.catalog.placements.current(acme);
    return (await system.catalog.clusters.get(place?.clusterId ?? ''))?.port;
  };

  it('are not planned where there is no pooler', async () => {
    await system.catalog.poolers.remove('pool-1');
    await system.catalog.poolers.remove('pool-2');
    await system.readyTenant('acme');
    const { steps } = await system.desk.plan(promote);
    expect(steps.map(({ name }) => name)).not.toContain('route-tenant');
    expect(steps.map(({ name }) => name)).not.toContain('hold-route');
  });

  it('lead to a new tenant, each with its share of the connections and the verifiers of the logins', async () => {
    const { place } = await system.readyTenant('acme');
    for (const pooler of [one, two]) {
      expect(pooler.running.get(acme)).toMatchObject({
        port: 5432,
        database: place.database,
        poolSize: 2, // Of 5 connections, at two poolers.
        logins: [{ role: place.loginRoles.a }],
      });
    }
  });

  it('go while the tenant is suspended, come back with it, and go for good when it is removed', async () => {
    await system.readyTenant('acme');
    await system.perform({ kind: 'suspend-tenant', tenantId: acme, reason: 'unpaid' });
    expect([leadsTo(one), leadsTo(two)]).toEqual([null, null]);
    await system.perform({ kind: 'change-plan', tenantId: acme, plan: 'pro', strategy: 'dump' });
    expect(leadsTo(one)).toBeNull();
    await system.perform({ kind: 'resume-tenant', tenantId: acme });
    expect(one.running.get(acme)?.poolSize).toBe(12);
    await system.perform({ kind: 'remove-tenant', tenantId: acme, reason: 'over' });
    expect([leadsTo(one), leadsTo(two)]).toEqual([null, null]);
  });

  it.each(['suspend-tenant', 'remove-tenant', 'quarantine-tenant'] as const)(
    'are as they were when %s is taken back',
    async (kind) => {
      await system.readyTenant('acme');
      const { id } = await system.desk.start({ kind, tenantId: acme, reason: 'no' }, 'test');
      const failpoints = {
        hit: async ({ step, moment, direction }: { step: string; moment: string; direction: string }) => {
          if (direction === 'run' && step === 'close-logins' && moment === 'after') await system.desk.cancel(id);
        },
      };
      const ended = await system.runOn(id, { failpoints });
      expect(ended.state).toBe('cancelled');
      expect([leadsTo(one), leadsTo(two)]).toEqual([5432, 5432]);
    },
  );

  it('follow the size of the plan', async () => {
    await system.readyTenant('acme');
    await system.perform({ kind: 'change-plan', tenantId: acme, plan: 'pro', strategy: 'dump' });
    expect(one.running.get(acme)?.poolSize).toBe(12);
  });

  it('are held while a move closes the old place, and lead to the new one with everybody let through', async () => {
    await system.readyTenant('acme');
    const { id } = await system.desk.start(promote, 'test');
    const seen: string[] = [];
    const failpoints = {
      hit: async ({ step, moment }: { step: string; moment: string }) => {
        if (moment !== 'before') return;
        if (step === 'close-source') seen.push(`held ${String(one.held.has(acme))} at ${String(leadsTo(one))}`);
        if (step === 'switch-secret') seen.push(`held ${String(one.held.has(acme))}`);
      },
    };
    expect((await system.runOn(id, { failpoints })).state).toBe('succeeded');
    expect(seen).toEqual(['held true at 5432', 'held false']);
    expect(leadsTo(one)).toBe(await portOf());
    expect(leadsTo(two)).toBe(await portOf());
  });

  it('keep no operation waiting at a pooler that is away; the clock reads it back later', async () => {
    await system.readyTenant('acme');
    two.answers = false;
    const moved = await system.perform(promote);
    expect(moved.result).toMatchObject({ latePoolers: ['pool-2'], notHeldAt: ['pool-2'] });
    expect(leadsTo(one)).toBe(await portOf());
    await expect(mend('pool-2')).rejects.toMatchObject({ code: 'pooler-unreachable' });
    // It was only cut off: it still has the old address.
    two.answers = true;
    expect(leadsTo(two)).toBe(5432);
    expect((await mend('pool-2')).length).toBeGreaterThan(0);
    expect(leadsTo(two)).toBe(await portOf());
    expect(await mend('pool-2')).toEqual([]);
  });

  it('wait, with the reason, for files that cannot be written', async () => {
    await system.readyTenant('acme');
    one.writable = false;
    const { id } = await system.desk.start(
      { kind: 'change-plan', tenantId: acme, plan: 'pro', strategy: 'dump' },
      'test',
    );
    const waiting = await system.runOn(id);
    expect(waiting).toMatchObject({ state: 'waiting', error: { code: 'pooler-files' } });
    one.writable = true;
    expect((await system.runOn(id, { patienceMs: 1_000 })).state).toBe('succeeded');
    expect(one.running.get(acme)?.poolSize).toBe(12);
  });

  it('are mended: lost files, a wrong place, a stranger, one that somebody holds', async () => {
    await system.readyTenant('acme');
    await system.readyTenant('globex');
    one.files = null;
    one.restart();
    await expect(mend('pool-1')).rejects.toMatchObject({ code: 'pooler-unreachable' });
    one.restart();
    await mend('pool-1');
    expect([...one.running.keys()].sort()).toEqual(['acme', 'globex']);

    const route = one.running.get(acme);
    if (route === undefined) throw new Error('acme has no alias');
    await system.router.route({ poolerId: 'pool-1' } as PoolerAccess, [
      { tenantId: acme, route: { ...route, port: 1 } },
      { tenantId: parseTenantId('stranger'), route },
    ]);
    one.held.add(parseTenantId('globex'));
    expect((await mend('pool-1')).map(({ tenantId }) => tenantId).sort()).toEqual(['acme', 'globex', 'stranger']);
    expect([...one.running.values()].map(({ port }) => port)).toEqual([5432, 5432]);
    expect(one.held.size).toBe(0);
    expect(await mend('pool-1')).toEqual([]);
  });

  it('are left to an operation that is at work', async () => {
    await system.readyTenant('acme');
    const { id } = await system.desk.start(promote, 'test');
    let mended: unknown;
    const failpoints = {
      hit: async ({ step, moment }: { step: string; moment: string }) => {
        if (step === 'close-source' && moment === 'before') mended = await mend('pool-1');
        if (step === 'close-source' && moment === 'after') mended = [mended, one.held.has(acme)];
      },
    };
    await system.runOn(id, { failpoints });
    expect(mended).toEqual([[], true]);
  });

  it('are only looked at by a report', async () => {
    await system.readyTenant('acme');
    one.running.delete(acme);
    const [pooler] = await system.catalog.poolers.list();
    expect(await routeDrift(system.tools, pooler!)).toMatchObject([{ tenantId: acme }]);
    expect(leadsTo(one)).toBeNull();
  });
});
