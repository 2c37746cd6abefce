import { PlayedError, SagaStage } from '@berth/testing';
import { notYet, type StepEvent } from './index.js';

describe('an operation on its way forward', () => {
  let stage: SagaStage;
  beforeEach(() => (stage = new SagaStage()));

  it('writes started before each act and done after it', async () => {
    const events: string[] = [];
    const { journal } = stage.catalog;
    const record = journal.recordStep.bind(journal);
    journal.recordStep = async (lease, step, event: StepEvent) => {
      events.push(`${event.kind} ${step}`);
      await record(lease, step, event);
    };
    const act = (name: string) => ({
      name,
      run: async () => {
        events.push(`act ${name}`);
        return { done: {} };
      },
    });
    const id = await stage.begin([act('one'), act('two')]);
    expect(await stage.settle(id)).toEqual({ state: 'succeeded', result: {} });
    expect(events).toEqual(['started one', 'act one', 'done one', 'started two', 'act two', 'done two']);
  });

  it('gives each step what the earlier ones gave, and ends with all of it', async () => {
    const seen: unknown[] = [];
    const id = await stage.begin([
      { name: 'one', run: async () => ({ done: { rows: 3 } }) },
      { name: 'two', run: async ({ given }) => (seen.push(given), { done: { bytes: 4 } }) },
      { name: 'three', run: async ({ given }) => (seen.push(given), { done: {} }) },
    ]);
    expect(await stage.settle(id)).toEqual({ state: 'succeeded', result: { rows: 3, bytes: 4 } });
    expect(seen).toEqual([{ rows: 3 }, { rows: 3, bytes: 4 }]);
  });

  it('runs a started step again after a crash, skips done ones, and passes their outputs on', async () => {
    const seen: unknown[] = [];
    const id = await stage.begin([
      { name: 'one', run: async () => ({ done: { rows: 3 } }) },
      { name: 'two', run: async ({ given, attempt }) => (seen.push(given, attempt), { done: {} }) },
    ]);
    // A process that is killed in the act of step two: it never answers, and its lease runs out.
    const killed = {
      hit: ({ step, moment }: { step: string; moment: string }) =>
        step === 'two' && moment === 'before' ? new Promise<void>(() => undefined) : Promise.resolve(),
    };
    void stage.run(id, { failpoints: killed });
    await until(async () => (await stage.stepStates(id))[1] === 'two started');
    expect(await stage.run(id)).toMatchObject({ kind: 'not-claimed', answer: { kind: 'held' } });
    stage.passTime(10_001);
    expect(await stage.settle(id)).toMatchObject({ state: 'succeeded' });
    expect(stage.log).toEqual(['run one', 'run two']);
    expect(seen).toEqual([{ rows: 3 }, 1]);
  });

  it('waits with reason and growing delay on an error that may pass, and says so', async () => {
    const id = await stage.begin([
      {
        name: 'reach',
        run: async ({ attempt }) => {
          if (attempt < 3) throw new PlayedError('backoff', `attempt ${String(attempt)} did not reach it`);
          return { done: {} };
        },
      },
    ]);
    expect(await stage.settle(id)).toMatchObject({
      state: 'waiting',
      retryAfterMs: 1_000,
      because: 'attempt 1 did not reach it',
    });
    expect(await stage.catalog.operations.get(id)).toMatchObject({
      state: 'waiting',
      reason: 'attempt 1 did not reach it',
    });
    expect(await stage.run(id)).toMatchObject({ kind: 'not-claimed', answer: { kind: 'early' } });
    stage.passTime(1_000);
    expect(await stage.settle(id)).toMatchObject({ state: 'waiting', retryAfterMs: 2_000 });
    stage.passTime(2_000);
    expect(await stage.settle(id)).toMatchObject({ state: 'succeeded' });
    expect(stage.log).not.toContain('undo reach');
  });

  it('goes back when the attempts are used up', async () => {
    const id = await stage.begin([
      { name: 'one' },
      {
        name: 'reach',
        run: async () => {
          throw new PlayedError('backoff', 'no route');
        },
      },
    ]);
    for (const wait of [1_000, 2_000]) {
      expect(await stage.settle(id)).toMatchObject({ state: 'waiting', retryAfterMs: wait });
      stage.passTime(wait);
    }
    expect(await stage.settle(id)).toMatchObject({ state: 'failed', error: { message: 'no route' } });
    expect(stage.log.slice(-2)).toEqual(['undo reach', 'undo one']);
  });

  it('waits for what somebody else is at for as long as it takes', async () => {
    let busy = 9;
    const run = async () => {
      busy -= 1;
      if (busy >= 0) throw new PlayedError('wait', 'a report holds a table');
      return { done: {} };
    };
    const id = await stage.begin([{ name: 'lock', run }]);
    while (busy > 0) {
      const waiting = await stage.settle(id);
      expect(waiting).toMatchObject({ state: 'waiting', because: 'a report holds a table' });
      stage.passTime(60_000);
    }
    expect(await stage.settle(id)).toMatchObject({ state: 'succeeded' });
  });

  it('asks an operator at once on an error that neither time nor undo mends', async () => {
    const id = await stage.begin([
      { name: 'one' },
      {
        name: 'dump',
        run: async () => {
          throw new PlayedError('operator', 'disk full');
        },
      },
    ]);
    expect(await stage.settle(id)).toMatchObject({
      state: 'needs-operator',
      because: 'The step dump could not finish: disk full',
    });
    expect(stage.log).toEqual(['run one', 'run dump']);
  });

  it('tells a step what it had failed with when a person had it tried again, and not when time did', async () => {
    const seen: unknown[] = [];
    const failures = [new PlayedError('backoff', 'busy'), new PlayedError('operator', 'look'), null];
    const id = await stage.begin([
      {
        name: 'one',
        run: async ({ retriedAfter }) => {
          seen.push(retriedAfter?.message ?? null);
          const failure = failures.shift();
          if (failure) throw failure;
          return { done: {} };
        },
      },
    ]);
    expect(await stage.settle(id)).toMatchObject({ state: 'waiting' });
    stage.passTime(60_000);
    expect(await stage.settle(id)).toMatchObject({ state: 'needs-operator' });
    await stage.catalog.operations.retry(id);
    expect(await stage.settle(id)).toMatchObject({ state: 'succeeded' });
    expect(seen).toEqual([null, null, 'look']);
  });

  it('waits without counting a failure when a step is not ready yet', async () => {
    let pressed = false;
    const id = await stage.begin([
      { name: 'await-switch', run: async () => (pressed ? { done: {} } : notYet(30_000, 'Press switch.')) },
    ]);
    for (let round = 0; round < 5; round += 1) {
      expect(await stage.settle(id)).toEqual({
        state: 'waiting',
        retryAfterMs: 30_000,
        because: 'Press switch.',
        error: null,
      });
      stage.passTime(30_000);
    }
    pressed = true;
    expect(await stage.settle(id)).toMatchObject({ state: 'succeeded' });
  });

  it.each([
    ['another version', 2, 'played'],
    ['a saga that it does not know', 1, 'unknown'],
  ])('stops for an operator at %s', async (_what, version, name) => {
    const id = await stage.begin([{ name: 'one' }]);
    const sagas = new Map([[name, { ...stage.saga([{ name: 'one' }], version), name }]]);
    expect(await stage.settle(id, { sagas })).toMatchObject({
      state: 'needs-operator',
      error: { code: 'unknown-saga' },
    });
    expect(stage.log).toEqual([]);
  });

  it('stands failpoints before, after and behind the journal of each act', async () => {
    const id = await stage.begin([{ name: 'one' }]);
    await stage.settle(id);
    expect(stage.failpoints.map(({ step, direction, moment }) => `${step} ${direction} ${moment}`)).toEqual([
      'one run before',
      'one run after',
      'one run journaled',
    ]);
  });

  it('tells the observer how each step ended', async () => {
    const id = await stage.begin([{ name: 'one' }, { name: 'two', run: async () => notYet(1, 'later') }]);
    await stage.settle(id);
    expect(stage.ended.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual(['one done', 'two not-yet']);
  });
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}
