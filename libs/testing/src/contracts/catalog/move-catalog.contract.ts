import type { TenantId } from '@berth/domain';
import type { NewOperation } from '@berth/ports';
import {
  addTenant,
  allPages,
  type CatalogSubject,
  claim,
  finish,
  type MakeCatalog,
  newOperation,
} from './catalog-subject.js';

type NewMove = NonNullable<NewOperation['newMove']>;

export function describeMoveCatalogContract(name: string, makeCatalog: MakeCatalog): void {
  describe(`the moves of ${name}`, () => {
    let subject: CatalogSubject;
    beforeEach(async () => {
      subject = await makeCatalog();
    });
    afterEach(async () => {
      await subject.close();
    });
    const moves = () => subject.catalog.moves;
    const newMove = {
      strategy: 'dump',
      direction: 'promote',
      fromGeneration: 1,
      toGeneration: 2,
      fromClusterId: 'c1',
      toClusterId: 'c2',
      switchMode: 'auto',
      planBefore: null,
      maxRetainedBytes: null,
    } as const;
    const begin = async (tenantId: TenantId, change: Partial<NewMove> = {}): Promise<string> => {
      const operation = newOperation({ tenantId, kind: 'move-tenant', newMove: { ...newMove, ...change } });
      await subject.catalog.operations.create(operation);
      return operation.id;
    };
    const comparison = {
      equal: true,
      rows: 15_607,
      bytes: 1e6,
      ms: 12.5,
      tables: [],
      differences: [],
      differenceCount: 0,
      comparedAt: '2026-11-21T00:00:00.000Z',
    };

    it('begins with its operation, and knows the open one', async () => {
      const tenantId = await addTenant(subject.catalog);
      expect(await moves().openMoveOf(tenantId)).toBeNull();
      const id = await begin(tenantId);
      expect(await moves().get(id)).toEqual({
        id,
        tenantId,
        ...newMove,
        state: 'preflight',
        reason: null,
        error: null,
        readBack: null,
        switchRequestedAt: expect.any(Date),
        switchedAt: null,
        reversedAt: null,
        writePauseMs: null,
        comparison: null,
        reverseComparison: null,
        verifyRequestedAt: null,
        comparedStamp: null,
        lag: null,
        version: 1,
        createdAt: expect.any(Date),
        endedAt: null,
      });
      expect((await moves().openMoveOf(tenantId))?.id).toBe(id);
      expect(await moves().get('none')).toBeNull();
    });

    it('knows what it was planned with', async () => {
      const operation = newOperation({
        ...{ tenantId: await addTenant(subject.catalog), kind: 'move-tenant', newMove },
        input: { window: { deadline: null }, routed: true },
      });
      await subject.catalog.operations.create(operation);
      expect(await moves().inputOf(operation.id)).toEqual({ window: { deadline: null }, routed: true });
      expect(await moves().inputOf('none')).toBeNull();
    });

    it('refuses a second move while one is open, though no operation runs', async () => {
      const tenantId = await addTenant(subject.catalog);
      const id = await begin(tenantId);
      await finish(subject.catalog, id);
      await expect(begin(tenantId)).rejects.toMatchObject({ code: 'move-open', details: { moveId: id } });
      await moves().transition(id, { from: ['preflight'], to: 'cancelled' });
      expect(await begin(tenantId)).not.toBe(id);
    });

    it('changes its state with what is known by then, once', async () => {
      const id = await begin(await addTenant(subject.catalog));
      await moves().transition(id, { from: ['preflight'], to: 'ready', comparison, reason: 'verified' });
      const switchedAt = new Date();
      const change = { from: ['ready'], to: 'switched', writePauseMs: 12.25, switchedAt } as const;
      const switched = await moves().transition(id, change);
      expect(switched).toMatchObject({
        state: 'switched',
        comparison,
        reason: 'verified',
        writePauseMs: 12.25,
        switchedAt,
        version: 3,
      });
      expect(await moves().transition(id, change)).toEqual(switched);
      const done = await moves().transition(id, { from: ['switched'], to: 'completed', reason: null });
      expect(done).toMatchObject({ reason: null, endedAt: expect.any(Date) });
      await expect(moves().transition(id, { from: ['ready'], to: 'cancelled' })).rejects.toMatchObject({
        code: 'move-state',
        details: { state: 'completed', wanted: 'cancelled' },
      });
    });

    it('keeps what it was undone for, and what was found to be gone, until it is told anew', async () => {
      const id = await begin(await addTenant(subject.catalog));
      const error = {
        code: 'schema-changed',
        message: 'A table came.',
        hint: 'Start again.',
        details: { tables: ['a'] },
      };
      const readBack = {
        at: '2026-11-28T10:00:00.000Z',
        gone: [{ what: 'stream', name: 'berth_a_g2_f', clusterId: 'c1' }],
      } as const;
      await moves().transition(id, { from: ['preflight'], to: 'switched', error, readBack });
      expect(await moves().get(id)).toMatchObject({ error, readBack });
      await moves().transition(id, { from: ['switched'], to: 'reversing' });
      expect(await moves().get(id)).toMatchObject({ error, readBack });
      await moves().transition(id, { from: ['reversing'], to: 'switched', error: null });
      expect(await moves().get(id)).toMatchObject({ error: null, readBack });
    });

    it('stays open when it was reversed, until it is completed, and keeps what it was before', async () => {
      const tenantId = await addTenant(subject.catalog);
      const id = await begin(tenantId, { planBefore: 'starter' });
      await finish(subject.catalog, id);
      await moves().transition(id, { from: ['preflight'], to: 'switched', writePauseMs: 12, comparison });
      const reversedAt = new Date();
      await moves().transition(id, { from: ['switched'], to: 'reversing' });
      const reverseComparison = { ...comparison, rows: 15_611 };
      const reversed = await moves().transition(id, {
        from: ['reversing'],
        to: 'reversed',
        reversedAt,
        writePauseMs: 9,
        reverseComparison,
      });
      const kept = { reversedAt, planBefore: 'starter', comparison, reverseComparison };
      expect(reversed).toMatchObject({ ...kept, writePauseMs: 9, endedAt: null });
      expect((await moves().openMoveOf(tenantId))?.id).toBe(id);
      await expect(begin(tenantId)).rejects.toMatchObject({ code: 'move-open' });
      await moves().transition(id, { from: ['reversed'], to: 'completed' });
      expect(await moves().get(id)).toMatchObject({ ...kept, endedAt: expect.any(Date) });
      await begin(tenantId);
    });

    it('is asked to switch once, and wakes its operation', async () => {
      const id = await begin(await addTenant(subject.catalog), { switchMode: 'manual' });
      const { lease } = await claim(subject.catalog, id);
      await subject.catalog.journal.settle(lease, {
        state: 'waiting',
        retryAfterMs: 1e6,
        because: 'press',
        error: null,
      });
      const pressed = await moves().requestSwitch(id);
      expect(pressed.switchRequestedAt).toEqual(expect.any(Date));
      expect(await moves().requestSwitch(id)).toEqual(pressed);
      await claim(subject.catalog, id);
      await moves().transition(id, { from: ['preflight'], to: 'cancelled' });
      await expect(moves().requestSwitch(id)).rejects.toMatchObject({ code: 'move-state' });
      await expect(moves().requestSwitch('none')).rejects.toMatchObject({ code: 'move-not-found' });
    });

    it('is asked to compare anew while it is ready, once, wakes its operation, and is answered by what changes it next', async () => {
      const id = await begin(await addTenant(subject.catalog), { strategy: 'online', switchMode: 'manual' });
      await expect(moves().requestVerify(id)).rejects.toMatchObject({ code: 'move-state' });
      await moves().transition(id, { from: ['preflight'], to: 'ready', comparison, comparedStamp: 'a 1' });
      const { lease } = await claim(subject.catalog, id);
      await subject.catalog.journal.settle(lease, {
        ...{ state: 'waiting', retryAfterMs: 1e6, because: 'press', error: null },
      });
      const asked = await moves().requestVerify(id);
      expect(asked).toMatchObject({ verifyRequestedAt: expect.any(Date), comparedStamp: 'a 1', version: 3 });
      expect(await moves().requestVerify(id)).toEqual(asked);
      await claim(subject.catalog, id);
      const again = { ...comparison, rows: 15_608 };
      const change = { from: ['ready'], to: 'ready', comparison: again, comparedStamp: 'b 2' } as const;
      const answered = { verifyRequestedAt: null, comparison: again, comparedStamp: 'b 2', version: 4 };
      expect(await moves().transition(id, change)).toMatchObject(answered);
      await moves().requestVerify(id);
      const switching = { verifyRequestedAt: null, comparison: again, comparedStamp: 'b 2' };
      expect(await moves().transition(id, { from: ['ready'], to: 'switching' })).toMatchObject(switching);
      await expect(moves().requestVerify(id)).rejects.toMatchObject({ code: 'move-state' });
      await expect(moves().requestVerify('none')).rejects.toMatchObject({ code: 'move-not-found' });
    });

    it('is not asked to compare what only the switch copies', async () => {
      const id = await begin(await addTenant(subject.catalog), { strategy: 'dump', switchMode: 'manual' });
      await moves().transition(id, { from: ['preflight'], to: 'ready' });
      await expect(moves().requestVerify(id)).rejects.toMatchObject({ code: 'move-state' });
    });

    it('keeps the newest lag while it is open, and tells those who watch without a new version', async () => {
      const id = await begin(await addTenant(subject.catalog));
      const revision = () => subject.catalog.operations.revision(id);
      const lag = {
        bytes: 12_345_678_901,
        seconds: 0.412,
        retainedBytes: 22_345_678_901,
        at: new Date('2026-11-28T10:00:00.250Z'),
      };
      const before = await revision();
      await moves().noteLag(id, lag);
      expect(await moves().get(id)).toMatchObject({ lag, version: 1 });
      const noted = await revision();
      expect(noted).toBeGreaterThan(before ?? Number.NaN);
      await moves().noteLag(id, { ...lag, bytes: 1, at: new Date(lag.at.getTime() - 1) });
      expect(await moves().get(id)).toMatchObject({ lag });
      expect(await revision()).toBe(noted);
      const later = { bytes: 0, seconds: null, retainedBytes: 0, at: new Date(lag.at.getTime() + 1) };
      await moves().noteLag(id, later);
      await moves().transition(id, { from: ['preflight'], to: 'cancelled' });
      await moves().noteLag(id, { ...lag, at: new Date(lag.at.getTime() + 2) });
      expect(await moves().get(id)).toMatchObject({ lag: later, state: 'cancelled' });
      await moves().noteLag('none', lag);
    });

    it('keeps how much log a server may keep for it', async () => {
      const maxRetainedBytes = 17_179_869_184;
      const id = await begin(await addTenant(subject.catalog), { strategy: 'online', maxRetainedBytes });
      expect(await moves().get(id)).toMatchObject({ maxRetainedBytes });
    });

    it('counts those that are open, by state', async () => {
      const before = await moves().countOpen();
      const [ready, ended] = [
        await begin(await addTenant(subject.catalog)),
        await begin(await addTenant(subject.catalog)),
      ];
      await moves().transition(ready, { from: ['preflight'], to: 'ready' });
      await moves().transition(ended, { from: ['preflight'], to: 'cancelled' });
      expect(await moves().countOpen()).toEqual({ ...before, ready: (before.ready ?? 0) + 1 });
    });

    it('lists the newest first, of a tenant, open or closed', async () => {
      const tenantId = await addTenant(subject.catalog);
      const first = await begin(tenantId);
      await finish(subject.catalog, first);
      await moves().transition(first, { from: ['preflight'], to: 'completed' });
      const second = await begin(tenantId);
      const third = await begin(await addTenant(subject.catalog));
      const pages = await allPages((page) => moves().list({}, page), 2);
      expect(pages.map((page) => page.map(({ id }) => id))).toEqual([[third, second], [first]]);
      const found = async (filter: Parameters<ReturnType<typeof moves>['list']>[0]) =>
        (await moves().list(filter, { limit: 9 })).items.map(({ id }) => id);
      expect(await found({ tenantId, open: false })).toEqual([first]);
      expect(await found({ open: true })).toEqual([third, second]);
    });
  });
}
