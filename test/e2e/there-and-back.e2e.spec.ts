import type { TenantEvent, Tenants } from '@berth/client';
import type { Operation, TenantId } from '@berth/domain';
import { isShortRun, postgresParts, whenAvailable } from '@berth/testing';
import { moveTo, readyTenant, toFirst, toOwn } from '../crash/scenarios/tenants.js';
import { World } from '../crash/world.js';
import { AcknowledgedWork, clientsOf } from './acknowledged-work.js';

const postgres = await postgresParts();
const rounds = isShortRun() ? 2 : 10;

describe('a tenant that works on PostgreSQL 18', () => {
  whenAvailable(postgres(18), 'is promoted and demoted again and again', () => {
    let world: World;
    let tenants: Tenants;
    let work: AcknowledgedWork | undefined;
    const events: TenantEvent[] = [];
    beforeAll(async () => {
      world = await World.open({}, {}, { major: 18, replication: true });
      tenants = clientsOf(world, (event) => void events.push(event));
    });
    afterAll(async () => {
      await work?.stop();
      await tenants?.close();
      await world?.close();
    });

    /** Moves it, while it works, and gives the old place up. Every row was equal before the switch and is equal at it. */
    const move = async (tenantId: TenantId, target: typeof toOwn | typeof toFirst): Promise<Operation> => {
      const moved = await world.perform(moveTo(tenantId, target, 'auto', 'online'));
      await work?.more(20);
      const { comparison } = (await world.tools.moves.get(moved.id))!;
      expect(comparison).toMatchObject({ equal: true, differences: [] });
      expect(moved.result).toMatchObject({ comparedPair: 'frozen', comparedAfter: comparison?.rows });
      await world.perform({ kind: 'complete-move', moveId: moved.id });
      return moved;
    };

    it(`${String(rounds)} times in a row: every row is equal each time, none is lost or doubled, and no client saw an error`, async () => {
      const tenantId = await readyTenant(world);
      work = new AcknowledgedWork(tenants, tenantId);
      await work.more(20);
      const pauses: number[] = [];
      const started = performance.now();
      for (let round = 0; round < rounds; round += 1)
        for (const target of [toOwn, toFirst]) pauses.push(Number((await move(tenantId, target)).result?.['switchMs']));
      const ms = performance.now() - started;
      await work.stop();
      await work.requireThere(
        `SELECT p.name, p.id FROM port p JOIN voyage v ON v.port_id = p.id AND v.sea = 'rough' WHERE p.name LIKE 'writer%'`,
      );
      const generation = 1 + 2 * rounds;
      expect(await world.tools.placements.current(tenantId)).toMatchObject({ clusterId: 'shared-1', generation });
      const followed = events.flatMap((event) => (event.type === 'switched' ? [event.generation] : []));
      expect(followed).toEqual(Array.from({ length: 2 * rounds }, (_, index) => index + 2));
      expect(await world.tools.infrastructure.list()).toEqual([]);
      const left = `SELECT (SELECT count(*) FROM pg_replication_slots) + (SELECT count(*) FROM pg_subscription)`;
      expect(await world.servers['shared-1']?.psql(left)).toBe('0');
      const sorted = [...pauses].sort((left, right) => left - right);
      process.stdout.write(
        `${String(2 * rounds)} moves in ${(ms / 1_000).toFixed(0)} s with ${String(work.acknowledged.size)} transactions; locked for ${String(sorted[rounds])} ms (median), ${String(sorted.at(-1))} ms at most; longest gap of commits ${String(work.longestGapMs())} ms\n`,
      );
    }, 1_800_000);
  });
});
