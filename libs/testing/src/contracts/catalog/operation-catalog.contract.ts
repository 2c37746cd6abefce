import type { NewOperation } from '@berth/ports';
import {
  addTenant,
  allPages,
  type CatalogSubject,
  claim,
  cluster,
  finish,
  freshTenantId,
  type MakeCatalog,
  newOperation,
  newTenantOperation,
  race,
  reservation,
} from './catalog-subject.js';

export function describeOperationCatalogContract(name: string, makeCatalog: MakeCatalog): void {
  describe(`the operations of ${name}`, () => {
    let subject: CatalogSubject;
    beforeEach(async () => {
      subject = await makeCatalog();
    });
    afterEach(async () => {
      await subject.close();
    });
    const operations = () => subject.catalog.operations;
    const error = { code: 'database-error', message: 'It broke.', hint: 'Mend it.', details: { table: 'album' } };

    it('writes an operation with its steps and its tenant', async () => {
      const wanted = newTenantOperation();
      const created = await operations().create(wanted);
      expect(created).toMatchObject({
        id: wanted.id,
        kind: 'provision-tenant',
        clusterIds: ['c1'],
        state: 'queued',
        requestedBy: 'key:test',
        result: null,
        startedAt: null,
        createdAt: expect.any(Date),
      });
      expect(created.steps.map((step) => [step.number, step.name, step.state, step.pointOfNoReturn])).toEqual([
        [1, 'reserve-names', 'pending', false],
        [2, 'publish-secret', 'pending', true],
        [3, 'tell-everybody', 'pending', false],
      ]);
      expect(await operations().get(wanted.id)).toEqual(created);
      expect(await operations().get('none')).toBeNull();
      expect(await subject.catalog.tenants.get(wanted.tenantId)).toMatchObject({ state: 'provisioning', version: 1 });
    });

    it('lets one of fifty operations on a tenant begin, and tells the others which', async () => {
      const id = await addTenant(subject.catalog);
      const wanted = Array.from({ length: 50 }, () => newOperation({ tenantId: id, kind: 'repair-tenant' }));
      const { won, codes } = await race(
        wanted.map((one, index) => (index % 2 === 0 ? operations() : subject.other.operations).create(one)),
      );
      expect(won).toHaveLength(1);
      expect(codes).toEqual(Array(49).fill('operation-in-progress'));
      await expect(operations().create(newOperation({ tenantId: id }))).rejects.toMatchObject({
        code: 'operation-in-progress',
        details: { operationId: won[0]?.id },
      });
    });

    it('lets one of twenty creations of a tenant win, and leaves nothing of the others', async () => {
      const id = freshTenantId('twin');
      const { won, codes } = await race(
        Array.from({ length: 20 }, (_, index) =>
          (index % 2 === 0 ? operations() : subject.other.operations).create(newTenantOperation({ tenantId: id })),
        ),
      );
      expect(won).toHaveLength(1);
      expect(codes).toEqual(Array(19).fill('tenant-exists'));
      expect((await operations().list({ tenantId: id }, { limit: 50 })).items).toHaveLength(1);
    });

    it('writes nothing when the tenant is not any more as the plan saw it', async () => {
      const { tenants, placements, clusters } = subject.catalog;
      const id = await addTenant(subject.catalog);
      await clusters.add(cluster());
      await placements.reserve(reservation(id));
      await placements.switchTo(id, { from: null, to: 1 });
      const asked = (seen: NonNullable<NewOperation['seen']>) =>
        operations().create(newOperation({ tenantId: id, kind: 'suspend-tenant', seen }));
      const changed = { code: 'tenant-state', message: expect.stringContaining('changed') };
      await expect(asked({ state: 'ready', plan: 'free', generation: 2 })).rejects.toMatchObject(changed);
      await expect(asked({ state: 'ready', plan: 'pro', generation: 1 })).rejects.toMatchObject(changed);
      await tenants.transition(id, { from: ['ready'], to: 'suspended', reason: null });
      await expect(asked({ state: 'ready', plan: 'free', generation: 1 })).rejects.toMatchObject(changed);
      expect((await operations().list({ tenantId: id, kind: 'suspend-tenant' }, { limit: 10 })).items).toEqual([]);
      expect(await asked({ state: 'suspended', plan: 'free', generation: 1 })).toMatchObject({ state: 'queued' });
    });

    it('makes a tenant again whose name was given back, and keeps its history', async () => {
      const id = await addTenant(subject.catalog);
      await subject.catalog.tenants.transition(id, { from: ['ready'], to: 'removed', reason: 'asked' });
      const again = newTenantOperation({
        tenantId: id,
        newTenant: { plan: 'pro', constraints: { labels: { a: 'b' } } },
      });
      await operations().create(again);
      expect(await subject.catalog.tenants.get(id)).toMatchObject({
        state: 'provisioning',
        reason: null,
        plan: 'pro',
        constraints: { labels: { a: 'b' } },
        version: 4,
      });
      expect((await operations().list({ tenantId: id }, { limit: 5 })).items).toHaveLength(2);
    });

    it('lets nothing of a removed tenant reach the next one of its name', async () => {
      const { apiKeys, ledger, tenants } = subject.catalog;
      const id = await addTenant(subject.catalog);
      const key = { id: `key-of-${id}`, name: 'billing', scopes: ['billing'], tenantId: id, expiresAt: null } as const;
      await apiKeys.create(key, `hash-of-${id}`);
      await ledger.record(id, [{ version: '001', checksum: 'a', appliedAt: new Date(), ms: 1 }]);
      await tenants.transition(id, { from: ['ready'], to: 'removed', reason: 'asked' });
      expect(await apiKeys.get(key.id)).toMatchObject({ revokedAt: null });
      await operations().create(newTenantOperation({ tenantId: id }));
      expect((await apiKeys.get(key.id))?.revokedAt).toBeInstanceOf(Date);
      expect(await ledger.of(id)).toEqual({ applied: [], failure: null });
      await tenants.transition(id, { from: ['provisioning'], to: 'ready', reason: null });
      expect(await ledger.behind([], 100)).not.toContain(id);
    });

    it('keeps the key of a tenant whose making failed', async () => {
      const { apiKeys, tenants } = subject.catalog;
      const first = newTenantOperation();
      await operations().create(first);
      await finish(subject.catalog, first.id);
      const { tenantId } = first;
      await apiKeys.create(
        { id: `key-of-${tenantId}`, name: 'product', scopes: ['tenants:read'], tenantId, expiresAt: null },
        `hash-of-${tenantId}`,
      );
      await tenants.transition(tenantId, { from: ['provisioning'], to: 'failed', reason: 'no room' });
      await operations().create(newTenantOperation({ tenantId }));
      expect(await apiKeys.get(`key-of-${tenantId}`)).toMatchObject({ revokedAt: null });
    });

    it('refuses what names a tenant or a plan that is not there, and writes nothing', async () => {
      const stray = newOperation({ tenantId: freshTenantId('stray') });
      await expect(operations().create(stray)).rejects.toMatchObject({ code: 'tenant-not-found' });
      const wrong = newTenantOperation({ newTenant: { plan: 'nope', constraints: { labels: {} } } });
      await expect(operations().create(wrong)).rejects.toMatchObject({ code: 'plan-not-found' });
      expect(await operations().get(stray.id)).toBeNull();
      expect(await subject.catalog.tenants.get(wrong.tenantId)).toBeNull();
    });

    it('lists the newest first, filtered, page by page', async () => {
      const one = await addTenant(subject.catalog);
      await addTenant(subject.catalog);
      const repair = newOperation({ tenantId: one, kind: 'repair-tenant' });
      await operations().create(repair);
      const pages = await allPages((page) => operations().list({}, page), 2);
      expect(pages.map((page) => page.length)).toEqual([2, 1]);
      expect(pages[0]?.[0]?.id).toBe(repair.id);
      const found = async (filter: Parameters<ReturnType<typeof operations>['list']>[0]) =>
        (await operations().list(filter, { limit: 9 })).items.length;
      expect(await found({ tenantId: one })).toBe(2);
      expect(await found({ state: 'succeeded' })).toBe(2);
      expect(await found({ kind: 'repair-tenant' })).toBe(1);
      expect(await found({ kind: 'repair-tenant', state: 'succeeded' })).toBe(0);
      expect(await operations().countOpen()).toEqual({ queued: 1 });
    });

    it('knows those of some tenants that have not ended', async () => {
      const [one, two, three] = [
        await addTenant(subject.catalog),
        await addTenant(subject.catalog),
        await addTenant(subject.catalog),
      ];
      const open = newOperation({ tenantId: one, kind: 'repair-tenant' });
      const ended = newOperation({ tenantId: two, kind: 'repair-tenant' });
      const others = newOperation({ tenantId: three, kind: 'repair-tenant' });
      for (const wanted of [open, ended, others]) await operations().create(wanted);
      await finish(subject.catalog, ended.id);
      expect(await operations().openOf([one, two])).toEqual([await operations().get(open.id)]);
      expect(await operations().openOf([])).toEqual([]);
    });

    it('finds what is due: queued, waited out, or with a lease that ran out', async () => {
      const wanted = newTenantOperation();
      await operations().create(wanted);
      const soon = () => new Date(subject.now().getTime() + 1_000);
      expect(await operations().due(soon(), 9)).toEqual([wanted.id]);
      const { lease } = await claim(subject.catalog, wanted.id, 60_000);
      expect(await operations().due(soon(), 9)).toEqual([]);
      await subject.passTime(60_001);
      expect(await operations().due(soon(), 9)).toEqual([wanted.id]);
      await subject.catalog.journal.settle(lease, {
        state: 'waiting',
        retryAfterMs: 30_000,
        because: 'x',
        error: null,
      });
      expect(await operations().due(soon(), 9)).toEqual([]);
      expect(await operations().due(new Date(subject.now().getTime() + 31_000), 9)).toEqual([wanted.id]);
    });

    it('never finds what waits for a person or has ended', async () => {
      const [stuck, ended] = [newTenantOperation(), newTenantOperation()];
      await operations().create(stuck);
      await operations().create(ended);
      const { lease } = await claim(subject.catalog, stuck.id);
      await subject.catalog.journal.settle(lease, { state: 'needs-operator', because: 'Look.', error });
      await finish(subject.catalog, ended.id);
      expect(await operations().due(new Date(Date.now() + 1e9), 9)).toEqual([]);
    });

    it('keeps the place of an operation that needs an operator', async () => {
      const wanted = newTenantOperation();
      await operations().create(wanted);
      const { lease } = await claim(subject.catalog, wanted.id);
      await subject.catalog.journal.settle(lease, { state: 'needs-operator', because: 'Look.', error });
      const second = newOperation({ tenantId: wanted.tenantId });
      await expect(operations().create(second)).rejects.toMatchObject({ code: 'operation-in-progress' });
    });

    it('puts an operation that needs an operator back to work, with its failures forgiven', async () => {
      const wanted = newTenantOperation();
      await operations().create(wanted);
      const { lease } = await claim(subject.catalog, wanted.id);
      await subject.catalog.journal.recordStep(lease, 'reserve-names', { kind: 'started' });
      await subject.catalog.journal.recordStep(lease, 'reserve-names', { kind: 'failed', error });
      await subject.catalog.journal.settle(lease, { state: 'needs-operator', because: 'Look.', error });
      expect(await operations().get(wanted.id)).toMatchObject({ state: 'needs-operator', reason: 'Look.', error });
      expect(await operations().retry(wanted.id)).toMatchObject({ state: 'queued', reason: null, error: null });
      await operations().retry(wanted.id);
      expect((await claim(subject.catalog, wanted.id)).steps[0]).toMatchObject({
        ...{ state: 'started', failures: 0, error },
      });
      await expect(operations().retry(wanted.id)).rejects.toMatchObject({ code: 'operation-state' });
    });

    it('records the wish to cancel once, and wakes what waits', async () => {
      const wanted = newTenantOperation();
      await operations().create(wanted);
      const { lease } = await claim(subject.catalog, wanted.id);
      await subject.catalog.journal.settle(lease, { state: 'waiting', retryAfterMs: 1e6, because: 'x', error: null });
      const asked = await operations().requestCancel(wanted.id);
      expect(asked.cancelRequestedAt).toEqual(expect.any(Date));
      expect((await operations().requestCancel(wanted.id)).cancelRequestedAt).toEqual(asked.cancelRequestedAt);
      expect((await claim(subject.catalog, wanted.id)).cancelRequested).toBe(true);
    });

    it('cancels what needs an operator, unless it is being undone already', async () => {
      const wanted = newTenantOperation();
      await operations().create(wanted);
      const first = await claim(subject.catalog, wanted.id);
      await subject.catalog.journal.settle(first.lease, { state: 'needs-operator', because: 'x', error });
      expect(await operations().requestCancel(wanted.id)).toMatchObject({ state: 'queued' });
      const second = await claim(subject.catalog, wanted.id);
      await subject.catalog.journal.turnBack(second.lease, null);
      await subject.catalog.journal.settle(second.lease, { state: 'needs-operator', because: 'x', error });
      await expect(operations().requestCancel(wanted.id)).rejects.toMatchObject({ code: 'operation-state' });
    });

    it('refuses to cancel past the point of no return, or what has ended', async () => {
      const wanted = newTenantOperation();
      await operations().create(wanted);
      const { lease } = await claim(subject.catalog, wanted.id);
      await subject.catalog.journal.recordStep(lease, 'publish-secret', { kind: 'started' });
      await operations().requestCancel(wanted.id);
      await subject.catalog.journal.recordStep(lease, 'publish-secret', { kind: 'done', output: {} });
      await expect(operations().requestCancel(wanted.id)).rejects.toMatchObject({ code: 'past-point-of-no-return' });
      await subject.catalog.journal.settle(lease, { state: 'succeeded', result: {} });
      await expect(operations().requestCancel(wanted.id)).rejects.toMatchObject({ code: 'operation-state' });
      await expect(operations().requestCancel('none')).rejects.toMatchObject({ code: 'operation-not-found' });
    });

    it('has a new revision after each change that somebody could see', async () => {
      const wanted = newTenantOperation();
      await operations().create(wanted);
      const { lease } = await claim(subject.catalog, wanted.id);
      const seen = [await operations().revision(wanted.id)];
      const { journal } = subject.catalog;
      const progress = { text: 'half', done: 1, total: 2, unit: 'rows' };
      for (const event of [
        { kind: 'started' },
        { kind: 'progress', progress },
        { kind: 'done', output: {} },
      ] as const) {
        await journal.recordStep(lease, 'reserve-names', event);
        seen.push(await operations().revision(wanted.id));
      }
      await operations().requestCancel(wanted.id);
      seen.push(await operations().revision(wanted.id));
      expect(new Set(seen).size).toBe(5);
      expect(await operations().revision('none')).toBeNull();
    });
  });
}
