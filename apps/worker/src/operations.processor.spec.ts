import { pino } from 'pino';
import type { RunReport } from '@berth/saga';
import { FakeJobQueue } from '@berth/testing';
import { OperationsProcessor } from './operations.processor.js';

const log = pino({ level: 'silent' });
const waiting = (retryAfterMs: number): RunReport => ({
  kind: 'settled',
  settlement: { state: 'waiting', retryAfterMs, because: 'later', error: null },
});

describe('the processor of operations', () => {
  let queue: FakeJobQueue;
  const answering = (report: RunReport) => new OperationsProcessor(queue, { run: async () => report }, log);

  beforeEach(() => (queue = new FakeJobQueue()));
  afterEach(() => queue.close());

  it('asks for one that waits at its time', async () => {
    await answering(waiting(60_000)).process('one');
    expect(await queue.depth()).toMatchObject({ delayed: 1 });
  });

  it.each<[string, RunReport]>([
    ['has ended', { kind: 'settled', settlement: { state: 'succeeded', result: {} } }],
    ['needs an operator', { kind: 'not-claimed', answer: { kind: 'ended' } }],
    ['runs elsewhere', { kind: 'not-claimed', answer: { kind: 'held', retryAfterMs: 9_000 } }],
    // Whoever made it wait has asked for it; if that was lost, the sweep asks.
    ['has to wait still', { kind: 'not-claimed', answer: { kind: 'early', retryAfterMs: 9_000 } }],
    ['was taken over', { kind: 'lease-lost' }],
    ['lost its catalog', { kind: 'abandoned', error: new Error('gone') }],
  ])('leaves one alone that %s', async (_what, report) => {
    await answering(report).process('one');
    expect(await queue.depth()).toEqual({ waiting: 0, active: 0, delayed: 0 });
  });

  it('asks once for one that waits for room, however often the sweep brings it meanwhile', async () => {
    const processor = answering({ kind: 'not-claimed', answer: { kind: 'busy', retryAfterMs: 60_000 } });
    for (let sweep = 0; sweep < 20; sweep += 1) await processor.process('one');
    expect(await queue.depth()).toMatchObject({ delayed: 1 });
    await processor.process('two');
    expect(await queue.depth()).toMatchObject({ delayed: 2 });
  });

  it('asks again for room when the time has come', async () => {
    let runs = 0;
    let enough: () => void = () => undefined;
    const thrice = new Promise<void>((resolve) => (enough = resolve));
    const run = async (): Promise<RunReport> => {
      runs += 1;
      if (runs === 3) enough();
      return { kind: 'not-claimed', answer: { kind: 'busy', retryAfterMs: 5 } };
    };
    const processor = new OperationsProcessor(queue, { run }, log);
    await processor.start(1);
    await queue.enqueue('one');
    await thrice;
  });

  it('does not fail when the queue is down: the sweep brings the operation', async () => {
    queue.goDown();
    await expect(answering(waiting(1_000)).process('one')).resolves.toBeUndefined();
  });

  it('asks what runs to leave, waits for it, and takes nothing more', async () => {
    const seen: string[] = [];
    const run = async (id: string, shutdown: AbortSignal): Promise<RunReport> => {
      seen.push(id);
      await new Promise((resolve) => shutdown.addEventListener('abort', resolve, { once: true }));
      seen.push(`${id} left`);
      return { kind: 'settled', settlement: { state: 'queued' } };
    };
    const processor = new OperationsProcessor(queue, { run }, log);
    await processor.start(1);
    await queue.enqueue('one');
    await queue.enqueue('two');
    while (seen.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await processor.stop();
    expect(seen).toEqual(['one', 'one left']);
  });
});
