import { type Actor, type ComparisonReport, exchanged, type Place, streamsOf } from '@berth/domain';
import type {
  LongWork,
  SwitchReport,
  SwitchRequest,
  TenantFence,
  TenantGate,
  TenantReplication,
  TenantSwitch,
} from '@berth/ports';
import type { WriteOutcome } from './tenant-fence.contract.js';

export interface TenantSwitchSubject {
  readonly switch: TenantSwitch;
  readonly fence: TenantFence;
  readonly gate: TenantGate;
  readonly replication: TenantReplication;
  /** Two equal places: the table `item` with the rows 1 to 3, and a sequence that stands behind at the target. */
  readonly makePair: (tenantId: string) => Promise<{ readonly source: Place; readonly target: Place }>;
  /** One row of `item` as the tenant. */
  readonly write: (place: Place, key: string) => Promise<WriteOutcome>;
  readonly openWrite: (place: Place) => Promise<() => Promise<void>>;
  /** Changes the row past the gate, where no stream carries it; and writes it as a tenant would, so that both ends are the same again. */
  readonly spoil: (place: Place, key: string) => Promise<void>;
  readonly mend: (place: Place, key: string) => Promise<void>;
  readonly changeDefinition: (place: Place) => Promise<void>;
  /** Keys of `item`. */
  readonly keys: (place: Place) => Promise<readonly string[]>;
  readonly sequence: (place: Place) => Promise<string>;
  readonly close: () => Promise<void>;
}

const work: LongWork = { signal: new AbortController().signal, onProgress: () => undefined };
const limits = { deadlineMs: 5_000, lockTimeoutMs: 1_000, attempts: 5 };

/** What every switch does. */
export function describeTenantSwitchContract(name: string, makeSubject: () => Promise<TenantSwitchSubject>): void {
  describe(`the tenant switch ${name}`, () => {
    let subject: TenantSwitchSubject;
    let source: Place;
    let target: Place;
    let actor: Actor;
    let request: SwitchRequest;
    let count = 0;

    beforeAll(async () => {
      subject = await makeSubject();
    });
    afterAll(async () => {
      await subject?.close();
    });
    beforeEach(async () => {
      count += 1;
      ({ source, target } = await subject.makePair(`turned-${String(count)}`));
      actor = { operationId: 'op-1', tenantId: source.tenantId, fence: 2 };
      const streams = streamsOf(source, target, 5);
      for (const stream of [streams.forward, streams.reverse]) {
        await subject.replication.publish(stream, {}, actor);
        await subject.replication.keepChanges(stream, actor, { timeoutMs: 20_000 });
        await subject.replication.follow(stream, actor, stream === streams.forward ? 'carry' : 'lead-back');
      }
      await subject.replication.awaitApplied(streams.forward, { timeoutMs: 20_000 });
      await subject.gate.close(target, 5, actor);
      await subject.fence.prepare(source, 5, actor);
      request = {
        streams,
        generation: 5,
        stamp: null,
        fingerprint: await subject.fence.fingerprint(source),
        ...limits,
      };
    });
    afterEach(async () => {
      for (const stream of Object.values(request.streams)) await subject.replication.remove(stream, actor);
    });

    const run = (change: Partial<SwitchRequest> = {}): Promise<SwitchReport> =>
      subject.switch.run({ ...request, ...change }, actor);
    const frozen = (): Promise<ComparisonReport | null> => subject.switch.compareFrozen(request.streams.forward, work);
    const nothingDecided = async (): Promise<void> => {
      expect(await subject.fence.movedMarker(source, actor)).toBeNull();
      expect(await subject.gate.state(target)).toBe('closed');
      expect(await subject.write(source, '77')).toEqual({ refused: false });
      expect(await subject.write(target, '78')).toEqual({ refused: true, generation: 5 });
    };

    it('moves the writers with every row and sequence, and the way back runs', async () => {
      await subject.write(source, '4');
      const report = await run();
      expect(await subject.write(target, '5')).toEqual({ refused: false });
      expect(report).toMatchObject({ attempts: 1, sequences: 1 });
      expect(report.writePauseMs).toBeGreaterThanOrEqual(0);
      const lsn = expect.stringMatching(/^[0-9A-F]+\/[0-9A-F]+$/) as string;
      expect(report.positions).toEqual({
        ...{ marker: expect.any(Number) as number, markerLsn: lsn, pivotLsn: lsn, openLsn: lsn },
      });
      expect(Object.keys(report.times).sort()).toEqual([
        'arm',
        'lock',
        'marker',
        'open',
        'pivot',
        'prepare',
        'sequences',
      ]);
      expect(await subject.write(source, '6')).toEqual({ refused: true, generation: 5 });
      expect(await subject.fence.movedMarker(source, actor)).toMatchObject({ generation: 5, operationId: 'op-1' });
      expect(await subject.fence.state(source)).toBe('armed');
      expect(await subject.sequence(target)).toBe(await subject.sequence(source));
      for (let turn = 0; turn < 2; turn += 1) await subject.switch.turn(request.streams, actor);
      await subject.replication.awaitApplied(request.streams.reverse, { timeoutMs: 20_000 });
      expect(await subject.keys(source)).toEqual(['1', '2', '3', '4', '5']);
      expect(await subject.keys(target)).toEqual(['1', '2', '3', '4', '5']);
    });

    it('compares both ends as they were at the switch, once, whatever was written since', async () => {
      await run();
      await subject.write(target, '4');
      expect(await frozen()).toMatchObject({ equal: true, rows: 3 });
      expect(await frozen()).toBeNull();
    });

    it('finds a row that was not the same when it switched, though both ends are the same by now', async () => {
      await subject.spoil(target, '2');
      await run();
      await subject.mend(target, '2');
      // Where streams take turns nothing goes back before that.
      await subject.switch.turn(request.streams, actor);
      await subject.replication.awaitApplied(request.streams.reverse, { timeoutMs: 20_000 });
      expect(await frozen()).toMatchObject({ equal: false, tables: [{ table: 'item', equal: false }] });
    });

    it('moves them back by the same switch with the ends exchanged, behind a gate instead of the fence', async () => {
      await run();
      await subject.write(target, '4');
      await subject.switch.turn(request.streams, actor);
      const { fence, gate } = subject;
      const back = { ...actor, operationId: 'op-2', fence: 3 };
      await expect(fence.remove(source, back)).rejects.toMatchObject({ code: 'past-point-of-no-return' });
      await gate.close(source, 6, back);
      await fence.remove(source, back);
      expect(await fence.state(source)).not.toBe('armed');
      expect(await subject.write(source, '77')).toEqual({ refused: true, generation: 6 });
      // Taken back, the fence stands again, and no gate.
      await fence.arm(source, 5, back, { lockTimeoutMs: 1_000 });
      await gate.remove(source, back);
      expect(await subject.write(source, '77')).toEqual({ refused: true, generation: 5 });
      await expect(fence.remove(source, back)).rejects.toMatchObject({ code: 'past-point-of-no-return' });
      await gate.close(source, 6, back);
      await fence.remove(source, back);
      await fence.prepare(target, 6, back);
      const change = {
        streams: exchanged(request.streams),
        generation: 6,
        fingerprint: await fence.fingerprint(target),
      };
      const report = await subject.switch.run({ ...request, ...change }, back);
      expect(await subject.write(source, '5')).toEqual({ refused: false });
      expect(report).toMatchObject({ sequences: 1 });
      expect(await subject.switch.compareFrozen(change.streams.forward, work)).toMatchObject({ equal: true, rows: 4 });
      expect(await subject.write(target, '78')).toEqual({ refused: true, generation: 6 });
      expect(await fence.movedMarker(target, back)).toMatchObject({ generation: 6, operationId: 'op-2' });
      await fence.clearMarker(source, back);
      await subject.switch.turn(change.streams, back);
      await gate.remove(source, back);
      expect([await fence.state(source), await gate.state(source)]).toEqual(['open', 'none']);
      await subject.replication.awaitApplied(request.streams.forward, { timeoutMs: 20_000 });
      for (const place of [source, target]) expect(await subject.keys(place)).toEqual(['1', '2', '3', '4', '5']);
      actor = back;
    });

    it('decides nothing while a long transaction is open, and switches after it', async () => {
      const commit = await subject.openWrite(source);
      await expect(run({ lockTimeoutMs: 100, attempts: 2 })).rejects.toMatchObject({ code: 'lock-timeout' });
      await commit();
      await nothingDecided();
      await run();
      expect(await frozen()).toMatchObject({ equal: true });
    });

    it('decides nothing when a definition changed', async () => {
      await subject.changeDefinition(source);
      await expect(run()).rejects.toMatchObject({ code: 'schema-changed', retry: 'never' });
      await nothingDecided();
    });

    it('decides nothing when tables were written anew since their rows were compared', async () => {
      await expect(run({ stamp: 'of another moment' })).rejects.toMatchObject({ code: 'verification-stale' });
      await nothingDecided();
    });

    it('decides nothing without a stream in both directions', async () => {
      await subject.replication.remove(request.streams.reverse, actor);
      await expect(run()).rejects.toMatchObject({ code: 'stream-lost' });
      await nothingDecided();
    });

    it('decides nothing without fence and gate', async () => {
      await subject.fence.remove(source, actor);
      await expect(run()).rejects.toMatchObject({ code: 'fence-missing' });
      await nothingDecided();
    });

    it('refuses an actor whose lease was taken over', async () => {
      const stale = { ...actor, fence: 1 };
      await subject.fence.prepare(source, 5, actor);
      await expect(subject.switch.run(request, stale)).rejects.toMatchObject({ code: 'lease-lost' });
      await nothingDecided();
    });
  });
}
