import { DrainCatalog } from '@berth/ports';
import type { TenantId } from '@berth/domain';
import { freshTenantId } from '../crash/world.js';
import { eventually, WorkerWorld } from './worker-world.js';

describe('a cluster that is drained', () => {
  let here: WorkerWorld;
  beforeAll(async () => {
    here = await WorkerWorld.open();
  });
  afterAll(() => here.close());

  it('is empty in the end, though its worker is killed meanwhile, and the tenant that cannot go is named', async () => {
    const { tools, app, desk } = here.world;
    const drains = app.get(DrainCatalog);
    const first = await here.worker({ BERTH_LEASE_MS: '2000' });
    const tenants = [1, 2, 3, 4].map(() => freshTenantId()).sort() as [TenantId, ...TenantId[]];
    for (const id of tenants)
      expect(await here.ended(await here.provision('shared-1', id))).toMatchObject({ state: 'succeeded' });
    const [suspended, ...others] = tenants;
    const request = { kind: 'suspend-tenant', tenantId: suspended, reason: 'unpaid' } as const;
    await here.ended((await desk.start(request, 'test')).id);

    await tools.clusters.update('shared-1', { state: 'cordoned' });
    const asked = { id: 'drain-1', clusterId: 'shared-1', strategy: 'dump', complete: true, atOnce: 1 } as const;
    await drains.start({ ...asked, requestedBy: 'test' }, tenants);
    const seen = new Set<string>();
    const moving = async () => (await drains.tenants('drain-1')).filter(({ state }) => state === 'moving');
    await eventually(async () => (await moving())[0] ?? null);
    await first.end('SIGKILL');
    await here.worker({ BERTH_LEASE_MS: '2000' });

    await eventually(async () => {
      const now = await moving();
      expect(now.length).toBeLessThanOrEqual(1);
      for (const { tenantId } of now) seen.add(tenantId);
      return (await drains.newestOf('shared-1'))?.state === 'finished' ? true : null;
    }, 150_000);
    const states = (await drains.tenants('drain-1')).map(({ tenantId, state, error }) => [
      tenantId,
      state,
      error?.code,
    ]);
    expect(states).toEqual([
      [suspended, 'failed', 'tenant-state'],
      ...others.map((id) => [id, 'completed', undefined]),
    ]);
    const left = await tools.placements.onCluster('shared-1');
    expect(left.map(({ tenantId }) => tenantId)).toEqual([suspended]);
    for (const id of others) {
      const place = await tools.placements.current(id);
      expect(place).toMatchObject({ clusterId: 'shared-2' });
      expect((await here.world.operation(place?.operationId ?? '')).decision).toMatchObject({
        chosen: 'shared-2',
        considered: [
          { clusterId: 'shared-1', refusal: { code: 'placement-conflict' } },
          { clusterId: 'shared-2', refusal: null },
        ],
      });
    }
    expect(seen.size).toBeGreaterThan(0);
  });
});
