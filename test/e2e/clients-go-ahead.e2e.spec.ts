import { createTenants, type TenantEvent, type Tenants } from '@berth/client';
import { type Place, secretRefs, type TenantId, type TenantSecret } from '@berth/domain';
import { ClientReports, PlaceAnnouncements } from '@berth/ports';
import { inTurn, postgresMajors, whenAvailable } from '@berth/testing';
import { readyTenant } from '../crash/scenarios/tenants.js';
import { World } from '../crash/world.js';
import { before, perform } from './run-operation.js';
import { serveApi, type ServedApi } from './served-api.js';
import { eventually } from './worker-world.js';

const majors = (await postgresMajors()).map(({ major }) => major);
const writers = 4;

describe.each(inTurn(import.meta.url, [16, 18]))('an online move on PostgreSQL %i is announced', (major) => {
  const missing = majors.includes(major)
    ? undefined
    : `${String(major)} is not here (BERTH_TEST_PG_BINS names bin folders)`;

  whenAvailable({ name: `PostgreSQL ${String(major)}`, missing }, 'to the clients that report themselves', () => {
    let world: World;
    let api: ServedApi;
    let tenants: Tenants;
    /** While it is set, the store of secrets tells this, and nothing newer. */
    let stuck: TenantSecret | null = null;
    const events: TenantEvent[] = [];
    beforeAll(async () => {
      world = await World.open({}, {}, { major, replication: true });
      api = await serveApi(world);
      const stored = async (id: TenantId) =>
        (await world.tools.secrets.read(secretRefs.tenantDb(id)))?.document ?? null;
      const read = async (id: string) => stuck ?? (await stored(id as TenantId));
      const berth = { url: api.url, keyFile: await api.keyFile(['clients:write', 'tenants:read']) };
      const onEvent = (event: TenantEvent): void => void events.push(event);
      tenants = createTenants({ placement: { read }, berth, announcedMs: 200, onEvent });
    });
    afterAll(async () => {
      await tenants?.close();
      await api?.stop();
      await world?.close();
    });

    const sessionsAt = async (place: Place): Promise<readonly string[]> => {
      const sql = `SELECT pid FROM pg_stat_activity WHERE datname = '${place.database}' AND usename = '${place.loginRoles.a}' ORDER BY 1`;
      const pids = (await world.servers[place.clusterId]?.psql(sql)) ?? '';
      return pids.split('\n').filter((pid) => pid !== '');
    };
    const placeOf = async (tenantId: TenantId, generation: number): Promise<Place> => {
      const found = await world.tools.placements.get(tenantId, generation);
      if (found === null) throw new Error(`there is no generation ${String(generation)}`);
      return found;
    };

    it('whose writers go on by connections that were open before it, while the secret still names the old place', async () => {
      const tenantId = await readyTenant(world);
      const acknowledged: string[] = [];
      const errors: unknown[] = [];
      let stopped = false;
      const write = async (number: number): Promise<void> => {
        for (let round = 0; !stopped && errors.length === 0; round += 1) {
          const name = `writer ${String(number)}, ${String(round)}`;
          const done = tenants.query(tenantId, 'INSERT INTO port (name) VALUES ($1)', [name]);
          await done.then(() => acknowledged.push(name)).catch((error: unknown) => errors.push(error));
        }
      };
      const more = (count: number) => {
        const wanted = acknowledged.length + count;
        return eventually(async () => (acknowledged.length >= wanted || errors.length > 0 ? true : null));
      };
      const work = Promise.all(Array.from({ length: writers }, (_, number) => write(number)));
      await more(50);
      const reports = world.app.get(ClientReports);
      await eventually(async () => ((await reports.live(tenantId)).length === 1 ? true : null));

      let ahead: readonly string[] = [];
      const lookAhead = async (): Promise<void> => {
        ahead = await sessionsAt(await placeOf(tenantId, 2));
        expect(await reports.live(tenantId)).toMatchObject([{ generation: 1, readyFor: 2 }]);
        stuck = (await world.tools.secrets.read(secretRefs.tenantDb(tenantId)))?.document ?? null;
      };
      const target = { tier: 'shared', clusterId: 'shared-2' } as const;
      const request = { kind: 'move-tenant', tenantId, target, strategy: 'online', switchMode: 'auto' } as const;
      const moved = await perform(world, request, before('switch-over', lookAhead));
      expect(moved).toMatchObject({ state: 'succeeded', result: { clientsReady: 1, clientsNotReady: 0 } });
      await more(50);
      expect(ahead).toHaveLength(writers);
      expect(await sessionsAt(await placeOf(tenantId, 2))).toEqual(ahead);
      expect(await sessionsAt(await placeOf(tenantId, 1))).toEqual([]);
      expect(await world.app.get(PlaceAnnouncements).live()).toEqual([]);

      stuck = null;
      const back = await perform(
        world,
        { kind: 'reverse-move', moveId: moved.id },
        before('never', async () => undefined),
      );
      expect(back).toMatchObject({ state: 'succeeded', result: { clientsReady: 1, clientsNotReady: 0 } });
      await more(50);
      stopped = true;
      await work;
      expect(errors).toEqual([]);
      const sql = "SELECT name FROM port WHERE name LIKE 'writer%'";
      const { rows } = await tenants.query<{ name: string }>(tenantId, sql);
      expect(rows.map(({ name }) => name).sort()).toEqual([...acknowledged].sort());
      expect(events.filter(({ type }) => type === 'switched')).toMatchObject([
        { from: 1, generation: 2 },
        { from: 2, generation: 3 },
      ]);
    });
  });
});
