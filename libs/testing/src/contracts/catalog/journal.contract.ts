import { LeaseLost } from '@berth/saga';
import { type CatalogSubject, claim, cluster, type MakeCatalog, newTenantOperation } from './catalog-subject.js';

export function describeJournalContract(name: string, makeCatalog: MakeCatalog): void {
  describe(`the journal of ${name}`, () => {
    let subject: CatalogSubject;
    let id: string;
    beforeEach(async () => {
      subject = await makeCatalog();
      const operation = newTenantOperation();
      id = operation.id;
      await subject.catalog.operations.create(operation);
    });
    afterEach(async () => {
      await subject.close();
    });
    const journal = () => subject.catalog.journal;
    const options = { owner: 'worker', leaseMs: 60_000 };
    const error = { code: 'database-error', message: 'It broke.', hint: null, details: { n: 1 } };
    const stepsOf = async () => (await subject.catalog.operations.get(id))?.steps ?? [];

    it('gives the lease to one of twenty workers', async () => {
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          (index % 2 === 0 ? journal() : subject.other.journal).claim(id, options),
        ),
      );
      expect(answers.filter(({ kind }) => kind === 'claimed')).toHaveLength(1);
      expect(answers.filter(({ kind }) => kind === 'held')).toHaveLength(19);
    });

    it('gives all that the saga needs', async () => {
      expect(await claim(subject.catalog, id)).toEqual({
        lease: { operationId: id, owner: 'worker', fence: expect.any(Number) },
        saga: 'provision-shared',
        sagaVersion: 1,
        input: { plan: 'free', nested: { list: [1, null, 'x'] } },
        direction: 'forward',
        cancelRequested: false,
        error: null,
        steps: ['reserve-names', 'publish-secret', 'tell-everybody'].map((step) => ({
          name: step,
          state: 'pending',
          failures: 0,
          output: null,
          error: null,
        })),
      });
      expect(await subject.catalog.operations.get(id)).toMatchObject({ state: 'running', startedAt: expect.any(Date) });
    });

    it('says why not: absent, held, early, ended', async () => {
      expect(await journal().claim('none', options)).toEqual({ kind: 'absent' });
      const { lease } = await claim(subject.catalog, id);
      const held = await journal().claim(id, options);
      expect(held).toMatchObject({ kind: 'held' });
      expect('retryAfterMs' in held && held.retryAfterMs > 50_000 && held.retryAfterMs <= 60_000).toBe(true);
      await journal().settle(lease, { state: 'waiting', retryAfterMs: 30_000, because: 'Not yet.', error });
      expect(await journal().claim(id, options)).toMatchObject({ kind: 'early' });
      expect(await subject.catalog.operations.get(id)).toMatchObject({
        state: 'waiting',
        reason: 'Not yet.',
        error,
        nextAttemptAt: expect.any(Date),
      });
      await subject.passTime(30_000);
      const again = await claim(subject.catalog, id);
      await journal().settle(again.lease, { state: 'succeeded', result: { url: null } });
      expect(await journal().claim(id, options)).toEqual({ kind: 'ended' });
      expect(await subject.catalog.operations.get(id)).toMatchObject({
        state: 'succeeded',
        reason: null,
        error: null,
        result: { url: null },
        nextAttemptAt: null,
        endedAt: expect.any(Date),
      });
    });

    it('does not give out what waits for a person', async () => {
      const { lease } = await claim(subject.catalog, id);
      await journal().settle(lease, { state: 'needs-operator', because: 'Look.', error });
      expect(await journal().claim(id, options)).toEqual({ kind: 'ended' });
    });

    it('refuses every word of a lease that was followed by a newer one', async () => {
      const { lease: old } = await claim(subject.catalog, id);
      await subject.passTime(60_001);
      const { lease } = await claim(subject.other, id);
      expect(lease.fence).toBeGreaterThan(old.fence);
      const words = [
        () => journal().renew(old, 60_000),
        () => journal().recordStep(old, 'reserve-names', { kind: 'started' }),
        () => journal().recordStep(old, 'reserve-names', { kind: 'done', output: {} }),
        () => journal().turnBack(old, null),
        () => journal().settle(old, { state: 'queued' }),
      ];
      for (const word of words) await expect(word()).rejects.toBeInstanceOf(LeaseLost);
      expect((await stepsOf())[0]).toMatchObject({ state: 'pending', attempts: 0 });
      await journal().recordStep(lease, 'reserve-names', { kind: 'started' });
    });

    it('refuses a lease that was given back', async () => {
      const { lease } = await claim(subject.catalog, id);
      await journal().settle(lease, { state: 'queued' });
      await expect(journal().renew(lease, 1_000)).rejects.toBeInstanceOf(LeaseLost);
      expect(await subject.catalog.operations.get(id)).toMatchObject({ state: 'queued', reason: null });
    });

    it('lets a lease that ran out go on while nobody else has come', async () => {
      const { lease } = await claim(subject.catalog, id);
      await subject.passTime(60_001);
      expect(await journal().renew(lease, 60_000)).toEqual({ cancelRequested: false });
      expect(await journal().claim(id, options)).toMatchObject({ kind: 'held' });
    });

    it('counts fences for all operations together', async () => {
      const second = newTenantOperation();
      await subject.catalog.operations.create(second);
      const one = await claim(subject.catalog, id);
      const two = await claim(subject.other, second.id);
      await journal().settle(one.lease, { state: 'queued' });
      const three = await claim(subject.catalog, id);
      expect([one, two, three].map(({ lease }) => lease.fence)).toEqual(
        [one, two, three].map(({ lease }) => lease.fence).sort((left, right) => left - right),
      );
      expect(new Set([one, two, three].map(({ lease }) => lease.fence)).size).toBe(3);
    });

    it('never runs more operations on a cluster than it may, whoever comes at once', async () => {
      await subject.catalog.clusters.add(cluster({ maxOperations: 3 }));
      await subject.catalog.clusters.add(cluster({ id: 'c2', maxOperations: 3 }));
      const wanted = Array.from({ length: 12 }, (_, index) =>
        newTenantOperation({ clusterIds: index % 2 === 0 ? ['c1', 'c2'] : ['c2', 'c1'] }),
      );
      for (const one of wanted) await subject.catalog.operations.create(one);
      const answers = await Promise.all(
        wanted.map((one, index) => (index % 3 === 0 ? journal() : subject.other.journal).claim(one.id, options)),
      );
      expect(answers.filter(({ kind }) => kind === 'claimed')).toHaveLength(3);
      expect(answers.filter(({ kind }) => kind === 'busy')).toHaveLength(9);
      await subject.passTime(60_001);
      const late = wanted[answers.findIndex(({ kind }) => kind === 'busy')];
      expect((await journal().claim(late?.id ?? '', options)).kind).toBe('claimed');
    });

    it('keeps what each step did', async () => {
      const { lease } = await claim(subject.catalog, id);
      const progress = { text: 'copying', done: 10, total: null, unit: 'bytes' };
      await journal().recordStep(lease, 'reserve-names', { kind: 'started' });
      await journal().recordStep(lease, 'reserve-names', { kind: 'progress', progress });
      await journal().recordStep(lease, 'reserve-names', { kind: 'failed', error });
      expect((await stepsOf())[0]).toMatchObject({ state: 'started', attempts: 1, progress, error, endedAt: null });
      await journal().recordStep(lease, 'reserve-names', { kind: 'started' });
      await journal().recordStep(lease, 'reserve-names', { kind: 'done', output: { names: ['a'] } });
      expect((await stepsOf())[0]).toMatchObject({
        state: 'done',
        attempts: 2,
        error: null,
        startedAt: expect.any(Date),
        endedAt: expect.any(Date),
      });
      await journal().settle(lease, { state: 'queued' });
      expect((await claim(subject.catalog, id)).steps[0]).toEqual({
        name: 'reserve-names',
        state: 'done',
        failures: 1,
        output: { names: ['a'] },
        error: null,
      });
    });

    it('counts failures of the way back apart from those of the way there', async () => {
      const { lease } = await claim(subject.catalog, id);
      const record = (kind: 'started' | 'undo-started' | 'undone') =>
        journal().recordStep(lease, 'reserve-names', { kind });
      const fail = () => journal().recordStep(lease, 'reserve-names', { kind: 'failed', error });
      await record('started');
      await fail();
      await fail();
      await journal().turnBack(lease, error);
      await record('undo-started');
      await fail();
      await record('undo-started');
      await fail();
      await journal().settle(lease, { state: 'waiting', retryAfterMs: 0, because: 'x', error: null });
      const back = await claim(subject.catalog, id);
      expect(back).toMatchObject({ direction: 'undo', error, steps: [{ state: 'undo-started', failures: 2 }, {}, {}] });
      expect(await subject.catalog.operations.get(id)).toMatchObject({ state: 'undoing', error });
      await journal().recordStep(back.lease, 'reserve-names', { kind: 'undone' });
      await journal().settle(back.lease, { state: 'failed', error });
      expect(await subject.catalog.operations.get(id)).toMatchObject({ state: 'failed', reason: 'It broke.', error });
      expect((await stepsOf())[0]).toMatchObject({ state: 'undone' });
    });

    it('hears of a wish to cancel when the lease is renewed', async () => {
      const { lease } = await claim(subject.catalog, id);
      expect(await journal().renew(lease, 60_000)).toEqual({ cancelRequested: false });
      await subject.other.operations.requestCancel(id);
      expect(await journal().renew(lease, 60_000)).toEqual({ cancelRequested: true });
      await journal().turnBack(lease, null);
      await journal().settle(lease, { state: 'cancelled' });
      expect(await subject.catalog.operations.get(id)).toMatchObject({ state: 'cancelled', error: null, reason: null });
    });

    it('tells a step that it does not know from a lost lease', async () => {
      const { lease } = await claim(subject.catalog, id);
      await expect(journal().recordStep(lease, 'no-step', { kind: 'started' })).rejects.toMatchObject({
        code: 'internal',
      });
    });
  });
}
