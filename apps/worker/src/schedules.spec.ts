import { BerthError, parseTenantId } from '@berth/domain';
import { CatalogClusterDirectory } from '@berth/operations';
import { FakeSystem } from '@berth/testing';
import { pino } from 'pino';
import { Schedules } from './schedules.js';

const dayMs = 86_400_000;

describe('what a worker does by the clock', () => {
  let system: FakeSystem;
  let schedules: Schedules;
  let logged: string[];

  beforeEach(async () => {
    logged = [];
    system = new FakeSystem();
    await system.addCluster('shared-1');
    const { operations, tenants, clusters, idempotency, placements, poolers, audit } = system.catalog;
    const { infrastructure, queue, desk, router, secrets } = system;
    const now = () => new Date(Date.now() + system.clockOffsetMs);
    schedules = new Schedules(
      {
        ...{ operations, tenants, clusters, placements, poolers, idempotency, audit },
        ...{ infrastructure, queue, desk, router, secrets, now },
        probe: system.probe,
        directory: new CatalogClusterDirectory(clusters, secrets),
        drains: { drive: async () => undefined },
        streams: { look: async () => undefined },
        doctor: { look: async () => undefined },
        prover: system.prover(),
      },
      pino({}, { write: (line: string) => void logged.push(line) }),
    );
  });

  const tenantsOnShelf = (count: number) =>
    Array.from({ length: count }, (_, index) => parseTenantId(`tenant-${String(index)}`));

  it('brings back what the queue lost, all of it, also behind a long line that nobody can serve', async () => {
    for (const tenantId of tenantsOnShelf(450)) {
      await system.desk.start(
        { kind: 'provision-tenant', tenantId, plan: 'free', constraints: { labels: {} } },
        'test',
      );
    }
    system.queue.loseEverything();
    for (let round = 0; round < 3; round += 1) await schedules.sweep();
    expect((await system.queue.depth()).waiting).toBe(450);
    system.queue.loseEverything();
    for (let round = 0; round < 3; round += 1) await schedules.sweep();
    expect((await system.queue.depth()).waiting).toBe(450);
  });

  const quarantined = async (id: string) => {
    const { tenantId } = await system.readyTenant(id);
    await system.perform({ kind: 'quarantine-tenant', tenantId, reason: 'over' });
    return tenantId;
  };
  const removalsOf = async (id: string) =>
    (await system.catalog.operations.list({ tenantId: parseTenantId(id), kind: 'remove-tenant' }, { limit: 100 }))
      .items;

  it('removes a quarantined tenant when its retention has ended, not before', async () => {
    const tenantId = await quarantined('acme');
    await schedules.removeExpired();
    expect(await removalsOf('acme')).toEqual([]);
    system.clockOffsetMs += 7 * dayMs + 1_000;
    await schedules.removeExpired();
    const [removal] = await removalsOf('acme');
    expect(await system.runOn(removal!.id)).toMatchObject({ state: 'succeeded', requestedBy: 'schedule' });
    expect(await system.catalog.tenants.get(tenantId)).toMatchObject({ state: 'removed' });
    const { items } = await system.catalog.audit.list({ tenantId }, { limit: 9 });
    expect(items).toMatchObject([{ actor: 'schedule', action: 'remove-tenant', operationId: removal!.id }]);
  });

  it('leaves a removal alone that somebody cancelled or that failed, for an hour', async () => {
    await quarantined('acme');
    system.clockOffsetMs += 8 * dayMs;
    await schedules.removeExpired();
    const [first] = await removalsOf('acme');
    await system.desk.cancel(first!.id);
    expect(await system.runOn(first!.id)).toMatchObject({ state: 'cancelled' });
    await schedules.removeExpired();
    expect(await removalsOf('acme')).toHaveLength(1);
    system.clockOffsetMs += 3_601_000;
    await schedules.removeExpired();
    expect(await removalsOf('acme')).toHaveLength(2);
  });

  it('removes the others when one cannot be removed, and says at the end what stood in the way', async () => {
    await quarantined('first');
    await quarantined('second');
    system.clockOffsetMs += 8 * dayMs;
    const start = system.desk.start.bind(system.desk);
    system.desk.start = async (request, by) => {
      if ('tenantId' in request && request.tenantId === 'first') throw new BerthError('secrets-unavailable', 'sealed');
      return await start(request, by);
    };
    await expect(schedules.removeExpired()).rejects.toMatchObject({ code: 'secrets-unavailable' });
    expect(await removalsOf('second')).toHaveLength(1);
  });

  it('tells whose removal is refused and why, each round until that is mended', async () => {
    await quarantined('acme');
    system.clockOffsetMs += 8 * dayMs;
    const fault = { severity: 'error', object: 'large objects', remedy: 'Remove them.' } as const;
    system.copy.findings = [{ ...fault, code: 'large-objects', message: 'There are 3 large objects.' }];
    await schedules.removeExpired();
    expect(await removalsOf('acme')).toEqual([]);
    expect(logged).toEqual([expect.stringMatching(/"tenantId":"acme".*There are 3 large objects.*is refused/)]);
    system.copy.findings = [];
    await schedules.removeExpired();
    expect(await removalsOf('acme')).toHaveLength(1);
  });

  it('waits for an operation of the tenant that is under way', async () => {
    const tenantId = await quarantined('acme');
    system.clockOffsetMs += 8 * dayMs;
    await system.desk.start({ kind: 'resume-tenant', tenantId }, 'test');
    await schedules.removeExpired();
    expect(await removalsOf('acme')).toEqual([]);
  });

  it('starts stopped instances, also when another one is lost, and repairs tenants whose address changed', async () => {
    await system.readyTenant('lost', { plan: 'enterprise' });
    const { tenantId, place } = await system.readyTenant('moved', { plan: 'enterprise' });
    system.infrastructure.loseData('dedicated-lost-g1');
    system.infrastructure.stop(place.clusterId);
    await system.catalog.clusters.update(place.clusterId, { port: 1 });
    await expect(schedules.startInstances()).rejects.toMatchObject({ code: 'infrastructure-failed' });
    expect(await system.infrastructure.inspect(place.clusterId)).toMatchObject({ state: 'running' });
    const status = await system.infrastructure.inspect(place.clusterId);
    const port = status.state === 'running' ? status.instance.port : 0;
    expect(await system.catalog.clusters.get(place.clusterId)).toMatchObject({ port });
    const { items } = await system.catalog.operations.list({ tenantId, kind: 'repair-tenant' }, { limit: 9 });
    expect(items).toMatchObject([{ requestedBy: 'schedule' }]);
  });

  it('fills a pooler that was registered late, and mends the others when one is away', async () => {
    const { tenantId } = await system.readyTenant('acme');
    const away = await system.addPooler('away');
    away.answers = false;
    const late = await system.addPooler('late');
    await schedules.mendRoutes();
    expect(late.running.get(tenantId)).toMatchObject({ port: 5432 });
    away.restart();
    await schedules.mendRoutes();
    expect(away.running.get(tenantId)).toMatchObject({ port: 5432 });
  });

  it('brings every cluster to what this version needs, once, and tries one that is away again', async () => {
    await system.addCluster('shared-2');
    const [one, two] = [system.probe.cluster('shared-1'), system.probe.cluster('shared-2')];
    [one.prepared, two.prepared, one.reachable] = [false, false, false];
    await schedules.prepareClusters();
    expect([one.prepared, two.prepared]).toEqual([false, true]);
    one.reachable = true;
    two.prepared = false;
    await schedules.prepareClusters();
    expect([one.prepared, two.prepared]).toEqual([true, false]);
  });

  it('goes on by the clock after a duty failed, and stops when it is told to', async () => {
    let sweeps = 0;
    let enough: () => void = () => undefined;
    const thrice = new Promise<void>((resolve) => (enough = resolve));
    system.catalog.operations.due = async () => {
      sweeps += 1;
      if (sweeps === 3) enough();
      throw new BerthError('catalog-unavailable', 'gone');
    };
    schedules.start(5);
    await thrice;
    await schedules.stop();
    const atStop = sweeps;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(sweeps).toBe(atStop);
  });
});
