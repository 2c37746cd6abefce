import type { Drain, TenantId } from '@berth/domain';
import { addTenant, type CatalogSubject, type MakeCatalog, newOperation, race } from './catalog-subject.js';

const newDrain = (change: Partial<Drain> = {}) => ({
  id: 'd1',
  clusterId: 'c1',
  strategy: 'dump' as const,
  complete: false,
  atOnce: 2,
  requestedBy: 'key:test',
  ...change,
});

export function describeDrainCatalogContract(name: string, makeCatalog: MakeCatalog): void {
  describe(`the drains of ${name}`, () => {
    let subject: CatalogSubject;
    let tenants: readonly TenantId[];
    beforeEach(async () => {
      subject = await makeCatalog();
      tenants = [await addTenant(subject.catalog), await addTenant(subject.catalog)].sort();
    });
    afterEach(async () => {
      await subject.close();
    });
    const drains = () => subject.catalog.drains;

    it('starts one for a cluster at a time, with its tenants', async () => {
      const started = await drains().start(newDrain(), tenants);
      expect(started).toEqual({ ...newDrain(), state: 'running', createdAt: expect.any(Date), endedAt: null });
      const waiting = { state: 'waiting', moveId: null, targetClusterId: null, error: null };
      expect(await subject.other.drains.tenants('d1')).toEqual(tenants.map((tenantId) => ({ tenantId, ...waiting })));
      await expect(drains().start(newDrain({ id: 'd2' }), [])).rejects.toMatchObject({ code: 'cluster-draining' });
      await drains().end('d1');
      await drains().start(newDrain({ id: 'd3' }), []);
      expect(await drains().newestOf('c1')).toMatchObject({ id: 'd3', state: 'running' });
      expect(await drains().newestOf('c2')).toBeNull();
    });

    it('lets one of two starts at once win', async () => {
      const attempts = [drains(), subject.other.drains].map((door, index) =>
        door.start(newDrain({ id: `r${String(index)}` }), tenants),
      );
      const { won, codes } = await race(attempts);
      expect([won.length, codes]).toEqual([1, ['cluster-draining']]);
    });

    it('records what becomes of a tenant, and adds those that came later', async () => {
      const [one, two] = tenants as readonly [TenantId, TenantId];
      await drains().start(newDrain(), [one]);
      const move = newOperation({
        kind: 'move-tenant',
        tenantId: one,
        newMove: {
          strategy: 'dump',
          direction: 'relocate',
          switchMode: 'auto',
          planBefore: null,
          maxRetainedBytes: null,
          fromGeneration: 1,
          toGeneration: 2,
          fromClusterId: 'c1',
          toClusterId: 'c2',
        },
      });
      await subject.catalog.operations.create(move);
      expect(await subject.catalog.clusters.tenantCounts()).toEqual({ c2: 1 });
      const error = { code: 'copy-failed', message: 'No.', hint: null, details: { lines: 1 } };
      await drains().record('d1', one, { state: 'moving', moveId: move.id, targetClusterId: 'c2' });
      await drains().record('d1', one, { state: 'failed', error });
      await drains().add('d1', [one, two]);
      expect(await drains().tenants('d1')).toEqual([
        { tenantId: one, state: 'failed', moveId: move.id, targetClusterId: 'c2', error },
        { tenantId: two, state: 'waiting', moveId: null, targetClusterId: null, error: null },
      ]);
      await drains().record('d1', one, { state: 'waiting', error: null });
      expect((await drains().tenants('d1'))[0]).toMatchObject({ state: 'waiting', moveId: move.id, error: null });
    });

    it('lets one drive it at a time, and another when that one is gone', async () => {
      await drains().start(newDrain(), []);
      expect((await drains().claim(10_000)).map(({ id }) => id)).toEqual(['d1']);
      expect(await subject.other.drains.claim(10_000)).toEqual([]);
      await subject.passTime(10_100);
      expect(await subject.other.drains.claim(10_000)).toHaveLength(1);
      await subject.other.drains.release('d1');
      expect(await drains().claim(10_000)).toHaveLength(1);
    });

    it('is stopped, and then no longer driven', async () => {
      await drains().start(newDrain(), []);
      expect(await drains().stop('d1')).toMatchObject({ state: 'stopping', endedAt: null });
      expect(await drains().stop('d1')).toMatchObject({ state: 'stopping' });
      expect(await drains().claim(1_000)).toEqual([expect.objectContaining({ state: 'stopping' })]);
      await drains().end('d1');
      await drains().end('d1');
      expect(await drains().newestOf('c1')).toMatchObject({ state: 'stopped', endedAt: expect.any(Date) });
      await subject.passTime(5_000);
      expect(await drains().claim(1_000)).toEqual([]);
      await expect(drains().stop('d1')).rejects.toMatchObject({ code: 'drain-not-found' });
      await expect(drains().stop('none')).rejects.toMatchObject({ code: 'drain-not-found' });
    });
  });
}
