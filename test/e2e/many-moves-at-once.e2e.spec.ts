import { setTimeout as pause } from 'node:timers/promises';
import type { Operation, TenantId } from '@berth/domain';
import { postgresMajors, whenAvailable } from '@berth/testing';
import { leftOfMoves } from '../crash/left-of-moves.js';
import { moveTo, readyTenant, toSecond } from '../crash/scenarios/tenants.js';
import { write } from '../crash/tenant-data.js';
import { World } from '../crash/world.js';

const newest = Math.max(0, ...(await postgresMajors()).map(({ major }) => major));
const missing = newest >= 16 ? undefined : '16 or newer is not here (BERTH_TEST_PG_BINS names bin folders)';

/** Of a server, for all moves together: each keeps a slot, a sender and a worker of either end until it is completed. */
const most = 6;
const moves = 10;

whenAvailable({ name: 'PostgreSQL', missing }, 'more moves at once than a server has slots for', () => {
  let world: World;
  beforeAll(async () => {
    const settings = {
      max_replication_slots: most,
      max_wal_senders: most,
      max_logical_replication_workers: most,
      ...(newest >= 18 ? { max_active_replication_origins: most } : {}),
    };
    world = await World.open({}, {}, { major: newest, replication: true, settings });
  });
  afterAll(async () => {
    await world?.close();
  });

  const start = (tenantId: TenantId) => world.desk.start(moveTo(tenantId, toSecond, 'auto', 'online'), 'test');
  const all = (started: readonly Operation[]) => Promise.all(started.map(({ id }) => world.operation(id)));
  const until = async (started: readonly Operation[], isSo: (operations: readonly Operation[]) => boolean) => {
    let operations = await all(started);
    for (; !isSo(operations); operations = await all(started)) await pause(50);
    return operations;
  };

  it('trap 20: as many switch as there are slots for; the others wait, say what for, and follow when those are completed', async () => {
    const tenants = await Promise.all(Array.from({ length: moves }, () => readyTenant(world)));
    // All are planned while every slot is free.
    const started = await Promise.all(tenants.map((tenantId) => start(tenantId)));
    const running = Promise.all(started.map(({ id }) => world.runToEnd(id)));
    running.catch(() => undefined);

    const isHeld = ({ state, error }: Operation): boolean => state === 'waiting' && error?.code === 'cluster-busy';
    const isThere = ({ state }: Operation): boolean => state === 'succeeded';
    const settled = await until(started, (operations) => operations.every((one) => isHeld(one) || isThere(one)));
    const held = settled.filter(isHeld);
    expect(held.length).toBeGreaterThan(0);
    expect(settled.filter(isThere).length).toBeGreaterThan(0);
    for (const { error, tenantId } of held) {
      expect(error?.hint).toMatch(/complete the moves that have switched/i);
      await write(world, tenantId, 'works on');
    }
    // What waits keeps no log of its source.
    const kept = await leftOfMoves(
      world,
      'shared-1',
      held.map(({ tenantId }) => tenantId),
    );
    expect(kept.filter((what) => what.startsWith('slot'))).toEqual([]);
    // And nobody begins another one, which would only wait too.
    const late = await readyTenant(world);
    await expect(start(late)).rejects.toMatchObject({ code: 'preflight-failed' });

    const completed = new Set<string>();
    while (completed.size < moves) {
      for (const operation of await all(started)) {
        if (isThere(operation) && !completed.has(operation.id)) {
          await world.perform({ kind: 'complete-move', moveId: operation.id });
          completed.add(operation.id);
        } else if (isHeld(operation)) await world.desk.retry(operation.id).catch(() => undefined);
      }
    }
    expect((await running).map(({ state }) => state)).toEqual(started.map(() => 'succeeded'));
    for (const id of ['shared-1', 'shared-2']) expect(await leftOfMoves(world, id, tenants)).toEqual([]);
    for (const tenantId of tenants)
      expect(await world.tools.placements.current(tenantId)).toMatchObject({ clusterId: 'shared-2', generation: 2 });
  });
});
