import { addTenant, type CatalogSubject, cluster, type MakeCatalog, race, reservation } from './catalog-subject.js';

export function describeClusterCatalogContract(name: string, makeCatalog: MakeCatalog): void {
  describe(`the clusters of ${name}`, () => {
    let subject: CatalogSubject;
    beforeEach(async () => {
      subject = await makeCatalog();
    });
    afterEach(async () => {
      await subject.close();
    });
    const clusters = () => subject.catalog.clusters;

    it('registers a cluster once, with all that is known of it', async () => {
      const added = await clusters().add(cluster());
      expect(added).toEqual({ ...cluster(), version: 1, createdAt: expect.any(Date) });
      await clusters().update('c1', { state: 'cordoned' });
      expect(await clusters().add(cluster())).toMatchObject({ state: 'cordoned' });
      await expect(clusters().add(cluster({ port: 5433 }))).rejects.toMatchObject({ code: 'cluster-exists' });
      expect(await clusters().list()).toHaveLength(1);
      expect(await clusters().get('none')).toBeNull();
    });

    it('lets one of two registrations under one id win', async () => {
      const { won, codes } = await race([
        clusters().add(cluster()),
        subject.other.clusters.add(cluster({ host: 'elsewhere' })),
      ]);
      expect([won.length, codes]).toEqual([1, ['cluster-exists']]);
    });

    it('updates under its version', async () => {
      await clusters().add(cluster());
      const changed = await clusters().update('c1', { maxTenants: 5, labels: { region: 'there' } }, 1);
      expect(changed).toMatchObject({ maxTenants: 5, labels: { region: 'there' }, version: 2 });
      expect(await clusters().update('c1', { maxTenants: null })).toMatchObject({ maxTenants: null, version: 3 });
      await expect(clusters().update('c1', { port: 1 }, 2)).rejects.toMatchObject({ code: 'version-conflict' });
      await expect(clusters().update('none', {})).rejects.toMatchObject({ code: 'cluster-not-found' });
      expect(await clusters().get('c1')).toMatchObject({ port: 5432, version: 3 });
    });

    it('keeps the authority of its certificates', async () => {
      const certified = cluster({ sslMode: 'verify-ca', ca: '-----BEGIN CERTIFICATE-----' });
      await clusters().add(certified);
      expect(await clusters().get('c1')).toMatchObject({ sslMode: 'verify-ca', ca: certified.ca });
      await expect(clusters().add({ ...certified, ca: 'another' })).rejects.toMatchObject({ code: 'cluster-exists' });
      expect(await clusters().update('c1', { ca: 'a newer one' })).toMatchObject({ ca: 'a newer one' });
    });

    it('removes a cluster that holds nobody, and only that', async () => {
      await clusters().add(cluster());
      const id = await addTenant(subject.catalog);
      await subject.catalog.placements.reserve(reservation(id));
      await expect(clusters().remove('c1')).rejects.toMatchObject({ code: 'cluster-in-use' });
      await subject.catalog.placements.retire(id, 1);
      await clusters().update('c1', { maxTenants: 5 });
      await expect(clusters().remove('c1', 1)).rejects.toMatchObject({ code: 'version-conflict' });
      await clusters().remove('c1', 2);
      await clusters().remove('c1', 2);
      await clusters().remove('c1');
      expect(await clusters().get('c1')).toBeNull();
      expect(await subject.catalog.placements.get(id, 1)).toMatchObject({ clusterId: 'c1' });
    });
  });

  describe(`the plans of ${name}`, () => {
    let subject: CatalogSubject;
    beforeEach(async () => {
      subject = await makeCatalog();
    });
    afterEach(async () => {
      await subject.close();
    });
    const limits = { connectionLimit: 7, statementTimeoutMs: 0, idleInTransactionTimeoutMs: 9 };
    const custom = { name: 'custom', tier: 'shared', limits, description: 'Ours.' } as const;

    it('has the plans that are sold from the first day', async () => {
      const plans = await subject.catalog.plans.list();
      expect(plans.map(({ name: plan, tier }) => [plan, tier])).toEqual([
        ['enterprise', 'dedicated'],
        ['free', 'shared'],
        ['pro', 'shared'],
        ['starter', 'shared'],
      ]);
    });

    it('makes, changes under its version, and removes a plan', async () => {
      const { plans } = subject.catalog;
      expect(await plans.put(custom)).toEqual({ ...custom, version: 1 });
      const changed = { ...custom, limits: { ...limits, connectionLimit: 8 } };
      expect(await plans.put(changed, 1)).toEqual({ ...changed, version: 2 });
      await expect(plans.put(custom, 1)).rejects.toMatchObject({ code: 'version-conflict' });
      await expect(plans.put({ ...custom, name: 'none' }, 1)).rejects.toMatchObject({ code: 'version-conflict' });
      expect(await plans.get('custom')).toEqual({ ...changed, version: 2 });
      await expect(plans.remove('custom', 1)).rejects.toMatchObject({ code: 'version-conflict' });
      await plans.remove('custom', 2);
      await plans.remove('custom', 2);
      await plans.remove('custom');
      expect(await plans.get('custom')).toBeNull();
    });

    it('keeps a plan that a tenant has', async () => {
      await subject.catalog.plans.put(custom);
      await addTenant(subject.catalog, undefined, 'custom');
      await expect(subject.catalog.plans.remove('custom')).rejects.toMatchObject({ code: 'plan-in-use' });
    });

    it('keeps the tier of a plan that a tenant has, and takes new limits', async () => {
      const { plans } = subject.catalog;
      await plans.put(custom);
      await plans.put({ ...custom, tier: 'dedicated' });
      await plans.put(custom);
      await addTenant(subject.catalog, undefined, 'custom');
      await expect(plans.put({ ...custom, tier: 'dedicated' })).rejects.toMatchObject({ code: 'plan-in-use' });
      const bigger = { ...custom, limits: { ...limits, connectionLimit: 9 } };
      expect(await plans.put(bigger)).toEqual({ ...bigger, version: 4 });
    });
  });
}
