import { BerthError, parseTenantId, type Place, type ReadBack, streamsOf } from '@berth/domain';
import { beforeStep, fakeMoves, type FakeSystem, systemToMoveIn } from '@berth/testing';
import { jest } from '@jest/globals';

const acme = parseTenantId('acme');
const { relocate, promote } = fakeMoves;
const byDump = { ...relocate, strategy: 'dump' } as const;

/** `stream berth_acme_g2_f on shared-1`, in order. */
const told = (found: ReadBack | null | undefined): readonly string[] =>
  (found?.gone ?? []).map(({ what, name, clusterId }) => `${what} ${name} on ${clusterId}`).sort();

describe('what is read back once a move is over', () => {
  let system: FakeSystem;
  let here: Place;
  beforeEach(async () => {
    ({ system, here } = await systemToMoveIn());
  });
  const moveOf = async (id: string) => (await system.catalog.moves.get(id))!;
  const streamsOn = (...clusters: readonly string[]) =>
    Object.values(streamsOf(here, here, 2)).flatMap(({ name }) => clusters.map((one) => `stream ${name} on ${one}`));
  const barsOn = (...clusters: readonly string[]) =>
    clusters.flatMap((one) => [`fence ${here.schema} on ${one}`, `gate ${here.schema} on ${one}`]);
  const cancelled = async (request: Parameters<FakeSystem['desk']['start']>[0], at: string) => {
    const { id } = await system.desk.start(request, 'test');
    const ended = await system.runOn(id, { failpoints: beforeStep(at, () => void system.desk.cancel(id)) });
    return { id, ended };
  };

  it.each([
    ['online', relocate, true],
    ['by dump', byDump, false],
  ])(
    'a move %s that is completed: all of it on both servers, in the result and with the move',
    async (_, request, online) => {
      const { id } = await system.perform(request);
      expect((await moveOf(id)).readBack).toBeNull();
      const { result } = await system.perform({ kind: 'complete-move', moveId: id });
      const both = ['shared-1', 'shared-2'];
      expect(told((await moveOf(id)).readBack)).toEqual(
        [...(online ? streamsOn(...both) : []), `place ${here.schema} on shared-1`, ...barsOn(...both)].sort(),
      );
      expect(result?.['readBack']).toEqual((await moveOf(id)).readBack);
    },
  );

  it('a reversed move to an instance of its own: that it is gone, and what the server has that is left', async () => {
    const { id } = await system.perform(promote);
    const own = (await moveOf(id)).toClusterId;
    await system.perform({ kind: 'reverse-move', moveId: id });
    await system.perform({ kind: 'complete-move', moveId: id });
    expect(told((await moveOf(id)).readBack)).toEqual(
      [...streamsOn('shared-1'), `instance ${own} on ${own}`, ...barsOn('shared-1')].sort(),
    );
  });

  it.each([
    ['online', relocate, 'announce-target', true],
    ['by dump', byDump, 'verify-copy', false],
  ])('a move %s that is cancelled: the fence of the source too', async (_, request, at, online) => {
    const { id, ended } = await cancelled(request, at);
    expect(ended).toMatchObject({ state: 'cancelled' });
    const both = ['shared-1', 'shared-2'];
    expect(told((await moveOf(id)).readBack)).toEqual(
      [...(online ? streamsOn(...both) : []), `place ${here.schema} on shared-2`, ...barsOn(...both)].sort(),
    );
  });

  it('a move that is cancelled before it made its target: no server has to answer', async () => {
    const looks = [system.fence, system.gate, system.replication].map((port) => jest.spyOn(port, 'leftovers'));
    const { id, ended } = await cancelled(relocate, 'reserve-target');
    expect(ended).toMatchObject({ state: 'cancelled' });
    expect((await moveOf(id)).readBack).toBeNull();
    for (const look of looks) expect(look).not.toHaveBeenCalled();
  });

  it('a fence that stayed at the source stops the way back, by name, until it is gone', async () => {
    const remove = jest.spyOn(system.fence, 'remove').mockResolvedValue();
    const { id, ended } = await cancelled(relocate, 'announce-target');
    expect(ended).toMatchObject({
      state: 'needs-operator',
      error: {
        code: 'leftovers-found',
        message: expect.stringContaining(`${here.schema}.item on cluster shared-1`) as string,
      },
    });
    expect(await moveOf(id)).toMatchObject({ state: 'switching', readBack: null });
    remove.mockRestore();
    await system.fence.remove(here, { operationId: 'by hand', tenantId: acme, fence: 1e6 });
    await system.desk.retry(id);
    expect(await system.runOn(id)).toMatchObject({ state: 'cancelled' });
    expect(told((await moveOf(id)).readBack)).toContain(`fence ${here.schema} on shared-1`);
  });

  it('a gate that stayed where the tenant works keeps the move from being completed, and a server that is away is asked again', async () => {
    const { id: moveId } = await system.perform(relocate);
    const there = (await system.catalog.placements.current(acme))!;
    const left = jest.spyOn(system.gate, 'leftovers');
    left.mockImplementation(async ({ clusterId }) => (clusterId === there.clusterId ? ['The gate is left.'] : []));
    const { id } = await system.desk.start({ kind: 'complete-move', moveId }, 'test');
    expect(await system.runOn(id)).toMatchObject({ state: 'needs-operator', error: { code: 'leftovers-found' } });
    expect(await moveOf(moveId)).toMatchObject({ state: 'completing', readBack: null });
    left.mockRejectedValue(new BerthError('database-unavailable', 'Nobody answers.'));
    await system.desk.retry(id);
    expect(await system.runOn(id)).toMatchObject({ state: 'waiting', error: { code: 'database-unavailable' } });
    left.mockRestore();
    expect(await system.runOn(id, { patienceMs: 60_000 })).toMatchObject({ state: 'succeeded' });
  });

  it('a reverse that is taken back: nothing stands in the tenant’s way, and the move tells why', async () => {
    const { id: moveId } = await system.perform(relocate);
    system.data.schema(here).tables.get('item')?.set('1', 'by hand');
    const { id } = await system.desk.start({ kind: 'reverse-move', moveId }, 'test');
    const { error } = await system.runOn(id);
    const move = await moveOf(moveId);
    expect(move).toMatchObject({
      state: 'switched',
      error,
      reason: expect.stringMatching(/ differ: .* kept as it was\.$/),
    });
    expect(error).toMatchObject({ code: 'verification-failed' });
    expect(told(move.readBack)).toEqual(barsOn('shared-2'));
  });
});
