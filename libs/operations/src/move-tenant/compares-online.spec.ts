import { BerthError, type Place } from '@berth/domain';
import { beforeStep, fakeMoves, type FakeSystem, systemToMoveIn } from '@berth/testing';
import { jest } from '@jest/globals';

const { relocate } = fakeMoves;

describe('the comparisons of a move while the tenant works', () => {
  let system: FakeSystem;
  let here: Place;
  beforeEach(async () => {
    ({ system, here } = await systemToMoveIn());
  });

  const there = async () => {
    const place = await system.catalog.placements.get(relocate.tenantId, 2);
    if (place === null) throw new Error('there is no second place');
    return place;
  };
  /** The process that made the switch, and what it has kept of that moment. */
  const dies = (): void => system.switchover.frozen.clear();

  it('stops before the switch when a row differs, and names it', async () => {
    const { id } = await system.desk.start(relocate, 'test');
    const ended = await system.runOn(id, {
      failpoints: beforeStep('verify-live', async () => {
        system.data
          .schema(await there())
          .tables.get('item')
          ?.set('1', 'by hand');
      }),
    });
    expect(ended).toMatchObject({ state: 'failed', error: { code: 'verification-failed' } });
    expect(await system.catalog.moves.get(id)).toMatchObject({ state: 'cancelled', comparison: { equal: false } });
  });

  describe('that waits for its switch', () => {
    const manual = { ...relocate, switchMode: 'manual' } as const;
    const moveOf = (id: string) => system.catalog.moves.get(id);
    const waiting = async () => {
      const { id } = await system.desk.start(manual, 'test');
      expect(await system.runOn(id)).toMatchObject({
        state: 'waiting',
        reason: `Ready. Type: berth moves switch ${id}`,
      });
      return id;
    };

    it('were made before it says that it is ready', async () => {
      const compared = jest.spyOn(system.onlineCopy, 'compareLive');
      const { id } = await system.desk.start(manual, 'test');
      let commit: (() => void) | undefined;
      const failpoints = beforeStep('verify-live', () => void (commit ??= system.data.openWrite(here)));
      const hindered = await system.runOn(id, { failpoints });
      expect(hindered).toMatchObject({ state: 'waiting', reason: expect.stringMatching(/nobody waits for the move/) });
      expect(await moveOf(id)).toMatchObject({ state: 'catching-up', comparison: null });
      commit?.();
      system.clockOffsetMs += 60_000;
      expect(await system.runOn(id)).toMatchObject({ state: 'waiting', reason: expect.stringMatching(/^Ready/) });
      expect(await moveOf(id)).toMatchObject({ state: 'ready', comparison: { equal: true }, switchRequestedAt: null });
      expect(compared).toHaveBeenCalledTimes(2);
    });

    it('are made again when somebody asks, and the switch goes by the newest one', async () => {
      const id = await waiting();
      const compared = jest.spyOn(system.onlineCopy, 'compareLive');
      // By the first comparison the switch would have to compare again.
      system.data.schema(here).rewrites = 1;
      system.data.write(here, 'item', '2', 'two');
      expect(await system.desk.requestVerify(id)).toMatchObject({ id, state: 'waiting' });
      expect(await moveOf(id)).toMatchObject({ verifyRequestedAt: expect.any(Date), comparison: { rows: 1 } });
      expect(await system.runOn(id)).toMatchObject({ state: 'waiting', reason: expect.stringMatching(/^Ready/) });
      expect(compared).toHaveBeenCalledTimes(1);
      expect(await moveOf(id)).toMatchObject({ state: 'ready', verifyRequestedAt: null, comparison: { rows: 2 } });
      await system.desk.requestSwitch(id);
      expect(await system.runOn(id)).toMatchObject({ state: 'succeeded' });
      expect(compared).toHaveBeenCalledTimes(1);
    });

    it('are made before a switch that was pressed later, as long as a transaction is in the way of them', async () => {
      const id = await waiting();
      const commit = system.data.openWrite(here);
      await system.desk.requestVerify(id);
      const hindered = await system.runOn(id);
      expect(hindered).toMatchObject({ state: 'waiting', reason: expect.stringMatching(/nobody waits for the move/) });
      await system.desk.requestSwitch(id);
      expect(await moveOf(id)).toMatchObject({ state: 'ready', verifyRequestedAt: expect.any(Date) });
      commit();
      expect(await system.runOn(id)).toMatchObject({ state: 'succeeded' });
      expect(await moveOf(id)).toMatchObject({ state: 'switched', verifyRequestedAt: null });
    });

    it('undo it when they find a row that differs, as they do at the switch', async () => {
      const id = await waiting();
      system.data
        .schema(await there())
        .tables.get('item')
        ?.set('1', 'by hand');
      await system.desk.requestVerify(id);
      expect(await system.runOn(id)).toMatchObject({ state: 'failed', error: { code: 'verification-failed' } });
      expect(await moveOf(id)).toMatchObject({ state: 'cancelled', comparison: { equal: false } });
      system.data.write(here, 'item', '8', 'works on');
    });
  });

  it('compares again when the comparison is old by the time of the switch, and goes by that one', async () => {
    const now = Date.now.bind(Date);
    const { id } = await system.desk.start(relocate, 'test');
    const later = jest.spyOn(Date, 'now');
    try {
      const ended = await system.runOn(id, {
        failpoints: beforeStep('switch-over', async () => {
          later.mockImplementation(() => now() + 16 * 60_000);
          system.data
            .schema(await there())
            .tables.get('item')
            ?.set('1', 'by hand');
        }),
      });
      expect(ended).toMatchObject({ state: 'failed', error: { code: 'verification-failed' } });
    } finally {
      later.mockRestore();
    }
    system.data.write(here, 'item', '8', 'works on');
  });

  it('compares again and goes on when a table was written anew after the comparison', async () => {
    const { id } = await system.desk.start(relocate, 'test');
    let rewritten = false;
    const compared = jest.spyOn(system.onlineCopy, 'compareLive');
    const ended = await system.runOn(id, {
      failpoints: beforeStep('switch-over', () => {
        rewritten = true;
        system.data.schema(here).rewrites = 1;
      }),
    });
    expect(rewritten).toBe(true);
    expect(ended).toMatchObject({ state: 'succeeded' });
    // After it what the switch has kept is compared.
    expect(compared).toHaveBeenCalledTimes(2);
  });

  it('ends with every row of both ends compared as they were at the switch, whatever was written since', async () => {
    const compared = jest.spyOn(system.onlineCopy, 'compareLive');
    const { id } = await system.desk.start(relocate, 'test');
    const ended = await system.runOn(id, {
      failpoints: beforeStep('verify-after', async () =>
        system.data.write(await there(), 'item', '7', 'written since'),
      ),
    });
    expect(ended).toMatchObject({ state: 'succeeded', result: { comparedAfter: 1, comparedPair: 'frozen' } });
    // The one before the switch; writers wait for none after it.
    expect(compared).toHaveBeenCalledTimes(1);
    expect((await system.catalog.moves.get(id))?.comparison).toMatchObject({ equal: true, rows: 1 });
  });

  it('asks an operator when rows differed at the switch, though a later write has healed them, and shows which', async () => {
    const { id } = await system.desk.start(relocate, 'test');
    const spoilt = jest.spyOn(system.switchover, 'run').mockImplementationOnce(async (request, actor) => {
      system.data.schema(request.streams.forward.to).tables.get('item')?.set('1', 'lost an update');
      spoilt.mockRestore();
      return system.switchover.run(request, actor);
    });
    const ended = await system.runOn(id, {
      failpoints: beforeStep('verify-after', async () => system.data.write(await there(), 'item', '1', 'healed')),
    });
    expect(ended).toMatchObject({ state: 'needs-operator', error: { code: 'verification-failed' } });
    expect(ended.error?.message).toMatch(/When the switch was made rows differed in item/);
    expect((await system.catalog.moves.get(id))?.comparison).toMatchObject({ equal: false, differenceCount: 1 });
    system.data.schema(here).tables.get('item')?.set('1', 'healed');
    await system.desk.retry(id);
    expect(await system.runOn(id)).toMatchObject({ state: 'succeeded', result: { comparedPair: 'live' } });
  });

  it('is no failure that definitions changed at the new place before it was compared once more', async () => {
    const stale = new BerthError('schema-changed', 'A table is in no publication.');
    const compare = system.onlineCopy.compareLive.bind(system.onlineCopy);
    let calls = 0;
    jest.spyOn(system.onlineCopy, 'compareLive').mockImplementation((...args) => {
      calls += 1;
      return calls === 1 ? compare(...args) : Promise.reject(stale);
    });
    const { id } = await system.desk.start(relocate, 'test');
    const ended = await system.runOn(id, { failpoints: beforeStep('verify-after', dies) });
    expect(ended).toMatchObject({ state: 'succeeded', result: { comparedAfter: null, comparedPair: null } });
  });

  it('asks an operator when a row at the old place is not what came back to it', async () => {
    const { id } = await system.desk.start(relocate, 'test');
    const ended = await system.runOn(id, {
      failpoints: beforeStep('verify-after', () => {
        dies();
        system.data.schema(here).tables.get('item')?.set('1', 'by hand');
      }),
    });
    expect(ended).toMatchObject({ state: 'needs-operator', error: { code: 'verification-failed' } });
    expect(ended.error?.message).toMatch(/item/);
    system.data.write(await there(), 'item', '7', 'the tenant works on');
    system.data.schema(here).tables.get('item')?.set('1', 'one');
    await system.desk.retry(id);
    expect(await system.runOn(id)).toMatchObject({ state: 'succeeded', result: { comparedAfter: 2 } });
  });

  it('says that nothing was compared when a long transaction was in the way, and ends', async () => {
    const { id } = await system.desk.start(relocate, 'test');
    let commit: (() => void) | undefined;
    const ended = await system.runOn(id, {
      patienceMs: 60_000,
      failpoints: beforeStep('verify-after', async () => {
        dies();
        commit ??= system.data.openWrite(await there());
      }),
    });
    commit?.();
    expect(ended).toMatchObject({ state: 'succeeded', result: { comparedAfter: null } });
  });
});
