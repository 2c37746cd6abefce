import { type Actor, parseTenantId, type Place } from '@berth/domain';
import type { AppliedMigration, TenantMigrations } from '@berth/ports';

export interface TenantMigrationsSubject {
  readonly migrations: TenantMigrations;
  /** Replaces what is available. `fails`: one that the server refuses; the content then is of one line. */
  define(
    migrations: readonly { readonly version: string; readonly table: string; readonly fails?: boolean }[],
  ): Promise<void>;
  /** An empty tenant that stands. */
  place(tenantId: string): Promise<Place>;
  readonly close: () => Promise<void>;
}

/** What every adapter of ordered migrations does. A subject is shared by the tests. */
export function describeTenantMigrationsContract(
  name: string,
  makeSubject: () => Promise<TenantMigrationsSubject>,
): void {
  describe(`the tenant migrations ${name}`, () => {
    let subject: TenantMigrationsSubject;
    let place: Place;
    let count = 0;
    let seen: AppliedMigration[];

    beforeAll(async () => {
      subject = await makeSubject();
    });
    afterAll(async () => {
      await subject.close();
    });
    beforeEach(async () => {
      count += 1;
      seen = [];
      place = await subject.place(`migrated-${count}`);
    });

    const actor = (fence = 1): Actor => ({ operationId: 'op-1', tenantId: parseTenantId(`migrated-${count}`), fence });
    const apply = (fence = 1, signal = new AbortController().signal): Promise<readonly AppliedMigration[]> =>
      subject.migrations.apply(place, actor(fence), { signal, onApplied: (one) => void seen.push(one) });
    const versions = (list: readonly { readonly version: string }[]): readonly string[] =>
      list.map(({ version }) => version);

    it('has nothing to do without migrations', async () => {
      await subject.define([]);
      expect(await subject.migrations.available()).toEqual([]);
      expect(await apply()).toEqual([]);
      expect(await subject.migrations.applied(place)).toEqual([]);
    });

    it('applies what is pending in order, tells each, and records it', async () => {
      await subject.define([
        { version: '001_one', table: 'one' },
        { version: '002_two', table: 'two' },
      ]);
      const available = await subject.migrations.available();
      expect(versions(available)).toEqual(['001_one', '002_two']);
      const done = await apply();
      expect(versions(done)).toEqual(['001_one', '002_two']);
      expect(seen).toEqual(done);
      const applied = await subject.migrations.applied(place);
      expect(applied).toEqual(done);
      expect(applied.map(({ version, checksum }) => ({ version, checksum }))).toEqual(available);
    });

    it('applies only what is new the next time', async () => {
      await subject.define([{ version: '001_one', table: 'one' }]);
      await apply();
      expect(await apply()).toEqual([]);
      await subject.define([
        { version: '001_one', table: 'one' },
        { version: '002_two', table: 'two' },
      ]);
      expect(versions(await apply())).toEqual(['002_two']);
    });

    it('stops at one that fails, names version and line, and finishes when it is corrected', async () => {
      await subject.define([
        { version: '001_one', table: 'one' },
        { version: '002_two', table: 'two', fails: true },
        { version: '003_three', table: 'three' },
      ]);
      await expect(apply()).rejects.toMatchObject({
        code: 'migration-failed',
        message: expect.stringContaining('002_two'),
        details: expect.objectContaining({ version: '002_two', line: 1 }),
      });
      expect(versions(seen)).toEqual(['001_one']);
      expect(versions(await subject.migrations.applied(place))).toEqual(['001_one']);
      await subject.define([
        { version: '001_one', table: 'one' },
        { version: '002_two', table: 'two' },
        { version: '003_three', table: 'three' },
      ]);
      expect(versions(await apply())).toEqual(['002_two', '003_three']);
    });

    it('refuses to go on when an applied one was changed', async () => {
      await subject.define([{ version: '001_one', table: 'one' }]);
      await apply();
      await subject.define([
        { version: '001_one', table: 'another' },
        { version: '002_two', table: 'two' },
      ]);
      await expect(apply()).rejects.toMatchObject({ code: 'migration-changed' });
      expect(versions(await subject.migrations.applied(place))).toEqual(['001_one']);
    });

    it('takes a word for it that some were applied elsewhere, and runs the rest', async () => {
      await subject.define([
        { version: '001_one', table: 'one' },
        { version: '002_two', table: 'two' },
      ]);
      const [first] = await subject.migrations.available();
      await subject.migrations.markApplied(place, [first!], actor());
      await subject.migrations.markApplied(place, [first!], actor());
      expect(await subject.migrations.applied(place)).toEqual([expect.objectContaining({ ...first, ms: 0 })]);
      expect(versions(await apply())).toEqual(['002_two']);
      await expect(subject.migrations.markApplied(place, [first!], actor(0))).rejects.toMatchObject({
        code: 'lease-lost',
      });
    });

    it('does nothing once it is cancelled', async () => {
      await subject.define([{ version: '001_one', table: 'one' }]);
      await expect(apply(1, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
      expect(await subject.migrations.applied(place)).toEqual([]);
    });

    it('refuses an actor whose lease was taken over', async () => {
      await subject.define([{ version: '001_one', table: 'one' }]);
      await apply(7);
      await subject.define([
        { version: '001_one', table: 'one' },
        { version: '002_two', table: 'two' },
      ]);
      await expect(apply(6)).rejects.toMatchObject({ code: 'lease-lost' });
      expect(versions(await subject.migrations.applied(place))).toEqual(['001_one']);
    });
  });
}
