import { type CatalogSubject, claim, freshTenantId, type MakeCatalog, newOperation } from './catalog-subject.js';

export function describeConfirmationsContract(name: string, makeCatalog: MakeCatalog): void {
  describe(`the confirmations of ${name}`, () => {
    let subject: CatalogSubject;
    beforeEach(async () => {
      subject = await makeCatalog();
    });
    afterEach(async () => {
      await subject.close();
    });
    const adoption = () =>
      newOperation({
        kind: 'adopt-tenant',
        tenantId: freshTenantId(),
        newTenant: { plan: 'free', constraints: { labels: {} } },
      });
    const confirmations = () => subject.catalog.confirmations;

    it('keep the first yes, for everybody', async () => {
      const { id } = await subject.catalog.operations.create(adoption());
      expect(await confirmations().confirmedAt(id)).toBeNull();
      await confirmations().confirm(id);
      const first = await subject.other.confirmations.confirmedAt(id);
      expect(first).toBeInstanceOf(Date);
      await confirmations().confirm(id);
      expect(await confirmations().confirmedAt(id)).toEqual(first);
    });

    it('wake an operation that waits, and tell who watches it', async () => {
      const { id } = await subject.catalog.operations.create(adoption());
      const { lease } = await claim(subject.catalog, id);
      const waiting = { state: 'waiting', because: 'on trial', error: null, retryAfterMs: 600_000 } as const;
      await subject.catalog.journal.settle(lease, waiting);
      expect(await subject.catalog.operations.due(subject.now(), 10)).toEqual([]);
      const before = await subject.catalog.operations.revision(id);
      await confirmations().confirm(id);
      expect(await subject.catalog.operations.due(subject.now(), 10)).toEqual([id]);
      expect(await subject.catalog.operations.revision(id)).toBeGreaterThan(before ?? Infinity);
    });

    it('are refused where nobody asked, on the way back, and where there is none', async () => {
      const other = await subject.catalog.operations.create(
        newOperation({ tenantId: freshTenantId(), newTenant: { plan: 'free', constraints: { labels: {} } } }),
      );
      const refused = { code: 'operation-state' };
      await expect(confirmations().confirm(other.id)).rejects.toMatchObject(refused);
      const { id } = await subject.catalog.operations.create(adoption());
      await subject.catalog.operations.requestCancel(id);
      await expect(confirmations().confirm(id)).rejects.toMatchObject(refused);
      expect(await confirmations().confirmedAt(id)).toBeNull();
      const nobody = '00000000-0000-4000-8000-00000000dead';
      await expect(confirmations().confirm(nobody)).rejects.toMatchObject({ code: 'operation-not-found' });
    });
  });
}
