import { aborted, PlayedError, SagaStage } from '@berth/testing';

const fail =
  (retry: 'backoff' | 'never' | 'operator', message = 'it broke') =>
  async () => {
    throw new PlayedError(retry, message);
  };

describe('an operation that turns back', () => {
  let stage: SagaStage;
  beforeEach(() => (stage = new SagaStage()));

  it('undoes in reverse all that was started, the step that failed too, and nothing else', async () => {
    const id = await stage.begin([
      { name: 'one' },
      { name: 'two' },
      { name: 'three', run: fail('never') },
      { name: 'four' },
    ]);
    expect(await stage.settle(id)).toMatchObject({ state: 'failed', error: { message: 'it broke' } });
    expect(stage.log).toEqual(['run one', 'run two', 'run three', 'undo three', 'undo two', 'undo one']);
    expect(await stage.stepStates(id)).toEqual(['one undone', 'two undone', 'three undone', 'four pending']);
  });

  it('stops with the name of the step when an undo fails; a retry goes on with that undo', async () => {
    let broken = true;
    const undo = async () => {
      if (broken) throw new PlayedError('never', 'role is in use');
      return { done: {} };
    };
    const id = await stage.begin([{ name: 'one' }, { name: 'two', undo }, { name: 'three', run: fail('never') }]);
    expect(await stage.settle(id)).toMatchObject({
      state: 'needs-operator',
      because: 'The step two could not undo: role is in use',
    });
    broken = false;
    await stage.catalog.operations.retry(id);
    expect(await stage.settle(id)).toMatchObject({ state: 'failed', error: { message: 'it broke' } });
    expect(stage.log.slice(3)).toEqual(['undo three', 'undo two', 'undo two', 'undo one']);
  });

  it('counts the failures of an undo anew, and waits between them', async () => {
    let left = 2;
    const undo = async () => {
      left -= 1;
      if (left >= 0) throw new PlayedError('backoff', 'not reachable');
      return { done: {} };
    };
    const id = await stage.begin([{ name: 'one', run: fail('never'), undo }]);
    expect(await stage.settle(id)).toMatchObject({ state: 'waiting', retryAfterMs: 1_000, because: 'not reachable' });
    stage.passTime(1_000);
    expect(await stage.settle(id)).toMatchObject({ state: 'waiting', retryAfterMs: 2_000 });
    stage.passTime(2_000);
    expect(await stage.settle(id)).toMatchObject({ state: 'failed', error: { message: 'it broke' } });
  });

  it('is cancelled between two steps', async () => {
    const id: string = await stage.begin([
      { name: 'one', run: async () => (await stage.catalog.operations.requestCancel(id), { done: {} }) },
      { name: 'two' },
    ]);
    expect(await stage.settle(id)).toEqual({ state: 'cancelled' });
    expect(stage.log).toEqual(['run one', 'undo one']);
  });

  it('is cancelled after the last step of a saga that has no point of no return', async () => {
    const id: string = await stage.begin([
      { name: 'one', run: async () => (await stage.catalog.operations.requestCancel(id), { done: {} }) },
    ]);
    expect(await stage.settle(id)).toEqual({ state: 'cancelled' });
    expect(stage.log).toEqual(['run one', 'undo one']);
  });

  it('is cancelled inside a long step by its signal; the undo gets a fresh one', async () => {
    const signals: boolean[] = [];
    const id: string = await stage.begin([
      {
        name: 'dump',
        run: async ({ signal }) => {
          await stage.catalog.operations.requestCancel(id);
          return await aborted(signal);
        },
        undo: async ({ signal }) => (signals.push(signal.aborted), { done: {} }),
      },
    ]);
    expect(await stage.settle(id, { leaseMs: 60 })).toEqual({ state: 'cancelled' });
    expect(signals).toEqual([false]);
  });

  it('does not heed a cancellation while it goes back already', async () => {
    const id: string = await stage.begin([
      {
        name: 'one',
        run: fail('never'),
        undo: async () => (await stage.catalog.operations.requestCancel(id), { done: {} }),
      },
    ]);
    expect(await stage.settle(id)).toMatchObject({ state: 'failed' });
    expect(stage.log).toEqual(['run one', 'undo one']);
  });

  it('is cancelled out of needs-operator', async () => {
    const id = await stage.begin([{ name: 'one' }, { name: 'two', run: fail('operator') }]);
    await stage.settle(id);
    await stage.catalog.operations.requestCancel(id);
    expect(await stage.settle(id)).toEqual({ state: 'cancelled' });
    expect(stage.log).toEqual(['run one', 'run two', 'undo two', 'undo one']);
  });

  it.each(['backoff', 'operator'] as const)(
    'heeds a wish to cancel that came in the middle of a failing step (%s)',
    async (retry) => {
      const id: string = await stage.begin([
        {
          name: 'one',
          run: async () => {
            await stage.catalog.operations.requestCancel(id);
            throw new PlayedError(retry);
          },
        },
      ]);
      expect(await stage.settle(id)).toEqual({ state: 'cancelled' });
    },
  );

  it('heeds a wish to cancel that came while a step found that it has to wait', async () => {
    const id: string = await stage.begin([
      {
        name: 'one',
        run: async () => {
          await stage.catalog.operations.requestCancel(id);
          return { notYet: { retryAfterMs: 60_000, because: 'later' } };
        },
      },
    ]);
    expect(await stage.settle(id)).toEqual({ state: 'cancelled' });
  });

  it('undoes, even unstarted, the step that takes back what was written with the operation itself', async () => {
    const id = await stage.begin([
      { name: 'reserve', undoUnstarted: 'the row was written with the operation' },
      { name: 'make' },
    ]);
    await stage.catalog.operations.requestCancel(id);
    expect(await stage.settle(id)).toEqual({ state: 'cancelled' });
    expect(stage.log).toEqual(['undo reserve']);
  });

  it('touches nothing when it is cancelled before it began', async () => {
    const id = await stage.begin([{ name: 'one' }, { name: 'two' }]);
    await stage.catalog.operations.requestCancel(id);
    expect(await stage.settle(id)).toEqual({ state: 'cancelled' });
    expect(stage.log).toEqual([]);
  });
});
