import type { PlaceAddress, TenantId } from '@berth/domain';
import { addTenant, type CatalogSubject, cluster, type MakeCatalog, reservation } from './catalog-subject.js';

export function describePlaceAnnouncementsContract(name: string, makeCatalog: MakeCatalog): void {
  describe(`the announced places of ${name}`, () => {
    let subject: CatalogSubject;
    beforeEach(async () => {
      subject = await makeCatalog();
      await subject.catalog.clusters.add(cluster());
      await subject.catalog.clusters.add(cluster({ id: 'c2' }));
    });
    afterEach(async () => {
      await subject.close();
    });
    const announcements = () => subject.catalog.announcements;

    const address = (tenantId: TenantId, generation: number): PlaceAddress => ({
      ...{ host: `10.0.0.${String(generation)}`, port: 5432, database: 'tenants', schema: 'tenant_x' },
      ...{ username: `${tenantId}__a`, sslmode: 'verify-full', sslrootcert: '-----BEGIN', generation },
    });
    const from = (tenantId: TenantId, operationId = 'op-1') => ({
      ...{ tenantId, operationId, from: address(tenantId, 1), to: address(tenantId, 2) },
    });
    const placed = async (): Promise<TenantId> => {
      const id = await addTenant(subject.catalog);
      await subject.catalog.placements.reserve(reservation(id));
      await subject.catalog.placements.switchTo(id, { from: null, to: 1 });
      return id;
    };

    it('are seen by everybody, by tenant, until they are withdrawn by whoever made them', async () => {
      const [one, other] = [await placed(), await placed()];
      await announcements().announce(from(one));
      await announcements().announce(from(other, 'op-2'));
      const ids = [one, other].sort();
      expect((await subject.other.announcements.live()).map(({ tenantId }) => tenantId)).toEqual(ids);
      const second = await subject.other.announcements.live(other);
      expect(second).toEqual([{ ...from(other, 'op-2'), announcedAt: expect.any(Date) as Date }]);
      await announcements().withdraw(other, 'op-1');
      expect(await announcements().live(other)).toEqual(second);
      for (let times = 0; times < 2; times += 1) await announcements().withdraw(one, 'op-1');
      expect(await announcements().live()).toEqual(second);
      expect(await announcements().live(one)).toEqual([]);
    });

    it('keep the time of the first word of an operation, and begin anew with another one', async () => {
      const id = await placed();
      expect(await announcements().announce(from(id))).toBeLessThan(60_000);
      await subject.passTime(60_000);
      const again = await announcements().announce({ ...from(id), to: { ...address(id, 2), port: 6432 } });
      expect(again).toBeGreaterThanOrEqual(60_000);
      expect(await announcements().live(id)).toMatchObject([{ operationId: 'op-1', to: { port: 6432 } }]);
      expect(await announcements().announce(from(id, 'op-2'))).toBeLessThan(60_000);
      expect(await announcements().live(id)).toMatchObject([{ operationId: 'op-2', to: { port: 5432 } }]);
    });

    it('are moot once the tenant is elsewhere', async () => {
      const id = await placed();
      await announcements().announce(from(id));
      await subject.catalog.placements.reserve(reservation(id, { generation: 2, clusterId: 'c2' }));
      expect(await announcements().live(id)).toHaveLength(1);
      await subject.catalog.placements.switchTo(id, { from: 1, to: 2 });
      expect([await announcements().live(id), await announcements().live()]).toEqual([[], []]);
    });
  });
}
