import { addTenant, allPages, type CatalogSubject, type MakeCatalog, race } from './catalog-subject.js';

export function describeApiKeyCatalogContract(name: string, makeCatalog: MakeCatalog): void {
  describe(`the API keys of ${name}`, () => {
    let subject: CatalogSubject;
    beforeEach(async () => {
      subject = await makeCatalog();
    });
    afterEach(async () => {
      await subject.close();
    });
    const keys = () => subject.catalog.apiKeys;
    const key = { id: 'k1', name: 'billing page', scopes: ['billing'], tenantId: null, expiresAt: null } as const;

    it('finds a key by its hash and never gives the hash out', async () => {
      const created = await keys().create(key, 'hash-1');
      expect(created).toEqual({ ...key, lastUsedAt: null, revokedAt: null, createdAt: expect.any(Date) });
      expect(await keys().findByHash('hash-1')).toEqual(created);
      expect(await keys().get('k1')).toEqual(created);
      expect(await keys().findByHash('hash-2')).toBeNull();
    });

    it('makes the same key known twice without an error, and no other under its name', async () => {
      const { won } = await race([keys().create(key, 'hash-1'), subject.other.apiKeys.create(key, 'hash-1')]);
      expect(won).toHaveLength(2);
      await expect(keys().create(key, 'hash-2')).rejects.toMatchObject({ code: 'internal' });
    });

    it('revokes once', async () => {
      await keys().create(key, 'hash-1');
      const revoked = await keys().revoke('k1');
      expect(revoked.revokedAt).toEqual(expect.any(Date));
      expect(await keys().revoke('k1')).toEqual(revoked);
      await expect(keys().revoke('none')).rejects.toMatchObject({ code: 'api-key-not-found' });
    });

    it('keeps the last use to the minute', async () => {
      await keys().create(key, 'hash-1');
      await keys().touch('k1');
      const first = (await keys().get('k1'))?.lastUsedAt;
      await keys().touch('k1');
      expect((await keys().get('k1'))?.lastUsedAt).toEqual(first);
      await subject.passTime(61_000);
      const aged = (await keys().get('k1'))?.lastUsedAt;
      await keys().touch('k1');
      expect(Number((await keys().get('k1'))?.lastUsedAt)).toBeGreaterThan(Number(aged));
      await keys().touch('none');
    });

    it('lists the newest first', async () => {
      for (const id of ['k1', 'k2', 'k3']) await keys().create({ ...key, id }, `hash-${id}`);
      const pages = await allPages((page) => keys().list(page), 2);
      expect(pages.map((page) => page.map(({ id }) => id))).toEqual([['k3', 'k2'], ['k1']]);
    });
  });
}

export function describeAuditLogContract(name: string, makeCatalog: MakeCatalog): void {
  describe(`the audit log of ${name}`, () => {
    let subject: CatalogSubject;
    beforeEach(async () => {
      subject = await makeCatalog();
    });
    afterEach(async () => {
      await subject.close();
    });
    const audit = () => subject.catalog.audit;
    const entry = (object: string, tenantId: string | null = null) => ({
      actor: 'key:k1',
      action: 'create-tenant',
      tenantId,
      object,
      from: '127.0.0.1',
      answer: '202',
      operationId: null,
    });

    it('chains entries that come from many at once', async () => {
      await Promise.all(
        Array.from({ length: 30 }, (_, index) =>
          (index % 2 === 0 ? audit() : subject.other.audit).append(entry(`object ${String(index)}`)),
        ),
      );
      expect(await audit().verify()).toEqual({ entries: 30, brokenAt: null });
      const { items } = await audit().list({}, { limit: 50 });
      expect(items.map(({ number }) => number)).toEqual(Array.from({ length: 30 }, (_, index) => 30 - index));
      expect(new Set(items.map(({ hash }) => hash)).size).toBe(30);
    });

    it('is whole when it is empty', async () => {
      expect(await audit().verify()).toEqual({ entries: 0, brokenAt: null });
    });

    it('keeps strange text without breaking', async () => {
      for (const object of ['ümläut ☃ \u{1F6A2}', 'line\nbreak "quoted" \\', "'; DROP TABLE x; --"]) {
        await audit().append(entry(object));
      }
      expect(await audit().verify()).toEqual({ entries: 3, brokenAt: null });
    });

    it('filters by tenant and actor', async () => {
      await audit().append(entry('one', 'acme'));
      await audit().append({ ...entry('two', 'acme'), actor: 'worker' });
      await audit().append(entry('three'));
      const found = async (filter: Parameters<ReturnType<typeof audit>['list']>[0]) =>
        (await audit().list(filter, { limit: 9 })).items.map(({ object }) => object);
      expect(await found({ tenantId: 'acme' })).toEqual(['two', 'one']);
      expect(await found({ actor: 'key:k1' })).toEqual(['three', 'one']);
      expect(await found({ actor: 'worker', tenantId: 'acme' })).toEqual(['two']);
    });
  });
}

export function describeIdempotencyCatalogContract(name: string, makeCatalog: MakeCatalog): void {
  describe(`the idempotency keys of ${name}`, () => {
    let subject: CatalogSubject;
    beforeEach(async () => {
      subject = await makeCatalog();
    });
    afterEach(async () => {
      await subject.close();
    });
    const keys = () => subject.catalog.idempotency;
    const answer = { status: 202, headers: { location: '/v1/operations/1' }, body: { z: 1, a: [true, null] } };

    it('lets one of many first calls go on', async () => {
      const { won, codes } = await race(
        Array.from({ length: 20 }, (_, index) =>
          (index % 2 === 0 ? keys() : subject.other.idempotency).begin('key', 'owner', 'hash'),
        ),
      );
      expect(won).toEqual([{ kind: 'new' }]);
      expect(codes).toEqual(Array(19).fill('idempotency-key-in-use'));
    });

    it('gives the kept answer again, byte for byte', async () => {
      await keys().begin('key', 'owner', 'hash');
      await keys().keep('key', 'owner', answer);
      const again = await keys().begin('key', 'owner', 'hash');
      expect(again).toEqual({ kind: 'kept', answer });
      expect(JSON.stringify(again)).toBe(JSON.stringify({ kind: 'kept', answer }));
    });

    it('refuses another body, and knows another owner apart', async () => {
      await keys().begin('key', 'owner', 'hash');
      await expect(keys().begin('key', 'owner', 'other')).rejects.toMatchObject({ code: 'idempotency-key-reused' });
      await keys().keep('key', 'owner', answer);
      await expect(keys().begin('key', 'owner', 'other')).rejects.toMatchObject({ code: 'idempotency-key-reused' });
      expect(await keys().begin('key', 'somebody', 'other')).toEqual({ kind: 'new' });
    });

    it('forgets a call that failed, never one that was answered', async () => {
      await keys().begin('key', 'owner', 'hash');
      await keys().forget('key', 'owner');
      expect(await keys().begin('key', 'owner', 'other')).toEqual({ kind: 'new' });
      await keys().keep('key', 'owner', answer);
      await keys().forget('key', 'owner');
      expect(await keys().begin('key', 'owner', 'other')).toMatchObject({ kind: 'kept' });
    });

    it('lets the same call go on when the first died with its process', async () => {
      await keys().begin('key', 'owner', 'hash');
      await subject.passTime(61_000);
      await expect(keys().begin('key', 'owner', 'other')).rejects.toMatchObject({ code: 'idempotency-key-reused' });
      expect(await keys().begin('key', 'owner', 'hash')).toEqual({ kind: 'new' });
    });

    it('ends after a day, deleted or not', async () => {
      await keys().begin('key', 'owner', 'hash');
      await keys().keep('key', 'owner', answer);
      await keys().begin('key', 'somebody', 'hash');
      await subject.passTime(25 * 3_600_000);
      expect(await keys().begin('key', 'owner', 'other')).toEqual({ kind: 'new' });
      expect(await keys().deleteExpired(new Date(subject.now().getTime() + 1_000))).toBe(1);
    });
  });
}

export function describeMigrationLedgerContract(name: string, makeCatalog: MakeCatalog): void {
  describe(`the migration ledger of ${name}`, () => {
    let subject: CatalogSubject;
    beforeEach(async () => {
      subject = await makeCatalog();
    });
    afterEach(async () => {
      await subject.close();
    });
    const ledger = () => subject.catalog.ledger;
    const migrations = ['001-first', '002-second', '010-tenth'].map((version) => ({
      version,
      checksum: `sum of ${version}`,
    }));
    const applied = migrations.map((migration) => ({ ...migration, appliedAt: new Date(), ms: 1.5 }));

    it('knows where a tenant stands', async () => {
      const id = await addTenant(subject.catalog);
      expect(await ledger().of(id)).toEqual({ applied: [], failure: null });
      await ledger().record(id, applied.slice(1));
      await ledger().record(id, applied.slice(0, 1));
      expect(await ledger().of(id)).toEqual({ applied, failure: null });
    });

    it('keeps the failure until something was applied', async () => {
      const id = await addTenant(subject.catalog);
      await ledger().record(id, applied.slice(0, 1));
      await ledger().recordFailure(id, '002-second', 'line 3: no such table');
      await ledger().recordFailure(id, '002-second', 'line 4: no such column');
      const failure = { version: '002-second', message: 'line 4: no such column', at: expect.any(Date) };
      expect(await ledger().of(id)).toEqual({ applied: applied.slice(0, 1), failure });
      await ledger().record(id, applied.slice(1));
      expect(await ledger().of(id)).toEqual({ applied, failure: null });
    });

    it('finds who does not stand at exactly these', async () => {
      const add = () => addTenant(subject.catalog);
      const [none, some, all, changed] = await Promise.all([add(), add(), add(), add()]);
      await ledger().record(some, applied.slice(0, 2));
      await ledger().record(all, applied);
      await ledger().record(changed, [{ ...applied[0]!, checksum: 'another' }, ...applied.slice(1)]);
      expect(await ledger().behind(migrations, 9)).toEqual([none, some, changed].sort());
      expect(await ledger().behind([...migrations].reverse(), 9)).toEqual([none, some, changed].sort());
      expect(await ledger().behind(migrations, 2)).toHaveLength(2);
      expect(await ledger().behind([], 9)).toEqual([some, all, changed].sort());
    });

    it('asks nobody who is not at work', async () => {
      const id = await addTenant(subject.catalog);
      await subject.catalog.tenants.transition(id, { from: ['ready'], to: 'quarantined', reason: null });
      expect(await ledger().behind(migrations, 9)).toEqual([]);
    });
  });
}
