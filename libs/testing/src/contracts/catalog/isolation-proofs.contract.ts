import type { IsolationReport, TenantId } from '@berth/domain';
import { type CatalogSubject, cluster, type MakeCatalog } from './catalog-subject.js';

const [acme, bravo] = ['acme', 'bravo'] as unknown as [TenantId, TenantId];
const report: IsolationReport = {
  tenants: 2,
  pairs: 2,
  allPairs: 2,
  sample: null,
  poolers: ['pool-1'],
  counts: [{ attempt: 'select', pooler: null, refused: 1, reached: 1, notTried: 0 }],
  rows: [
    {
      ...{ from: acme, to: bravo, pooler: null, refused: 30 },
      others: [{ attempt: 'select', verdict: 'reached', because: 'tenant_acme can read "tenant_bravo"."note".' }],
    },
  ],
};

export function describeIsolationProofsContract(name: string, makeCatalog: MakeCatalog): void {
  describe(`the proofs of isolation of ${name}`, () => {
    let subject: CatalogSubject;
    beforeEach(async () => {
      subject = await makeCatalog();
    });
    afterEach(async () => {
      await subject.close();
    });
    const proofs = () => subject.catalog.proofs;
    const ask = (id: string, clusterId = 'c1') => proofs().request({ id, clusterId, requestedBy: 'key:test' });

    it('are one at a time for a cluster: who asks again is shown the one that is open', async () => {
      const asked = await ask('p1');
      expect(asked).toEqual({
        ...{ id: 'p1', clusterId: 'c1', state: 'waiting', verdict: null, report: null, requestedBy: 'key:test' },
        ...{ createdAt: expect.any(Date), startedAt: null, endedAt: null },
      });
      expect(await subject.other.proofs.request({ id: 'p2', clusterId: 'c1', requestedBy: 'x' })).toEqual(asked);
      expect(await ask('p3', 'c2')).toMatchObject({ id: 'p3' });
      expect(await proofs().newestOf('c1')).toEqual(asked);
      expect([await proofs().lastAskedAt('c1'), await proofs().lastAskedAt('none')]).toEqual([asked.createdAt, null]);
      expect([await proofs().newestOf('none'), await proofs().lastEndedOf('c1')]).toEqual([null, null]);
    });

    it('are worked on by one, oldest first, and by another when that one is gone', async () => {
      await ask('p1');
      await ask('p2', 'c2');
      expect(await proofs().claim(10_000)).toMatchObject({ id: 'p1', state: 'running', startedAt: expect.any(Date) });
      expect(await subject.other.proofs.claim(10_000)).toMatchObject({ id: 'p2' });
      expect(await proofs().claim(10_000)).toBeNull();
      await subject.passTime(6_000);
      await proofs().renew('p1', 10_000);
      await subject.passTime(5_000);
      expect(await subject.other.proofs.claim(10_000)).toMatchObject({ id: 'p2' });
      expect(await proofs().claim(10_000)).toBeNull();
      await proofs().renew('p1', 0);
      await subject.passTime(10);
      expect(await proofs().claim(10_000)).toMatchObject({ id: 'p1' });
    });

    it('end once, with what was found, and stay', async () => {
      await ask('p1');
      await proofs().claim(10_000);
      await proofs().end('p1', 'broken', report);
      const ended = await subject.other.proofs.newestOf('c1');
      expect(ended).toMatchObject({ state: 'ended', verdict: 'broken', report, endedAt: expect.any(Date) });
      await proofs().end('p1', 'isolated', { ...report, rows: [] });
      await proofs().renew('p1', 10_000);
      expect(await proofs().newestOf('c1')).toEqual(ended);
      await subject.passTime(60_000);
      expect(await proofs().claim(10_000)).toBeNull();
      expect(await ask('p2')).toMatchObject({ id: 'p2', state: 'waiting' });
      expect(await proofs().lastEndedOf('c1')).toEqual(ended);
      expect(await proofs().lastAskedAt('c1')).toEqual((await proofs().newestOf('c1'))?.createdAt);
    });

    it('are told of each registered cluster, the last that has ended, without what was found', async () => {
      await subject.catalog.clusters.add(cluster({ id: 'c1' }));
      for (const [id, verdict] of [
        ['p1', 'broken'],
        ['p2', 'isolated'],
      ] as const) {
        await ask(id);
        await proofs().end(id, verdict, report);
      }
      await ask('p3');
      await ask('p4', 'not-registered');
      await proofs().end('p4', 'broken', report);
      const last = await proofs().lastEnded();
      expect(last.map(({ id, verdict }) => [id, verdict])).toEqual([['p2', 'isolated']]);
      expect(last[0]).not.toHaveProperty('report');
    });
  });
}
