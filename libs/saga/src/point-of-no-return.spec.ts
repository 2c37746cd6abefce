import { PlayedError, SagaStage, type PlayedStep } from '@berth/testing';

describe('the point of no return', () => {
  let stage: SagaStage;
  let happened: boolean | Error;
  const hasHappened = async () => {
    if (happened instanceof Error) throw happened;
    return happened;
  };
  const withPivot = (run: PlayedStep['run'], after?: PlayedStep['run']): readonly PlayedStep[] => [
    { name: 'make' },
    { name: 'decide', side: 'pivot', hasHappened, ...(run && { run }) },
    { name: 'deliver', side: 'after', ...(after && { run: after }) },
  ];
  const fail =
    (retry: 'backoff' | 'never' | 'operator', message = 'it broke') =>
    async () => {
      throw new PlayedError(retry, message);
    };

  beforeEach(() => {
    stage = new SagaStage();
    happened = false;
  });

  it('is undone with all before it when it failed and has not happened', async () => {
    const id = await stage.begin(withPivot(fail('never')));
    expect(await stage.settle(id)).toMatchObject({ state: 'failed', error: { message: 'it broke' } });
    expect(stage.log).toEqual(['run make', 'run decide', 'undo make']);
  });

  it('needs an operator, and undoes nothing, when it failed and has happened', async () => {
    happened = true;
    const id = await stage.begin(withPivot(fail('never')));
    expect(await stage.settle(id)).toMatchObject({ state: 'needs-operator' });
    expect(stage.log).toEqual(['run make', 'run decide']);
  });

  it.each(['never', 'backoff'] as const)(
    'waits with the reason while nobody can read whether it happened (%s)',
    async (retry) => {
      happened = new PlayedError('backoff', 'the source is down');
      const id = await stage.begin(withPivot(fail(retry)));
      const settlement = await stage.settle(id);
      expect(settlement).toMatchObject({ state: 'waiting', retryAfterMs: 1_000 });
      expect(stage.log).toEqual(['run make', 'run decide']);
      expect((await stage.catalog.operations.get(id))?.reason).toMatch(
        retry === 'never' ? 'the source is down' : 'it broke',
      );
      happened = false;
      stage.passTime(1_000);
      await stage.settle(id);
      expect(stage.log.slice(2, 3)).toEqual(['run decide']);
    },
  );

  it('waits with the reason when a cancelled, interrupted decision cannot be read back, then asks an operator', async () => {
    const id = await stage.begin(withPivot(fail('backoff')));
    await stage.settle(id);
    await stage.catalog.operations.requestCancel(id);
    happened = new PlayedError('backoff', 'the source is down');
    expect(await stage.settle(id)).toMatchObject({ state: 'waiting', because: 'the source is down' });
    stage.passTime(10_000);
    expect(await stage.settle(id)).toMatchObject({
      state: 'needs-operator',
      because: expect.stringContaining('decide') as string,
    });
    expect(stage.log).toEqual(['run make', 'run decide']);
    happened = false;
    await stage.catalog.operations.retry(id);
    expect(await stage.settle(id)).toEqual({ state: 'cancelled' });
  });

  it('goes forward when it was interrupted, has happened, and somebody wants to cancel', async () => {
    const id = await stage.begin(
      withPivot(async ({ attempt }) => {
        if (attempt === 1) throw new PlayedError('backoff');
        return { done: {} };
      }),
    );
    await stage.settle(id);
    happened = true;
    await stage.catalog.operations.requestCancel(id);
    expect(await stage.settle(id)).toMatchObject({ state: 'succeeded' });
    expect(stage.log).toEqual(['run make', 'run decide', 'run decide', 'run deliver']);
  });

  it('turns back when it was interrupted, has not happened, and somebody wants to cancel', async () => {
    const id = await stage.begin(withPivot(fail('backoff')));
    await stage.settle(id);
    await stage.catalog.operations.requestCancel(id);
    expect(await stage.settle(id)).toEqual({ state: 'cancelled' });
    expect(stage.log).toEqual(['run make', 'run decide', 'undo make']);
  });

  it('refuses a wish to cancel once it is done, and never undoes what comes after it', async () => {
    const id = await stage.begin(withPivot(undefined, fail('never', 'cannot deliver')));
    expect(await stage.settle(id)).toMatchObject({
      state: 'needs-operator',
      because: 'The step deliver could not finish: cannot deliver',
    });
    await expect(stage.catalog.operations.requestCancel(id)).rejects.toMatchObject({ code: 'past-point-of-no-return' });
    expect(stage.log).toEqual(['run make', 'run decide', 'run deliver']);
  });

  it('asks an operator when the attempts after it are used up; a retry counts anew', async () => {
    const id = await stage.begin(withPivot(undefined, fail('backoff', 'no route')));
    for (const wait of [1_000, 2_000]) {
      expect(await stage.settle(id)).toMatchObject({ state: 'waiting', retryAfterMs: wait });
      stage.passTime(wait);
    }
    expect(await stage.settle(id)).toMatchObject({ state: 'needs-operator' });
    expect(await stage.run(id)).toMatchObject({ kind: 'not-claimed', answer: { kind: 'ended' } });
    await stage.catalog.operations.retry(id);
    expect(await stage.settle(id)).toMatchObject({ state: 'waiting', retryAfterMs: 1_000 });
    expect(stage.log).not.toContain('undo make');
  });

  it('does not let a wish that came during the decision stop what follows', async () => {
    const id: string = await stage.begin(
      withPivot(
        async () => {
          await stage.catalog.operations.requestCancel(id);
          return { done: {} };
        },
        async ({ signal }) => ({ done: { stopped: signal.aborted } }),
      ),
    );
    expect(await stage.settle(id)).toEqual({ state: 'succeeded', result: { stopped: false } });
  });
});
