import {
  addTenant,
  type CatalogSubject,
  cluster,
  freshTenantId,
  type MakeCatalog,
  race,
  reservation,
} from './catalog-subject.js';

export function describePlacementCatalogContract(name: string, makeCatalog: MakeCatalog): void {
  describe(`the placements of ${name}`, () => {
    let subject: CatalogSubject;
    beforeEach(async () => {
      subject = await makeCatalog();
      await subject.catalog.clusters.add(cluster());
      await subject.catalog.clusters.add(cluster({ id: 'c2' }));
    });
    afterEach(async () => {
      await subject.close();
    });
    const placements = () => subject.catalog.placements;

    it('reserves, and the same operation again changes nothing', async () => {
      const id = await addTenant(subject.catalog);
      const wanted = reservation(id);
      expect(await placements().nextGeneration(id)).toBe(1);
      const reserved = await placements().reserve(wanted);
      expect(reserved).toEqual({ ...wanted, state: 'preparing', createdAt: expect.any(Date), endedAt: null });
      expect(await placements().reserve(wanted)).toEqual(reserved);
      expect(await placements().nextGeneration(id)).toBe(2);
      expect(await placements().current(id)).toBeNull();
      expect(await placements().get(id, 1)).toEqual(reserved);
      expect(await placements().get(id, 2)).toBeNull();
    });

    it('gives one generation to one operation', async () => {
      const id = await addTenant(subject.catalog);
      const attempts = Array.from({ length: 10 }, (_, index) =>
        (index % 2 === 0 ? placements() : subject.other.placements).reserve(
          reservation(id, { operationId: `op-${String(index)}`, clusterId: index % 3 === 0 ? 'c1' : 'c2' }),
        ),
      );
      const { won, codes } = await race(attempts);
      expect(won).toHaveLength(1);
      expect(codes).toEqual(Array(9).fill('placement-conflict'));
    });

    it('gives one schema name of a cluster to one placement, until that is retired', async () => {
      const id = await addTenant(subject.catalog);
      await placements().reserve(reservation(id));
      const again = reservation(id, { generation: 2, operationId: 'op-2' });
      await expect(placements().reserve(again)).rejects.toMatchObject({ code: 'placement-conflict' });
      await placements().retire(id, 1);
      expect(await placements().reserve(again)).toMatchObject({ generation: 2, state: 'preparing' });
    });

    it('never fills a cluster beyond its limit, whoever comes at once', async () => {
      await subject.catalog.clusters.update('c1', { maxTenants: 3 });
      const ids = Array.from({ length: 8 }, () => freshTenantId('full'));
      for (const id of ids) await addTenant(subject.catalog, id);
      const { won, codes } = await race(
        ids.map((id, index) => (index % 2 === 0 ? placements() : subject.other.placements).reserve(reservation(id))),
      );
      expect(won).toHaveLength(3);
      expect(codes).toEqual(Array(5).fill('cluster-full'));
      expect(await subject.catalog.clusters.tenantCounts()).toEqual({ c1: 3 });
    });

    it('refuses a cluster that is cordoned or unknown, and lets a dedicated one be reserved before it is made', async () => {
      const id = await addTenant(subject.catalog);
      await subject.catalog.clusters.update('c1', { state: 'cordoned' });
      await expect(placements().reserve(reservation(id))).rejects.toMatchObject({ code: 'cluster-cordoned' });
      await expect(placements().reserve(reservation(id, { clusterId: 'none' }))).rejects.toMatchObject({
        code: 'cluster-not-found',
      });
      const dedicated = reservation(id, { clusterId: 'dedicated-x-g1', tier: 'dedicated' });
      expect(await placements().reserve(dedicated)).toMatchObject({ clusterId: 'dedicated-x-g1' });
    });

    it('switches by compare-and-set, there and back, and again without an error', async () => {
      const id = await addTenant(subject.catalog);
      await placements().reserve(reservation(id));
      await placements().switchTo(id, { from: null, to: 1 });
      await placements().reserve(reservation(id, { generation: 2, clusterId: 'c2', operationId: 'op-2' }));
      await placements().switchTo(id, { from: 1, to: 2 });
      await placements().switchTo(id, { from: 1, to: 2 });
      expect((await placements().history(id)).map(({ generation, state }) => [generation, state])).toEqual([
        [1, 'previous'],
        [2, 'current'],
      ]);
      await placements().switchTo(id, { from: 2, to: 1 });
      expect((await placements().current(id))?.generation).toBe(1);
    });

    it('refuses a switch from what is not current, or to what is not there', async () => {
      const id = await addTenant(subject.catalog);
      await placements().reserve(reservation(id));
      for (const change of [
        { from: 3, to: 1 },
        { from: null, to: 2 },
      ]) {
        await expect(placements().switchTo(id, change)).rejects.toMatchObject({ code: 'placement-conflict' });
      }
      await placements().retire(id, 1);
      await expect(placements().switchTo(id, { from: null, to: 1 })).rejects.toMatchObject({
        code: 'placement-conflict',
      });
    });

    it('returns to a place that is kept, under a generation that nobody had, and again without an error', async () => {
      const id = await addTenant(subject.catalog);
      await placements().reserve(reservation(id));
      await placements().switchTo(id, { from: null, to: 1 });
      await placements().reserve(reservation(id, { generation: 2, clusterId: 'c2', operationId: 'op-2' }));
      const back = { from: 2, back: 1, to: 3, operationId: 'op-3' };
      await expect(placements().returnTo(id, back)).rejects.toMatchObject({ code: 'placement-conflict' });
      await placements().switchTo(id, { from: 1, to: 2 });
      await subject.catalog.clusters.update('c1', { state: 'cordoned', maxTenants: 0 });
      for (const change of [{ to: 2 }, { to: 1 }, { from: 1 }, { back: 2 }]) {
        await expect(placements().returnTo(id, { ...back, ...change })).rejects.toMatchObject({
          code: 'placement-conflict',
        });
      }
      for (let turn = 0; turn < 2; turn += 1) await placements().returnTo(id, back);
      expect((await placements().history(id)).map(({ generation, state }) => [generation, state])).toEqual([
        [1, 'retired'],
        [2, 'previous'],
        [3, 'current'],
      ]);
      const { createdAt: _one, ...first } = (await placements().get(id, 1)) ?? { createdAt: null };
      const { createdAt: _two, ...third } = (await placements().current(id)) ?? { createdAt: null };
      expect(third).toEqual({ ...first, generation: 3, state: 'current', operationId: 'op-3', endedAt: null });
      expect(await placements().onCluster('c1')).toHaveLength(1);
      await expect(placements().returnTo(id, { ...back, operationId: 'op-4' })).rejects.toMatchObject({
        code: 'placement-conflict',
      });
      await placements().retire(id, 2);
      expect(await placements().nextGeneration(id)).toBe(4);
    });

    it('lets one of two switches from the same generation win', async () => {
      const id = await addTenant(subject.catalog);
      await subject.catalog.clusters.add(cluster({ id: 'c3' }));
      for (const [index, clusterId] of ['c1', 'c2', 'c3'].entries()) {
        await placements().reserve(
          reservation(id, { generation: index + 1, clusterId, operationId: `op-${String(index)}` }),
        );
      }
      await placements().switchTo(id, { from: null, to: 1 });
      const { won, codes } = await race([
        placements().switchTo(id, { from: 1, to: 2 }),
        subject.other.placements.switchTo(id, { from: 1, to: 3 }),
      ]);
      expect([won.length, codes]).toEqual([1, ['placement-conflict']]);
      expect((await placements().history(id)).filter(({ state }) => state === 'current')).toHaveLength(1);
    });

    it('retires what is not current, and what was never there', async () => {
      const id = await addTenant(subject.catalog);
      await placements().retire(id, 9);
      await placements().reserve(reservation(id));
      await placements().switchTo(id, { from: null, to: 1 });
      await expect(placements().retire(id, 1)).rejects.toMatchObject({ code: 'placement-conflict' });
      expect(await placements().onCluster('c1')).toHaveLength(1);
      await placements().retireAll(id);
      await placements().retire(id, 1);
      expect(await placements().get(id, 1)).toMatchObject({ state: 'retired', endedAt: expect.any(Date) });
      expect(await placements().onCluster('c1')).toEqual([]);
      expect(await placements().nextGeneration(id)).toBe(2);
    });
  });
}
