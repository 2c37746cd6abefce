import type { TenantId } from '@berth/domain';
import {
  addTenant,
  allPages,
  type CatalogSubject,
  cluster,
  freshTenantId,
  type MakeCatalog,
  race,
  reservation,
} from './catalog-subject.js';

export function describeTenantCatalogContract(name: string, makeCatalog: MakeCatalog): void {
  describe(`the tenants of ${name}`, () => {
    let subject: CatalogSubject;
    beforeEach(async () => {
      subject = await makeCatalog();
    });
    afterEach(async () => {
      await subject.close();
    });
    const tenants = () => subject.catalog.tenants;
    const nobody = 'nobody' as TenantId;

    it('gives a tenant with its version, and null for a stranger', async () => {
      const id = await addTenant(subject.catalog);
      expect(await tenants().get(id)).toEqual({
        id,
        state: 'ready',
        reason: null,
        plan: 'free',
        constraints: { labels: {} },
        version: 2,
        createdAt: expect.any(Date),
        updatedAt: expect.any(Date),
        quarantinedUntil: null,
      });
      expect(await tenants().get(nobody)).toBeNull();
    });

    it('lists in order of the id, page by page, each once', async () => {
      const ids = await Promise.all(Array.from({ length: 7 }, () => addTenant(subject.catalog)));
      const pages = await allPages((page) => tenants().list({}, page), 3);
      expect(pages.map((page) => page.length)).toEqual([3, 3, 1]);
      expect(pages.flat().map(({ id }) => id)).toEqual([...ids].sort());
    });

    it('ends a list that fills its last page without another cursor', async () => {
      await addTenant(subject.catalog);
      await addTenant(subject.catalog);
      expect((await tenants().list({}, { limit: 2 })).next).toBeNull();
    });

    it('keeps a cursor good when the rows before it go', async () => {
      const ids = [freshTenantId('aa'), freshTenantId('bb'), freshTenantId('cc')] as const;
      for (const id of ids) await addTenant(subject.catalog, id);
      const { next } = await tenants().list({ state: 'ready' }, { limit: 1 });
      await tenants().transition(ids[0], { from: ['ready'], to: 'suspended', reason: null });
      const rest = await tenants().list({ state: 'ready' }, { limit: 5, cursor: next ?? '' });
      expect(rest.items.map(({ id }) => id)).toEqual([ids[1], ids[2]]);
    });

    it('refuses a cursor that it never gave', async () => {
      const operations = subject.catalog.operations;
      await addTenant(subject.catalog);
      await addTenant(subject.catalog);
      const { next } = await operations.list({}, { limit: 1 });
      for (const cursor of ['', 'nonsense', Buffer.from("t:'; --").toString('base64url'), next ?? '']) {
        await expect(tenants().list({}, { limit: 1, cursor })).rejects.toMatchObject({ code: 'invalid-cursor' });
      }
    });

    it('filters by state, plan, prefix, id and cluster', async () => {
      const [one, two] = [freshTenantId('pre'), freshTenantId('pre')];
      const stranger = freshTenantId('prf');
      await addTenant(subject.catalog, one, 'pro');
      await addTenant(subject.catalog, two);
      await addTenant(subject.catalog, stranger);
      await tenants().transition(two, { from: ['ready'], to: 'suspended', reason: 'unpaid' });
      await subject.catalog.clusters.add(cluster());
      await subject.catalog.placements.reserve(reservation(stranger));
      const found = async (filter: Parameters<ReturnType<typeof tenants>['list']>[0]) =>
        (await tenants().list(filter, { limit: 10 })).items.map(({ id }) => id);
      expect(await found({ plan: 'pro' })).toEqual([one]);
      expect(await found({ state: 'suspended' })).toEqual([two]);
      expect(await found({ prefix: 'pre' })).toEqual([one, two].sort());
      expect(await found({ prefix: 'pre%' })).toEqual([]);
      expect(await found({ tenantId: two })).toEqual([two]);
      expect(await found({ clusterId: 'c1' })).toEqual([stranger]);
      expect(await found({ prefix: 'pre', state: 'ready', plan: 'pro' })).toEqual([one]);
    });

    it('changes the state from what it must be, once', async () => {
      const id = await addTenant(subject.catalog);
      const change = { from: ['ready'], to: 'suspended', reason: 'unpaid' } as const;
      const changed = await tenants().transition(id, change);
      expect(changed).toMatchObject({ state: 'suspended', reason: 'unpaid', version: 3 });
      expect(await tenants().transition(id, change)).toEqual(changed);
    });

    it('refuses a state that it must not come from, and names both', async () => {
      const id = await addTenant(subject.catalog);
      const refused = tenants().transition(id, { from: ['suspended'], to: 'quarantined', reason: null });
      await expect(refused).rejects.toMatchObject({
        code: 'tenant-state',
        details: { state: 'ready', wanted: 'quarantined' },
      });
      await expect(tenants().transition(nobody, { from: ['ready'], to: 'failed', reason: null })).rejects.toMatchObject(
        { code: 'tenant-not-found' },
      );
    });

    it('knows who is due for removal, and forgets the time when the tenant comes back', async () => {
      const id = await addTenant(subject.catalog);
      const until = new Date(Date.now() + 1_000);
      await tenants().transition(id, { from: ['ready'], to: 'quarantined', reason: 'asked', quarantinedUntil: until });
      expect((await tenants().get(id))?.quarantinedUntil).toEqual(until);
      expect(await tenants().dueForRemoval(new Date(until.getTime() - 1), 5)).toEqual([]);
      expect(await tenants().dueForRemoval(until, 5)).toEqual([id]);
      const back = await tenants().transition(id, { from: ['quarantined'], to: 'ready', reason: null });
      expect(back.quarantinedUntil).toBeNull();
      expect(await tenants().dueForRemoval(until, 5)).toEqual([]);
    });

    it('lets one of many writers with the same version win', async () => {
      const id = await addTenant(subject.catalog);
      const writers = Array.from({ length: 10 }, (_, index) =>
        (index % 2 === 0 ? subject.catalog : subject.other).tenants.update(
          id,
          { constraints: { labels: { writer: String(index) } } },
          2,
        ),
      );
      const { won, codes } = await race(writers);
      expect(won).toHaveLength(1);
      expect(codes).toEqual(Array(9).fill('version-conflict'));
      expect(await tenants().get(id)).toEqual(won[0]);
    });

    it('updates the plan, refuses one that is not there, and leaves the version when nothing changes', async () => {
      const id = await addTenant(subject.catalog);
      expect(await tenants().update(id, { plan: 'pro' })).toMatchObject({ plan: 'pro', version: 3 });
      expect(await tenants().update(id, { plan: 'pro' })).toMatchObject({ plan: 'pro', version: 3 });
      await expect(tenants().update(id, { plan: 'nope' })).rejects.toMatchObject({ code: 'plan-not-found' });
      await expect(tenants().update(nobody, { plan: 'pro' })).rejects.toMatchObject({ code: 'tenant-not-found' });
    });

    it('counts by state', async () => {
      await addTenant(subject.catalog);
      const id = await addTenant(subject.catalog);
      await tenants().transition(id, { from: ['ready'], to: 'suspended', reason: null });
      expect(await tenants().countByState()).toEqual({ ready: 1, suspended: 1 });
    });
  });
}
