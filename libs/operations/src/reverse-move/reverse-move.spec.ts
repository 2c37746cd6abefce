import { parseTenantId, type Place, secretRefs, streamsOf } from '@berth/domain';
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
import { reverseMove } from './reverse-move.saga.js';

const acme = parseTenantId('acme');
const { relocate } = fakeMoves;

describe('a move that is reversed', () => {
  let system: FakeSystem;
  let here: Place;
  let there: Place;
  let moveId: string;
  let request: { readonly kind: 'reverse-move'; readonly moveId: string };
  beforeEach(async () => {
    ({ system, here } = await systemToMoveIn());
  });

  const moved = async (move: Parameters<FakeSystem['perform']>[0] = relocate): Promise<void> => {
    ({ id: moveId } = await system.perform(move));
    request = { kind: 'reverse-move', moveId };
    there = (await system.catalog.placements.current(acme))!;
  };
  const leftovers = async () =>
    (
      await Promise.all(Object.values(streamsOf(here, there, 2)).map((one) => system.replication.leftovers(one)))
    ).flat();
  const rows = (of: Place) => [...(system.data.schema(of).tables.get('item') ?? [])].sort();
  const generations = async () =>
    (await system.catalog.placements.history(acme)).map(({ generation, clusterId, state }) => [
      generation,
      clusterId,
      state,
    ]);

  it('brings every later write to the old place, refuses at the new one, and grows the generation', async () => {
    await moved();
    system.data.write(there, 'item', '2', 'after the switch');
    system.data.schema(there).sequences.set('item_id', 7);
    system.data.schema(here).sequences.set('item_id', 1);
    const { id } = await system.desk.start(request, 'test');
    const ended = await system.runOn(id, {
      failpoints: beforeStep('switch-over', () => system.data.write(there, 'item', '3', 'during the reverse')),
    });
    expect(ended).toMatchObject({ state: 'succeeded', kind: 'reverse-move', result: { comparedAfter: 3 } });
    expect(() => system.data.write(there, 'item', '9', 'too late')).toThrow(FakeSqlError);
    system.data.write(here, 'item', '4', 'after the reverse');
    expect(rows(here)).toEqual([
      ['1', 'one'],
      ['2', 'after the switch'],
      ['3', 'during the reverse'],
      ['4', 'after the reverse'],
    ]);
    expect(system.data.schema(here).sequences.get('item_id')).toBe(7);
    expect(await generations()).toEqual([
      [1, 'shared-1', 'retired'],
      [2, 'shared-2', 'previous'],
      [3, 'shared-1', 'current'],
    ]);
    expect(await system.fence.state(here)).toBe('open');
    expect(await system.gate.state(here)).toBe('none');
    expect(await system.fence.movedMarker(here, { operationId: id, tenantId: acme, fence: 1e9 })).toBeNull();
    expect((await system.secrets.read(secretRefs.tenantDb(acme)))?.document).toMatchObject({ generation: 3 });
    expect(await system.catalog.moves.get(moveId)).toMatchObject({
      state: 'reversed',
      reversedAt: expect.any(Date) as Date,
      endedAt: null,
      comparison: { equal: true },
      reverseComparison: { equal: true },
    });
  });

  it('is completed: the place that it had led to goes, and the tenant can move again', async () => {
    await moved();
    await system.perform(request);
    await expect(system.desk.start(relocate, 'test')).rejects.toMatchObject({
      code: 'move-open',
      hint: `Type: berth moves complete ${moveId}`,
    });
    await system.perform({ kind: 'complete-move', moveId });
    expect(await leftovers()).toEqual([]);
    expect(system.database.objects(there)).toEqual([]);
    expect(await system.catalog.moves.get(moveId)).toMatchObject({ state: 'completed' });
    system.data.write(here, 'item', '2', 'works on');
    await moved();
    expect(there).toMatchObject({ clusterId: 'shared-2', generation: 4 });
    expect(rows(there)).toEqual(rows(here));
  });

  it('destroys the instance that it had led to when it is completed, and gives the plan of before back', async () => {
    await moved({ kind: 'change-plan', tenantId: acme, plan: 'enterprise', strategy: 'online' });
    expect(await system.catalog.tenants.get(acme)).toMatchObject({ plan: 'enterprise' });
    await system.perform(request);
    expect(await system.catalog.tenants.get(acme)).toMatchObject({ plan: 'free' });
    expect(await system.infrastructure.list()).toHaveLength(1);
    await system.perform({ kind: 'complete-move', moveId });
    expect(await system.infrastructure.list()).toEqual([]);
    expect(await system.catalog.placements.current(acme)).toMatchObject({ tier: 'shared', generation: 3 });
  });

  it.each(reverseMove.steps.filter(({ side }) => side === 'before').map(({ name }) => name))(
    'is cancelled at %s: the tenant works on at the new place, the old one is fenced, and a second try is made',
    async (name) => {
      if (name === 'ready-route') await system.addPooler('pool-1');
      await moved();
      const { id } = await system.desk.start(request, 'test');
      const ended = await system.runOn(id, { failpoints: beforeStep(name, () => void system.desk.cancel(id)) });
      expect(ended).toMatchObject({ state: 'cancelled' });
      expect(await system.catalog.moves.get(moveId)).toMatchObject({ state: 'switched', reversedAt: null });
      expect(await system.fence.state(there)).toBe('open');
      system.data.write(there, 'item', '5', 'works on');
      expect(await system.fence.state(here)).toBe('armed');
      expect(await system.gate.state(here)).toBe('none');
      expect(() => system.data.write(here, 'item', '9', 'not here')).toThrow(FakeSqlError);
      expect(() => system.database.connect(here, 'a')).toThrow(/not permitted to log in/);
      await system.perform(request);
      expect(rows(here)).toContainEqual(['5', 'works on']);
    },
  );

  it('arms the fence of the old place again before its gate goes, when it is taken back', async () => {
    await moved();
    const { id } = await system.desk.start(request, 'test');
    const remove = system.gate.remove.bind(system.gate);
    const fences: string[] = [];
    jest.spyOn(system.gate, 'remove').mockImplementation(async (...args) => {
      fences.push(await system.fence.state(here));
      await remove(...args);
    });
    await system.runOn(id, { failpoints: beforeStep('verify-live', () => void system.desk.cancel(id)) });
    expect(fences).toEqual(['armed']);
  });

  it('never leaves the old place without fence and gate before it is decided', async () => {
    await moved();
    const { id } = await system.desk.start(request, 'test');
    const decided = reverseMove.steps.findIndex(({ side }) => side === 'pivot');
    let tries = 0;
    const ended = await system.runOn(id, {
      failpoints: {
        hit: async ({ step, moment }) => {
          const number = reverseMove.steps.findIndex(({ name }) => name === step);
          if (number > decided || (number === decided && moment !== 'before')) return;
          tries += 1;
          expect(() => system.data.write(here, 'item', '9', 'not here')).toThrow(FakeSqlError);
          system.data.write(there, 'item', '2', `write ${String(tries)}`);
        },
      },
    });
    expect(ended).toMatchObject({ state: 'succeeded' });
    expect(tries).toBeGreaterThan(2 * decided);
    expect(rows(here)).toContainEqual(['2', `write ${String(tries)}`]);
  });

  it('stops when a row at the old place is not what came back to it, and the tenant works on', async () => {
    await moved();
    system.data.schema(here).tables.get('item')?.set('1', 'by hand');
    const { id } = await system.desk.start(request, 'test');
    expect(await system.runOn(id)).toMatchObject({ state: 'failed', error: { code: 'verification-failed' } });
    expect(await system.catalog.moves.get(moveId)).toMatchObject({
      state: 'switched',
      comparison: { equal: true },
      reverseComparison: { equal: false },
    });
    system.data.write(there, 'item', '2', 'works on');
  });

  it('is refused with every finding: definitions that changed, a stream that stands, large objects', async () => {
    await moved();
    system.data.schema(there).definitions.set('column item.more', 'int');
    const fault = { severity: 'error', object: 'schema', message: 'There are 3.', remedy: 'Remove them.' } as const;
    system.copy.findings = [
      { code: 'large-objects', ...fault },
      { code: 'dump-room', ...fault },
    ];
    const streams = streamsOf(here, there, 2);
    await system.replication.pause(streams.reverse, { operationId: 'by hand', tenantId: acme, fence: 1e6 });
    const findings = (await system.desk.plan(request)).findings.filter(({ severity }) => severity !== 'info');
    expect(findings.map(({ code }) => code).sort()).toEqual(['definitions-differ', 'large-objects', 'stream-stalled']);
    await expect(system.desk.start(request, 'test')).rejects.toMatchObject({ code: 'preflight-failed' });
    await system.replication.remove(streams.forward, { operationId: 'by hand', tenantId: acme, fence: 1e6 });
    expect((await system.desk.plan(request)).findings).toContainEqual(
      expect.objectContaining({ code: 'stream-lost', object: `stream ${streams.forward.name}` }),
    );
  });

  it('keeps the clients of a pooler waiting for the switch alone', async () => {
    const pooler: FakePooler = await system.addPooler('pool-1');
    for (const one of await system.catalog.poolers.list()) await mendRoutes(system.tools, one);
    await moved();
    const { id } = await system.desk.start(request, 'test');
    const seen = heldAroundSwitch(system, pooler, acme);
    expect(await system.runOn(id)).toMatchObject({ state: 'succeeded' });
    expect([...seen, pooler.held.has(acme)]).toEqual(['before false', 'fenced true', 'after false', false]);
  });
});
