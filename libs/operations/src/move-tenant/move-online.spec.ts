import { BerthError, parseTenantId, type Place, streamsOf } from '@berth/domain';
import {
  beforeStep,
  fakeMoves,
  type FakePooler,
  FakeSqlError,
  type FakeSystem,
  heldAroundSwitch,
  systemToMoveIn,
} from '@berth/testing';
import { jest } from '@jest/globals';
import { mendRoutes } from '../routing/mend-routes.js';
import { moveOnline } from './move-online.saga.js';

const acme = parseTenantId('acme');
const { relocate, promote } = fakeMoves;

describe('a move while the tenant works', () => {
  let system: FakeSystem;
  let here: Place;
  beforeEach(async () => {
    ({ system, here } = await systemToMoveIn());
  });

  const there = async () => {
    const place = await system.catalog.placements.get(acme, 2);
    if (place === null) throw new Error('there is no second place');
    return place;
  };
  const streams = async () => Object.values(streamsOf(here, await there(), 2));
  const leftovers = async () =>
    (await Promise.all((await streams()).map((one) => system.replication.leftovers(one)))).flat();

  it('refuses nobody before the switch, brings along what was written meanwhile, and runs back to the old place', async () => {
    const { id } = await system.desk.start(relocate, 'test');
    const ended = await system.runOn(id, {
      failpoints: beforeStep('verify-live', () => system.data.write(here, 'item', '2', 'written during the move')),
    });
    expect(ended).toMatchObject({ state: 'succeeded' });
    const place = await there();
    expect(await system.catalog.placements.current(acme)).toMatchObject({ clusterId: 'shared-2', generation: 2 });
    expect(await system.catalog.moves.get(id)).toMatchObject({ state: 'switched', comparison: { equal: true } });
    system.data.write(place, 'item', '3', 'written after it');
    expect(() => system.data.write(here, 'item', '4', 'too late')).toThrow(FakeSqlError);
    const [, reverse] = await streams();
    await system.replication.awaitApplied(reverse!, { timeoutMs: 50 });
    const rows = (of: Place) => [...(system.data.schema(of).tables.get('item') ?? [])].sort();
    expect(rows(place)).toEqual([
      ['1', 'one'],
      ['2', 'written during the move'],
      ['3', 'written after it'],
    ]);
    expect(rows(here)).toEqual(rows(place));
    expect(await system.gate.state(place)).toBe('none');
  });

  it('is completed: the streams go from both ends, then the old place', async () => {
    const { id } = await system.perform(relocate);
    expect(await leftovers()).not.toEqual([]);
    await system.perform({ kind: 'complete-move', moveId: id });
    expect(await leftovers()).toEqual([]);
    expect(await system.catalog.moves.get(id)).toMatchObject({ state: 'completed' });
  });

  it('promotes to an instance of its own', async () => {
    await system.perform(promote);
    expect(await system.catalog.placements.current(acme)).toMatchObject({ tier: 'dedicated', generation: 2 });
  });

  it.each(moveOnline.steps.filter(({ side }) => side === 'before').map(({ name }) => name))(
    'is cancelled at %s: nothing is left of it, and the tenant works on',
    async (name) => {
      if (name === 'ready-route') await system.addPooler('pool-1');
      const manual = { ...promote, switchMode: 'manual' } as const;
      const { id } = await system.desk.start(manual, 'test');
      if (name !== 'await-switch' && name !== 'await-caught-up') await system.desk.requestSwitch(id);
      const ended = await system.runOn(id, { failpoints: beforeStep(name, () => void system.desk.cancel(id)) });
      expect(ended).toMatchObject({ state: 'cancelled' });
      expect(await leftovers()).toEqual([]);
      expect(await system.fence.state(here)).toBe('open');
      expect(system.copy.dumps()).toEqual([]);
      expect(await system.infrastructure.list()).toEqual([]);
      system.data.write(here, 'item', '5', 'works on');
      expect(await system.catalog.moves.get(id)).toMatchObject({ state: 'cancelled' });
    },
  );

  it('stops at the switch when a definition changed, and takes everything back', async () => {
    const { id } = await system.desk.start(relocate, 'test');
    const ended = await system.runOn(id, {
      failpoints: beforeStep('switch-over', () => {
        system.data.schema(here).definitions.set('column item.more', 'int');
      }),
    });
    expect(ended).toMatchObject({ state: 'failed', error: { code: 'schema-changed' } });
    expect(ended.error?.message).toMatch(/changed during the move: column item\.more differs/);
    expect(await leftovers()).toEqual([]);
    system.data.write(here, 'item', '6', 'works on');
  });

  it('is undone when the source keeps more log for it than it may, while it waits for somebody too', async () => {
    const request = { ...relocate, switchMode: 'manual', streamLimits: { maxRetainedBytes: 1_000 } } as const;
    const { id } = await system.desk.start(request, 'test');
    const ended = await system.runOn(id, {
      failpoints: beforeStep('await-switch', () => {
        system.replication.retainedBytes = 1_001;
      }),
    });
    expect(ended).toMatchObject({
      state: 'failed',
      error: { code: 'stream-backlog', details: { retainedBytes: 1_001, maxRetainedBytes: 1_000 } },
    });
    expect(await leftovers()).toEqual([]);
    system.data.write(here, 'item', '6', 'works on');
  });

  it('tells how far the target is behind, while it waits for the switch too, and works on when that cannot be written', async () => {
    [system.replication.lagBytes, system.lag.ms] = [12_345, 400];
    const { id } = await system.desk.start({ ...relocate, switchMode: 'manual' }, 'test');
    expect(await system.runOn(id)).toMatchObject({ state: 'waiting' });
    const lag = async () => (await system.catalog.moves.get(id))?.lag;
    expect(await lag()).toEqual({ bytes: 12_345, seconds: 0.4, retainedBytes: 0, at: expect.any(Date) });
    [system.replication.lagBytes, system.lag.ms] = [0, 2];
    system.clockOffsetMs += 60_000;
    await system.runOn(id);
    expect(await lag()).toMatchObject({ bytes: 0, seconds: 0.002 });
    jest.spyOn(system.catalog.moves, 'noteLag').mockRejectedValue(new Error('away'));
    await system.catalog.moves.requestSwitch(id);
    expect(await system.runOn(id)).toMatchObject({ state: 'succeeded' });
  });

  it('is undone when somebody took its slot away while it waits for the switch', async () => {
    const { id } = await system.desk.start({ ...relocate, switchMode: 'manual' }, 'test');
    expect(await system.runOn(id)).toMatchObject({ state: 'waiting' });
    const { state } = system.replication;
    jest
      .spyOn(system.replication, 'state')
      .mockImplementation(async (stream) => ({ ...(await state.call(system.replication, stream)), slot: 'missing' }));
    system.clockOffsetMs += 60_000;
    expect(await system.runOn(id)).toMatchObject({ state: 'failed', error: { code: 'stream-lost' } });
    expect(await leftovers()).toEqual([]);
  });

  it('waits for a target that has much to apply, and ends when it cannot', async () => {
    const stalled = new BerthError('stream-stalled', 'After 30000 ms a change had not come.');
    const applied = jest.spyOn(system.replication, 'awaitApplied').mockRejectedValue(stalled);
    const { id } = await system.desk.start(relocate, 'test');
    expect(await system.runOn(id)).toMatchObject({ state: 'waiting', error: null });
    const { state } = system.replication;
    jest.spyOn(system.replication, 'state').mockImplementation(async (stream) => {
      const found = await state.call(system.replication, stream);
      return { ...found, applyErrors: (errors += 1) };
    });
    let errors = 0;
    system.clockOffsetMs += 60_000;
    expect(await system.runOn(id)).toMatchObject({ state: 'waiting', error: { code: 'stream-stalled' } });
    applied.mockRestore();
    system.clockOffsetMs += 600_000;
    expect(await system.runOn(id)).toMatchObject({ state: 'succeeded' });
  });

  it('switches no earlier than it may', async () => {
    const notBefore = new Date(Date.now() + 400).toISOString();
    const { id } = await system.desk.start({ ...relocate, window: { notBefore } }, 'test');
    expect(await system.runOn(id)).toMatchObject({ state: 'waiting' });
    while (Date.now() < Date.parse(notBefore)) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await system.runOn(id)).toMatchObject({ state: 'succeeded' });
  });

  it.each(['await-switch', 'switch-over'])('is undone when its deadline is over at %s', async (name) => {
    const deadline = new Date(Date.now() + 300).toISOString();
    const { id } = await system.desk.start({ ...relocate, window: { deadline } }, 'test');
    const late = async (): Promise<void> => {
      while (Date.now() < Date.parse(deadline)) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    const ended = await system.runOn(id, { failpoints: beforeStep(name, late) });
    expect(ended).toMatchObject({ state: 'failed', error: { code: 'window-passed' } });
    expect(await leftovers()).toEqual([]);
    system.data.write(here, 'item', '6', 'works on');
  });

  it('refuses a window that is over, and limits of a stream for a move that has none', async () => {
    const over = { notBefore: '2030-01-02T00:00:00.000Z', deadline: '2030-01-01T00:00:00.000Z' };
    await expect(system.desk.start({ ...relocate, window: over }, 'test')).rejects.toMatchObject({
      code: 'window-passed',
    });
    const byDump = { ...relocate, strategy: 'dump', streamLimits: { maxBytesPerSecond: 1 } } as const;
    await expect(system.desk.start(byDump, 'test')).rejects.toMatchObject({ code: 'strategy-mismatch' });
  });

  describe('with a pooler', () => {
    let pooler: FakePooler;
    beforeEach(async () => {
      pooler = await system.addPooler('pool-1');
    });
    const route = async () => {
      const [drift] = await Promise.all(
        (await system.catalog.poolers.list()).map((one) => mendRoutes(system.tools, one)),
      );
      return drift;
    };

    it('lets clients of an alias wait before the source refuses them, and lets them through at the new place', async () => {
      await route();
      const { id } = await system.desk.start(relocate, 'test');
      const seen = heldAroundSwitch(system, pooler, acme);
      expect(await system.runOn(id)).toMatchObject({
        ...{ state: 'succeeded', result: { poolerPauseMs: expect.any(Number) as number } },
      });
      expect([...seen, pooler.held.has(acme)]).toEqual(['before false', 'fenced true', 'after false', false]);
    });

    it('lets them through at the old place when it is taken back', async () => {
      await route();
      const { id } = await system.desk.start(relocate, 'test');
      jest.spyOn(system.fence, 'markMoved').mockImplementationOnce(async () => {
        expect(pooler.held.has(acme)).toBe(true);
        throw new BerthError('schema-changed', 'The definition changed during the move.');
      });
      expect(await system.runOn(id)).toMatchObject({ state: 'failed', error: { code: 'schema-changed' } });
      expect([pooler.held.has(acme), pooler.running.has(acme)]).toEqual([false, true]);
    });

    it('keeps nobody waiting between two tries of the switch', async () => {
      await route();
      const { id } = await system.desk.start(relocate, 'test');
      let commit: (() => void) | undefined;
      const waiting = await system.runOn(id, {
        failpoints: beforeStep('switch-over', () => void (commit ??= system.data.openWrite(here))),
      });
      expect(waiting).toMatchObject({ state: 'waiting', reason: expect.stringMatching(/nobody waits for the move/) });
      expect(pooler.held.has(acme)).toBe(false);
      commit?.();
      expect(await system.runOn(id, { patienceMs: 60_000 })).toMatchObject({ state: 'succeeded' });
      expect(pooler.held.has(acme)).toBe(false);
    });

    it('does not switch while a pooler lets nobody wait, holds none at the others meanwhile, and says which', async () => {
      const silent = await system.addPooler('pool-2');
      await route();
      silent.answers = false;
      const { id } = await system.desk.start(relocate, 'test');
      const waiting = await system.runOn(id);
      expect(waiting).toMatchObject({
        state: 'waiting',
        reason: expect.stringMatching(/could not be held at the pooler pool-2/),
      });
      expect(await system.fence.state(here)).toBe('prepared');
      expect(pooler.held.has(acme)).toBe(false);
      silent.answers = true;
      expect(await system.runOn(id, { patienceMs: 60_000 })).toMatchObject({ state: 'succeeded' });
    });
  });

  it('goes on to the open gate when what failed came after the decision', async () => {
    const run = system.switchover.run.bind(system.switchover);
    jest.spyOn(system.switchover, 'run').mockImplementationOnce(async (...args) => {
      await run(...args);
      throw new BerthError('disk-full', 'The disk of the target is full.');
    });
    const open = jest.spyOn(system.gate, 'open');
    const { id } = await system.desk.start(relocate, 'test');
    open.mockRejectedValueOnce(new BerthError('disk-full', 'The disk of the target is full.'));
    // The first failure is that of the fake switch, which opens the gate itself.
    const first = await system.runOn(id);
    expect(first.state === 'waiting' || first.state === 'succeeded').toBe(true);
    system.clockOffsetMs += 600_000;
    expect(await system.runOn(id)).toMatchObject({ state: 'succeeded' });
    system.data.write(await there(), 'item', '8', 'works at the new place');
  });

  it('is refused with every finding, and taken with the choice that the finding asks for', async () => {
    system.replication.keyless.add('item');
    expect((await system.desk.plan(promote)).findings).toContainEqual(
      expect.objectContaining({ code: 'no-identity', severity: 'error' }),
    );
    await expect(system.desk.start(relocate, 'test')).rejects.toMatchObject({ code: 'preflight-failed' });
    await system.perform({ ...relocate, identities: { item: 'full' } });
  });

  it('asks a move by dump for no such choice', async () => {
    const odd = { ...relocate, strategy: 'dump', identities: { item: 'full' } } as const;
    await expect(system.desk.plan(odd)).rejects.toMatchObject({ code: 'strategy-mismatch' });
  });
});
