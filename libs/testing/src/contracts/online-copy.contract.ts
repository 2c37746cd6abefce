import { type Actor, type Place, type ReplicationStream, streamsOf } from '@berth/domain';
import type { LongWork, OnlineCopy, TenantReplication } from '@berth/ports';

export interface OnlineCopySubject {
  readonly copy: OnlineCopy;
  readonly replication: TenantReplication;
  /** A source with the table `item` (the rows 1 to 3, an index, a sequence), and an empty target. */
  readonly makePair: (tenantId: string) => Promise<{ readonly source: Place; readonly target: Place }>;
  /** Sets or deletes (`null`) a row of `item`, at either end. */
  readonly write: (place: Place, key: string, value: string | null) => Promise<void>;
  /** Opens a transaction that has written; answers with its commit. */
  readonly openWrite: (place: Place) => Promise<() => Promise<void>>;
  /** Changes the definition of `item`. */
  readonly changeDefinition: (place: Place) => Promise<void>;
  readonly close: () => Promise<void>;
}

const work: LongWork = { signal: new AbortController().signal, onProgress: () => undefined };
const options = { keepTimeoutMs: 20_000, lanes: 2, bytesPerSecond: null, yields: true };
const live = { lockTimeoutMs: 500, lanes: 1 };

/** What every copy of a tenant at work does. */
export function describeOnlineCopyContract(name: string, makeSubject: () => Promise<OnlineCopySubject>): void {
  describe(`the online copy ${name}`, () => {
    let subject: OnlineCopySubject;
    let copy: OnlineCopy;
    let replication: TenantReplication;
    let stream: ReplicationStream;
    let source: Place;
    let target: Place;
    let actor: Actor;
    let count = 0;

    beforeAll(async () => {
      subject = await makeSubject();
      ({ copy, replication } = subject);
    });
    afterAll(async () => {
      await subject?.close();
    });
    beforeEach(async () => {
      count += 1;
      ({ source, target } = await subject.makePair(`at-work-${String(count)}`));
      stream = streamsOf(source, target, 2).forward;
      actor = { operationId: 'op-1', tenantId: source.tenantId, fence: 2 };
      await copy.copyDefinitions(stream, `definitions-${String(count)}`, actor, work);
      await replication.publish(stream, {}, actor);
    });
    afterEach(async () => {
      await replication.remove(stream, actor);
    });

    const finish = async (): Promise<void> => {
      await copy.finishDefinitions(stream, `definitions-${String(count)}`, actor, work);
      await copy.finishDefinitions(stream, `definitions-${String(count)}`, actor, work);
      await replication.follow(stream, actor);
    };
    const cancelled = (): LongWork => {
      const abort = new AbortController();
      abort.abort();
      return { ...work, signal: abort.signal };
    };

    it('is equal at one moment, whatever was written during the copy and after it', async () => {
      expect(await copy.copyRows(stream, actor, options, work)).toMatchObject({ tables: 1, rows: 3, again: 0 });
      await subject.write(source, '4', 'late');
      await subject.write(source, '1', null);
      await finish();
      await subject.write(source, '2', 'changed');
      const { report, heldMs } = await copy.compareLive(stream, live, work);
      expect(report).toMatchObject({ equal: true, rows: 3, differences: [] });
      expect(heldMs).toBeGreaterThanOrEqual(0);
    });

    it('tells what it had copied when it is asked again, and begins anew where nothing is kept', async () => {
      const copied = await copy.copyRows(stream, actor, options, work);
      await subject.write(source, '4', 'late');
      expect(await copy.copyRows(stream, actor, options, work)).toEqual(copied);
      await replication.remove(stream, actor);
      await replication.publish(stream, {}, actor);
      expect(await copy.copyRows(stream, actor, options, work)).toMatchObject({ rows: 4 });
      await finish();
      expect((await copy.compareLive(stream, live, work)).report).toMatchObject({ equal: true, rows: 4 });
    });

    it('finds a row that was changed at the target, and a definition that was changed at the source', async () => {
      await copy.copyRows(stream, actor, options, work);
      await finish();
      await subject.write(target, '2', 'by hand');
      await subject.changeDefinition(source);
      const { report } = await copy.compareLive(stream, live, work);
      expect(report.equal).toBe(false);
      expect(report.differences).toContainEqual(
        expect.objectContaining({ kind: 'changed-row', object: 'item (id) = (2)' }),
      );
      expect(report.differences.filter(({ kind }) => !kind.endsWith('-row'))).not.toEqual([]);
    });

    it('trap 13: finds a row that the target lacks, though the stream brings its update without an error', async () => {
      await copy.copyRows(stream, actor, options, work);
      await finish();
      await subject.write(target, '2', null);
      await subject.write(source, '2', 'changed');
      const { report } = await copy.compareLive(stream, live, work);
      expect(report.differences).toEqual([expect.objectContaining({ kind: 'missing-row', object: 'item (id) = (2)' })]);
      expect(report.equal).toBe(false);
      expect(await replication.state(stream)).toMatchObject({ subscription: 'enabled', applyErrors: 0 });
    });

    it('does not make writers wait for a long transaction', async () => {
      await copy.copyRows(stream, actor, options, work);
      await finish();
      const commit = await subject.openWrite(source);
      await expect(copy.compareLive(stream, { ...live, lockTimeoutMs: 100 }, work)).rejects.toMatchObject({
        code: 'lock-timeout',
        retry: 'wait',
      });
      await commit();
      expect((await copy.compareLive(stream, live, work)).report.equal).toBe(true);
    });

    it('says that nobody follows, and does nothing once it is cancelled', async () => {
      await expect(copy.copyRows(stream, actor, options, cancelled())).rejects.toMatchObject({ code: 'cancelled' });
      await copy.copyRows(stream, actor, options, work);
      await expect(copy.compareLive(stream, live, cancelled())).rejects.toMatchObject({ code: 'cancelled' });
    });

    it('refuses an actor whose lease was taken over', async () => {
      await expect(copy.copyRows(stream, { ...actor, fence: 1 }, options, work)).rejects.toMatchObject({
        code: 'lease-lost',
      });
    });
  });
}
