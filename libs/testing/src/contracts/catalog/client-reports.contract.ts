import { clientReportLifeMs } from '@berth/domain';
import { addTenant, type CatalogSubject, type MakeCatalog } from './catalog-subject.js';

export function describeClientReportsContract(name: string, makeCatalog: MakeCatalog): void {
  describe(`the reports of clients of ${name}`, () => {
    let subject: CatalogSubject;
    beforeEach(async () => {
      subject = await makeCatalog();
    });
    afterEach(async () => {
      await subject.close();
    });
    const clients = () => subject.catalog.clients;
    const at = (client: string, username = 'tenant_acme__a', generation = 1, readyFor: number | null = null) => ({
      ...{ client, username, generation, readyFor },
    });

    it('keep the newest word of each client, by name, of one tenant alone', async () => {
      const id = await addTenant(subject.catalog);
      const other = await addTenant(subject.catalog);
      await clients().report(id, at('web-2'));
      await clients().report(other, at('web-3'));
      const first = await clients().report(id, at('web-1'));
      const again = await clients().report(id, at('web-1', 'tenant_acme__b', 2, 3));
      expect(again).toMatchObject({ ...at('web-1', 'tenant_acme__b', 2, 3), firstSeenAt: first.firstSeenAt });
      expect(await subject.other.clients.live(id)).toEqual([again, expect.objectContaining(at('web-2'))]);
    });

    it('end when they are not renewed, and begin anew', async () => {
      const id = await addTenant(subject.catalog);
      const first = await clients().report(id, at('web-1'));
      await clients().report(id, at('web-2'));
      await subject.passTime(clientReportLifeMs - 5_000);
      await clients().report(id, at('web-2'));
      expect((await clients().live(id)).map(({ client }) => client)).toEqual(['web-1', 'web-2']);
      await subject.passTime(10_000);
      expect((await clients().live(id)).map(({ client }) => client)).toEqual(['web-2']);
      const anew = await clients().report(id, at('web-1'));
      expect(anew.firstSeenAt).toEqual(anew.lastSeenAt);
      expect(await clients().live(id)).toHaveLength(2);
      expect(first.client).toBe('web-1');
    });
  });
}
