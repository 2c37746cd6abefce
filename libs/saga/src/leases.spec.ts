import { aborted, SagaStage } from '@berth/testing';
import { Heartbeat } from './heartbeat.js';
import { LeaseLost } from './index.js';

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a lease', () => {
  let stage: SagaStage;
  beforeEach(() => (stage = new SagaStage()));

  it('is renewed for a step that takes longer than it', async () => {
    let renewals = 0;
    const { journal } = stage.catalog;
    const renew = journal.renew.bind(journal);
    let enough: () => void = () => undefined;
    const renewedOften = new Promise<void>((resolve) => (enough = resolve));
    journal.renew = async (lease, leaseMs) => {
      renewals += 1;
      if (renewals > 8) enough();
      return await renew(lease, leaseMs);
    };
    // Eight beats of a third of a lease each: more than twice the lease.
    const id = await stage.begin([{ name: 'long', run: async () => (await renewedOften, { done: {} }) }]);
    expect(await stage.settle(id, { leaseMs: 90 })).toMatchObject({ state: 'succeeded' });
  });

  it('that was lost in the middle of a step lets the late worker change nothing afterwards', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let attempt = 0;
    const id = await stage.begin([
      {
        name: 'slow',
        run: async () => {
          attempt += 1;
          if (attempt === 1) await held;
          return { done: { by: attempt === 1 ? 'late' : 'new' } };
        },
      },
      { name: 'next' },
    ]);
    const late = stage.run(id);
    while (attempt === 0) await settled();
    stage.passTime(10_001);
    attempt = 1;
    expect(await stage.settle(id)).toMatchObject({ state: 'succeeded', result: { by: 'new' } });
    const before = await stage.catalog.operations.get(id);
    release();
    expect(await late).toEqual({ kind: 'lease-lost' });
    expect(await stage.catalog.operations.get(id)).toEqual(before);
    expect(stage.log.filter((line) => line === 'run next')).toHaveLength(1);
  });

  it('stops a long step by its signal when somebody else has taken it', async () => {
    const id = await stage.begin([
      {
        name: 'slow',
        run: async ({ signal, attempt }) =>
          attempt === 1 && stage.log.length === 1 ? await aborted(signal) : { done: {} },
      },
    ]);
    const late = stage.run(id, { leaseMs: 60 });
    while (stage.log.length === 0) await settled();
    stage.passTime(10_001);
    expect(await stage.settle(id)).toMatchObject({ state: 'succeeded' });
    expect(await late).toEqual({ kind: 'lease-lost' });
  });

  it.each([
    ['refuses', () => Promise.reject(new Error('the catalog is down'))],
    ['does not answer', () => new Promise<never>(() => undefined)],
  ])('counts as lost before it runs out, when the journal %s', async (_how, renew) => {
    const { journal } = stage.catalog;
    let hang = false;
    const real = journal.renew.bind(journal);
    journal.renew = async (lease, ms) => (hang ? await renew() : await real(lease, ms));
    const lease = { operationId: await stage.begin([{ name: 'one' }]), owner: 'test', fence: 1 };
    // A fifth of it is left when it must count as lost: time enough on a busy machine too.
    const leaseMs = 2_000;
    await journal.claim(lease.operationId, { owner: 'test', leaseMs });
    const began = performance.now();
    const heartbeat = new Heartbeat(journal, lease, leaseMs, {
      cancellable: () => true,
      cancelRequested: false,
      shutdown: new AbortController().signal,
    });
    hang = true;
    await aborted(heartbeat.signal).catch(() => undefined);
    heartbeat.end();
    expect(heartbeat.stopReason).toBe('lease-lost');
    expect(performance.now() - began).toBeLessThan(leaseMs);
  });

  it('counts as lost at the first answer that says so', async () => {
    const { journal } = stage.catalog;
    const lease = { operationId: 'one', owner: 'test', fence: 1 };
    journal.renew = () => Promise.reject(new LeaseLost(lease));
    const began = performance.now();
    const heartbeat = new Heartbeat(journal, lease, 900, {
      cancellable: () => true,
      cancelRequested: false,
      shutdown: new AbortController().signal,
    });
    await aborted(heartbeat.signal).catch(() => undefined);
    heartbeat.end();
    expect(heartbeat.stopReason).toBe('lease-lost');
    // The first beat comes after 300 ms; without an answer it would be 720.
    expect(performance.now() - began).toBeLessThan(600);
  });

  it('is handed back at a shutdown, in the middle of a step, and the next worker goes on', async () => {
    const shutdown = new AbortController();
    let workers = 0;
    const id = await stage.begin([
      { name: 'one' },
      {
        name: 'long',
        run: async ({ signal, attempt }) => {
          workers += 1;
          if (workers > 1) return { done: { attempt } };
          shutdown.abort();
          return await aborted(signal);
        },
      },
    ]);
    expect(await stage.runner().run(id, shutdown.signal)).toEqual({ kind: 'settled', settlement: { state: 'queued' } });
    // At once: the lease would have lasted ten seconds. Being asked to leave is no failed attempt.
    expect(await stage.settle(id)).toEqual({ state: 'succeeded', result: { attempt: 1 } });
    expect(stage.log).toEqual(['run one', 'run long', 'run long']);
  });

  it('is handed back at a shutdown in the middle of an undo', async () => {
    const shutdown = new AbortController();
    const id: string = await stage.begin([
      {
        name: 'one',
        undo: async ({ signal }) => {
          if (shutdown.signal.aborted) return { done: {} };
          shutdown.abort();
          return await aborted(signal);
        },
      },
      { name: 'two', run: async () => (await stage.catalog.operations.requestCancel(id), { done: {} }) },
    ]);
    expect(await stage.runner().run(id, shutdown.signal)).toEqual({ kind: 'settled', settlement: { state: 'queued' } });
    expect(await stage.settle(id)).toEqual({ state: 'cancelled' });
    expect(stage.log).toEqual(['run one', 'run two', 'undo two', 'undo one', 'undo one']);
  });

  it('is left to run out when the journal itself fails, and the operation goes on from where it was', async () => {
    const { journal } = stage.catalog;
    const record = journal.recordStep.bind(journal);
    let down = false;
    journal.recordStep = async (lease, step, event) => {
      if (down) throw new Error('the catalog is down');
      await record(lease, step, event);
    };
    const id = await stage.begin([{ name: 'one' }, { name: 'two', run: async () => ((down = true), { done: {} }) }]);
    expect(await stage.run(id)).toMatchObject({ kind: 'abandoned' });
    down = false;
    expect(await stage.run(id)).toMatchObject({ kind: 'not-claimed', answer: { kind: 'held' } });
    stage.passTime(10_001);
    stage.saga([{ name: 'one' }, { name: 'two' }]);
    expect(await stage.settle(id)).toMatchObject({ state: 'succeeded' });
    expect(stage.log).toEqual(['run one', 'run two', 'run two']);
  });

  it('is not flooded with progress: at most twice a second, the last one always', async () => {
    const written: number[] = [];
    const { journal } = stage.catalog;
    const record = journal.recordStep.bind(journal);
    journal.recordStep = async (lease, step, event) => {
      if (event.kind === 'progress') written.push(event.progress.done);
      await record(lease, step, event);
    };
    const id = await stage.begin([
      {
        name: 'copy',
        run: async ({ reportProgress }) => {
          for (let row = 1; row <= 10_000; row += 1)
            reportProgress({ text: 'rows', done: row, total: 10_000, unit: 'rows' });
          return { done: {} };
        },
      },
    ]);
    expect(await stage.settle(id)).toMatchObject({ state: 'succeeded' });
    expect(written[0]).toBe(1);
    expect(written.at(-1)).toBe(10_000);
    expect(written.length).toBeLessThan(5);
  });
});
