import type { SecretRef } from '@berth/domain';
import type { SecretStore } from '@berth/ports';

interface Note {
  readonly text: string;
}

export interface SecretStoreSubject {
  readonly store: SecretStore;
  /** Another client of the same store, as a second process would have. The same object where there is but one. */
  readonly other: SecretStore;
  readonly close: () => Promise<void>;
}

/** What every secret store does. A subject is an empty store. */
export function describeSecretStoreContract(name: string, makeSubject: () => Promise<SecretStoreSubject>): void {
  describe(`the secret store ${name}`, () => {
    const ref = 'tenants/acme/db' as SecretRef<Note>;
    const metadata = { tenantId: 'acme', generation: 3, operationId: 'op-1' };
    let subject: SecretStoreSubject;
    let store: SecretStore;

    beforeEach(async () => {
      subject = await makeSubject();
      store = subject.store;
    });
    afterEach(async () => {
      await subject.close();
    });

    const write = async (text: string, expectedVersion: number, to: SecretRef<Note> = ref): Promise<number> =>
      store.write(to, { text }, { expectedVersion, metadata });

    it('is ready', async () => {
      await expect(store.check()).resolves.toBeUndefined();
    });

    it('has nothing at first', async () => {
      expect(await store.read(ref)).toBeNull();
      expect(await store.newestVersion(ref)).toBe(0);
      expect(await store.versions(ref)).toEqual([]);
      expect(await store.list('')).toEqual([]);
    });

    it('reads back what was written, with its version, metadata and time', async () => {
      const before = Date.now();
      expect(await write('one "two" – ü\n', 0)).toBe(1);
      const read = await subject.other.read(ref);
      expect(read).toEqual({
        ref,
        version: 1,
        document: { text: 'one "two" – ü\n' },
        metadata,
        createdAt: expect.any(Date),
      });
      // A second of room: a store on another machine has a clock of its own.
      expect(Math.abs((read?.createdAt.getTime() ?? 0) - before)).toBeLessThan(60_000);
    });

    it('keeps metadata that is partly or wholly absent', async () => {
      await store.write(ref, { text: 'a' }, { expectedVersion: 0, metadata: {} });
      await store.write(ref, { text: 'b' }, { expectedVersion: 1, metadata: { generation: 7 } });
      expect((await store.versions(ref)).map((version) => version.metadata)).toEqual([{ generation: 7 }, {}]);
    });

    it('grows by one version a write, and lists them newest first', async () => {
      await write('a', 0);
      await write('b', 1);
      expect(await write('c', 2)).toBe(3);
      expect((await store.read(ref))?.document).toEqual({ text: 'c' });
      expect((await store.versions(ref)).map(({ version, removed }) => [version, removed])).toEqual([
        [3, false],
        [2, false],
        [1, false],
      ]);
    });

    it.each([0, 1, 3, 9])('refuses a write that expects version %i where 2 is the newest', async (expectedVersion) => {
      await write('a', 0);
      await write('b', 1);
      await expect(write('lost', expectedVersion)).rejects.toMatchObject({
        code: 'secret-conflict',
        details: { expectedVersion, foundVersion: 2 },
      });
      expect((await store.read(ref))?.document).toEqual({ text: 'b' });
      expect(await store.newestVersion(ref)).toBe(2);
    });

    it('lets one of many writers of the same version win', async () => {
      for (const expectedVersion of [0, 1]) {
        const writers = Array.from({ length: 8 }, async (_, index) =>
          (index % 2 === 0 ? store : subject.other).write(ref, { text: String(index) }, { expectedVersion, metadata }),
        );
        const results = await Promise.allSettled(writers);
        const won = results.flatMap((result, index) => (result.status === 'fulfilled' ? [index] : []));
        expect(won).toHaveLength(1);
        expect(await store.read(ref)).toMatchObject({
          version: expectedVersion + 1,
          document: { text: String(won[0]) },
        });
        const lost = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
        for (const reason of lost) {
          expect(reason).toMatchObject({
            code: 'secret-conflict',
            details: { expectedVersion, foundVersion: expectedVersion + 1 },
          });
        }
      }
    });

    it('reads null after a removal, keeps counting, and lives again by the next write', async () => {
      await write('a', 0);
      await store.remove(ref);
      await store.remove(ref);
      expect(await store.read(ref)).toBeNull();
      expect(await store.newestVersion(ref)).toBe(1);
      expect(await store.versions(ref)).toMatchObject([{ version: 1, removed: true }]);
      await expect(write('b', 0)).rejects.toMatchObject({ code: 'secret-conflict' });
      expect(await write('b', 1)).toBe(2);
      expect((await store.read(ref))?.document).toEqual({ text: 'b' });
      expect((await store.versions(ref)).map(({ removed }) => removed)).toEqual([false, true]);
    });

    it('takes the removal and the destruction of what is not there', async () => {
      await store.remove(ref);
      await store.destroy(ref);
      expect(await store.newestVersion(ref)).toBe(0);
      expect(await store.list('')).toEqual([]);
    });

    it('destroys every version, and starts at 1 again', async () => {
      await write('a', 0);
      await write('b', 1);
      await store.remove(ref);
      await store.destroy(ref);
      await store.destroy(ref);
      expect(await subject.other.read(ref)).toBeNull();
      expect(await store.newestVersion(ref)).toBe(0);
      expect(await store.versions(ref)).toEqual([]);
      expect(await store.list('tenants')).toEqual([]);
      expect(await write('c', 0)).toBe(1);
    });

    it('lists what lies below a prefix, whole parts only, removed ones too', async () => {
      for (const other of ['tenants/acme/logins', 'tenants/acme-2/db', 'clusters/main/admin']) {
        await write('x', 0, other as SecretRef<Note>);
      }
      await write('x', 0);
      await store.remove(ref);
      expect(await store.list('tenants/acme')).toEqual(['tenants/acme/db', 'tenants/acme/logins']);
      expect(await store.list('tenants/acme/')).toEqual(['tenants/acme/db', 'tenants/acme/logins']);
      expect(await store.list('tenants/ac')).toEqual([]);
      expect(await store.list('tenants')).toHaveLength(3);
      expect(await store.list('')).toHaveLength(4);
    });

    it('keeps secrets apart whose names differ by a sign only', async () => {
      await write('dash', 0, 'tenants/a-b/db' as SecretRef<Note>);
      await write('below', 0, 'tenants/a_b/db' as SecretRef<Note>);
      await write('deep', 0, 'tenants/a/b/db' as SecretRef<Note>);
      expect((await store.read('tenants/a-b/db' as SecretRef<Note>))?.document.text).toBe('dash');
      expect((await store.read('tenants/a_b/db' as SecretRef<Note>))?.document.text).toBe('below');
      expect((await store.read('tenants/a/b/db' as SecretRef<Note>))?.document.text).toBe('deep');
    });

    it.each([
      '',
      '/',
      '..',
      '../key',
      'tenants/../../x',
      'tenants//db',
      '/etc/x',
      'a+b',
      'A/b',
      'a\0b',
      'a'.repeat(201),
    ])('refuses %j as a name', async (wrong) => {
      const wrongRef = wrong as SecretRef<Note>;
      for (const call of [
        store.read(wrongRef),
        store.write(wrongRef, { text: 'x' }, { expectedVersion: 0, metadata }),
        store.destroy(wrongRef),
        store.remove(wrongRef),
      ]) {
        await expect(call).rejects.toMatchObject({ code: 'invalid-name' });
      }
    });

    it('is not changed through an object that it was given or gave away', async () => {
      const document = { text: 'kept' };
      await store.write(ref, document, { expectedVersion: 0, metadata });
      document.text = 'changed';
      const read = await store.read(ref);
      (read!.document as { text: string }).text = 'changed';
      expect((await store.read(ref))?.document).toEqual({ text: 'kept' });
    });
  });
}
