import type { Actor, Place, Progress } from '@berth/domain';
import type { LongWork, TenantCopy } from '@berth/ports';

export interface TenantCopySubject {
  readonly copy: TenantCopy;
  /** A source with rows, an index and a sequence, and an empty target on another cluster. */
  readonly makePair: (tenantId: string) => Promise<{ readonly source: Place; readonly target: Place }>;
  /** Adds a row to the source. */
  readonly addRow: (source: Place) => Promise<void>;
  /** Takes a number from the source's one sequence, as an application does that a fence cannot stop. */
  readonly takeNumber: (source: Place) => Promise<void>;
  /** Leaves in the target what an earlier, broken restore could have left. */
  readonly litter: (target: Place) => Promise<void>;
  readonly areEqual: (source: Place, target: Place) => Promise<boolean>;
  readonly close: () => Promise<void>;
}

/** What every copy does. */
export function describeTenantCopyContract(name: string, makeSubject: () => Promise<TenantCopySubject>): void {
  describe(`the tenant copy ${name}`, () => {
    let subject: TenantCopySubject;
    let copy: TenantCopy;
    let source: Place;
    let target: Place;
    let actor: Actor;
    let dump: string;
    let count = 0;

    beforeAll(async () => {
      subject = await makeSubject();
      copy = subject.copy;
    });
    afterAll(async () => {
      await subject?.close();
    });
    beforeEach(async () => {
      count += 1;
      dump = `dump-${count}`;
      ({ source, target } = await subject.makePair(`copied-${count}`));
      actor = { operationId: 'op-1', tenantId: source.tenantId, fence: 2 };
    });

    const work = (onProgress: (progress: Progress) => void = () => undefined): LongWork => ({
      signal: new AbortController().signal,
      onProgress,
    });
    const cancelled = (): LongWork => {
      const abort = new AbortController();
      abort.abort();
      return { ...work(), signal: abort.signal };
    };

    it('finds nothing against a copy that can work, and tells the size', async () => {
      const findings = await copy.preflight(source, target);
      expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(findings).toContainEqual(expect.objectContaining({ code: 'estimated-size', severity: 'info' }));
      expect(JSON.stringify(findings)).not.toContain('The rows alone take');
      const online = await copy.preflight(source, target, { maxBytesPerSecond: 100_000, yields: true });
      expect(online).toContainEqual(
        expect.objectContaining({
          code: 'estimated-size',
          message: expect.stringMatching(/tables.* The rows alone take .*\d+ s/),
        }),
      );
      const beforeTheTarget = await copy.preflight(source, null);
      expect(beforeTheTarget.filter(({ severity }) => severity === 'error')).toEqual([]);
    });

    it('copies everything, and tells how far it is', async () => {
      const seen: Progress[] = [];
      const made = await copy.dump(source, dump, work());
      expect(made).toMatchObject({
        folder: expect.stringContaining(dump),
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
      expect(made.bytes).toBeGreaterThan(0);
      await copy.restore(
        dump,
        target,
        actor,
        work((progress) => seen.push(progress)),
      );
      expect(seen.length).toBeGreaterThan(0);
      for (const { done, total } of seen) expect(total === null || done <= total).toBe(true);
      await copy.analyze(target, work());
      expect(await subject.areEqual(source, target)).toBe(true);
    });

    it('replaces an older dump of the name', async () => {
      const first = await copy.dump(source, dump, work());
      await subject.addRow(source);
      const second = await copy.dump(source, dump, work());
      expect(second.sha256).not.toBe(first.sha256);
      await copy.restore(dump, target, actor, work());
      expect(await subject.areEqual(source, target)).toBe(true);
    });

    it('restores again, over what an earlier try left', async () => {
      await copy.dump(source, dump, work());
      await subject.litter(target);
      await copy.restore(dump, target, actor, work());
      expect(await subject.areEqual(source, target)).toBe(true);
      await copy.restore(dump, target, actor, work());
      expect(await subject.areEqual(source, target)).toBe(true);
    });

    it('rehearses a dump against its source', async () => {
      await copy.dump(source, dump, work());
      expect(await copy.rehearse(dump, source, work())).toMatchObject({ equal: true });
      await subject.addRow(source);
      expect(await copy.rehearse(dump, source, work())).toMatchObject({
        equal: false,
        differences: [{ kind: 'missing-row' }],
      });
    });

    it.each(['closed', 'open'] as const)(
      'carries sequences forward that moved on, and never back, at a target that is %s',
      async (targetIs) => {
        const atDump = await copy.sequencePositions(source);
        await copy.dump(source, dump, work());
        await copy.restore(dump, target, actor, work());
        expect(await copy.sequencePositions(target)).toEqual(atDump);
        expect(await copy.carrySequences(source, target, actor, targetIs)).toEqual([]);
        await subject.takeNumber(source);
        const later = await copy.sequencePositions(source);
        expect(later).not.toEqual(atDump);
        expect(await copy.carrySequences(source, target, actor, targetIs)).toEqual(Object.keys(atDump));
        expect(await copy.sequencePositions(target)).toEqual(later);
        expect(await copy.carrySequences(source, target, actor, targetIs)).toEqual([]);
        await subject.takeNumber(target);
        const ahead = await copy.sequencePositions(target);
        expect(await copy.carrySequences(source, target, actor, targetIs)).toEqual([]);
        expect(await copy.sequencePositions(target)).toEqual(ahead);
      },
    );

    it('forgets a dump, also twice', async () => {
      await copy.dump(source, dump, work());
      await copy.discard(dump);
      await copy.discard(dump);
      await expect(copy.restore(dump, target, actor, work())).rejects.toMatchObject({ code: 'copy-failed' });
      await expect(copy.rehearse(dump, source, work())).rejects.toMatchObject({ code: 'copy-failed' });
    });

    it('does nothing more once it is cancelled', async () => {
      await expect(copy.dump(source, dump, cancelled())).rejects.toMatchObject({ code: 'cancelled' });
      await expect(copy.restore(dump, target, actor, work())).rejects.toMatchObject({ code: 'copy-failed' });
      await copy.dump(source, dump, work());
      await expect(copy.restore(dump, target, actor, cancelled())).rejects.toMatchObject({ code: 'cancelled' });
      await expect(copy.analyze(target, cancelled())).rejects.toMatchObject({ code: 'cancelled' });
    });

    it('never restores a dump over its own source', async () => {
      await copy.dump(source, dump, work());
      await expect(copy.restore(dump, source, actor, work())).rejects.toMatchObject({ code: 'copy-failed' });
    });

    it('refuses an actor whose lease was taken over', async () => {
      await copy.dump(source, dump, work());
      await copy.restore(dump, target, actor, work());
      await subject.addRow(target);
      await expect(copy.restore(dump, target, { ...actor, fence: 1 }, work())).rejects.toMatchObject({
        code: 'lease-lost',
      });
      expect(await subject.areEqual(source, target)).toBe(false);
    });
  });
}
