import type { TenantEvent, Tenants } from '@berth/client';
import { type Operation, type Place, streamsOf, type TenantId } from '@berth/domain';
import { inTurn, postgresParts, whenAvailable } from '@berth/testing';
import { moveTo, readyTenant, toSecond } from '../crash/scenarios/tenants.js';
import { World } from '../crash/world.js';
import { AcknowledgedWork, clientsOf, placeOfGeneration, requireEqualEnds, writers } from './acknowledged-work.js';

const postgres = await postgresParts();

describe.each(inTurn(import.meta.url, [15, 16, 18]))('an online move on PostgreSQL %i is reversed', (major) => {
  whenAvailable(postgres(major), 'while the tenant works', () => {
    let world: World;
    let tenants: Tenants;
    let work: AcknowledgedWork | undefined;
    const events: TenantEvent[] = [];
    beforeAll(async () => {
      world = await World.open({}, {}, { major, replication: true });
      tenants = clientsOf(world, (event) => void events.push(event));
    });
    afterAll(async () => {
      await work?.stop();
      await tenants?.close();
      await world?.close();
    });

    const place = (tenantId: TenantId, generation: number): Promise<Place> =>
      placeOfGeneration(world, tenantId, generation);
    const pauseOf = ({ result }: Operation): string =>
      `${String(result?.['switchMs'])} ms locked, ${String(result?.['writePauseMs'])} ms to the secret`;

    it('and moves once more: every acknowledged row is there once, no number is given twice, and no client saw an error', async () => {
      const tenantId = await readyTenant(world);
      work = new AcknowledgedWork(tenants, tenantId);
      await work.more(50);
      const there = await world.perform(moveTo(tenantId, toSecond, 'auto', 'online'));
      await work.more(100);
      work.longestGapMs();
      const back = await world.perform({ kind: 'reverse-move', moveId: there.id });
      await work.more(100);
      const gap = work.longestGapMs();
      expect(await world.tools.placements.current(tenantId)).toMatchObject({ clusterId: 'shared-1', generation: 3 });
      expect(await world.tools.moves.get(there.id)).toMatchObject({
        state: 'reversed',
        comparison: { equal: true },
        reverseComparison: { equal: true },
      });
      expect(back.result).toMatchObject({ comparedAfter: expect.any(Number) as number });
      await world.perform({ kind: 'complete-move', moveId: there.id });
      const first = streamsOf(await place(tenantId, 1), await place(tenantId, 2), 2);
      for (const stream of Object.values(first)) expect(await world.tools.replication.leftovers(stream)).toEqual([]);
      expect(await world.tools.database.leftovers(await place(tenantId, 2))).toEqual([]);

      const again = await world.perform(moveTo(tenantId, toSecond, 'auto', 'online'));
      await work.more(100);
      await work.stop();
      const current = await place(tenantId, 4);
      expect(current).toMatchObject({ clusterId: 'shared-2', state: 'current' });
      const sailed = `SELECT p.name, p.id FROM port p JOIN voyage v ON v.port_id = p.id AND v.sea = 'rough' WHERE p.name LIKE 'writer%'`;
      await work.requireThere(sailed);
      expect(events.filter(({ type }) => type === 'switched')).toMatchObject([
        { from: 1, generation: 2 },
        { from: 2, generation: 3 },
        { from: 3, generation: 4 },
      ]);
      await requireEqualEnds(world, streamsOf(await place(tenantId, 3), current, 4).reverse);
      process.stdout.write(
        `PostgreSQL ${String(major)}: ${String(work.acknowledged.size)} transactions by ${String(writers)} clients; there ${pauseOf(there)}; back ${pauseOf(back)}, longest gap ${String(gap)} ms; there again ${pauseOf(again)}\n`,
      );
    });
  });
});
