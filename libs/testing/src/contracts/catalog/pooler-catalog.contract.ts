import type { TenantId } from '@berth/domain';
import {
  addTenant,
  type CatalogSubject,
  claim,
  cluster,
  type MakeCatalog,
  newOperation,
  race,
  reservation,
} from './catalog-subject.js';

const pooler = (change: object = {}) => ({
  id: 'pool-1',
  host: '127.0.0.1',
  port: 6432,
  sslMode: 'disable' as const,
  folder: '/srv/pool-1',
  ...change,
});

export function describePoolerCatalogContract(name: string, makeCatalog: MakeCatalog): void {
  describe(`the poolers of ${name}`, () => {
    let subject: CatalogSubject;
    beforeEach(async () => {
      subject = await makeCatalog();
    });
    afterEach(async () => {
      await subject.close();
    });
    const poolers = () => subject.catalog.poolers;

    it('registers a pooler once, and no other one with its folder', async () => {
      expect(await poolers().add(pooler())).toEqual({ ...pooler(), createdAt: expect.any(Date) as Date });
      expect(await poolers().add(pooler())).toMatchObject(pooler());
      for (const other of [{ port: 6433 }, { id: 'pool-2' }]) {
        await expect(poolers().add(pooler(other))).rejects.toMatchObject({ code: 'pooler-exists' });
      }
      expect(await poolers().list()).toHaveLength(1);
      expect(await poolers().get('none')).toBeNull();
    });

    it('forgets one, twice without harm', async () => {
      await poolers().add(pooler());
      await poolers().remove('pool-1');
      await poolers().remove('pool-1');
      expect(await poolers().list()).toEqual([]);
    });

    it('lets one at a time work on a pooler, in all processes, and others on another one', async () => {
      await poolers().add(pooler());
      await poolers().add(pooler({ id: 'pool-2', folder: '/srv/pool-2' }));
      const log: string[] = [];
      const work = (who: string) => async () => {
        log.push(`${who} in`);
        await new Promise((resolve) => setTimeout(resolve, 20));
        log.push(`${who} out`);
        return who;
      };
      const all = [poolers(), subject.other.poolers, poolers(), subject.other.poolers];
      const done = all.map((each, index) => each.exclusively('pool-1', work(String(index))));
      expect(await poolers().exclusively('pool-2', async () => 'elsewhere')).toBe('elsewhere');
      expect(await Promise.all(done)).toEqual(['0', '1', '2', '3']);
      for (let index = 0; index < log.length; index += 2) {
        expect(log[index + 1]).toBe(log[index]?.replace('in', 'out'));
      }
    });

    it('is free again when the work failed, and knows who is not there', async () => {
      await poolers().add(pooler());
      const failing = poolers().exclusively('pool-1', () => Promise.reject(new Error('it broke')));
      await expect(failing).rejects.toThrow('it broke');
      expect(await subject.other.poolers.exclusively('pool-1', async () => 1)).toBe(1);
      const { codes } = await race([poolers().exclusively('none', async () => 1)]);
      expect(codes).toEqual(['pooler-not-found']);
    });

    it('tells where each ready tenant is, and whose operation is at work', async () => {
      const { catalog } = subject;
      await catalog.clusters.add(cluster());
      const settled = await addTenant(catalog);
      const suspended = await addTenant(catalog);
      for (const id of [settled, suspended]) {
        await catalog.placements.reserve(reservation(id));
        await catalog.placements.switchTo(id, { from: null, to: 1 });
      }
      await addTenant(catalog); // Without a place.
      await catalog.tenants.transition(suspended, { from: ['ready'], to: 'suspended', reason: 'unpaid' });
      const tenants = await poolers().routable(null, 10);
      const { schema, loginRoles } = reservation(settled);
      expect(tenants).toMatchObject([
        { place: { tenantId: settled, schema, loginRoles }, connectionLimit: 5, host: '127.0.0.1', port: 5432 },
      ]);
      expect((await poolers().atWork()).size).toBe(0);
      const operation = newOperation({ kind: 'repair-tenant', tenantId: settled });
      await catalog.operations.create(operation);
      expect((await poolers().atWork()).size).toBe(0);
      await claim(catalog, operation.id);
      expect(await poolers().atWork()).toEqual(new Set([settled]));
    });

    it('tells it page by page, each ready tenant once', async () => {
      const { catalog } = subject;
      await catalog.clusters.add(cluster());
      const ids = [await addTenant(catalog), await addTenant(catalog), await addTenant(catalog)];
      for (const id of ids) {
        await catalog.placements.reserve(reservation(id));
        await catalog.placements.switchTo(id, { from: null, to: 1 });
      }
      const told: TenantId[] = [];
      for (let after: TenantId | null = null; told.length < 10; after = told.at(-1) ?? null) {
        const page = await poolers().routable(after, 2);
        told.push(...page.map(({ place }) => place.tenantId));
        if (page.length < 2) break;
      }
      expect(told).toEqual([...ids].sort());
    });
  });
}
