import { createTenants, type Tenants } from '@berth/client';
import { type Operation, type RowIdentities, secretRefs, streamsOf, type TenantId } from '@berth/domain';
import { awkwardSchema, postgresParts, whenAvailable } from '@berth/testing';
import pg from 'pg';
import { readyTenant } from '../crash/scenarios.js';
import { secretOf } from '../crash/tenant-data.js';
import { World } from '../crash/world.js';

const postgres = await postgresParts();

interface Hurting {
  readonly name: string;
  readonly schema: string;
  readonly identities: RowIdentities;
  /** What the tenant does all the time; $1 is a number that grows. */
  readonly writes: string;
}

/** PostgreSQL has room for 1,600 columns, of which a row of numbers fits into one page. */
const columns = Array.from({ length: 1_590 }, (_, index) => `c${String(index + 1)}`);

const cases: readonly Hurting[] = [
  {
    name: 'every form of table, type, key, view and trigger',
    schema: `${awkwardSchema}
      ALTER TABLE cache SET LOGGED;
      REVOKE SELECT (id, name) ON account FROM PUBLIC;
      CREATE TABLE moved_key (a int, b text, n int, PRIMARY KEY (a, b) DEFERRABLE INITIALLY DEFERRED);
      INSERT INTO moved_key SELECT g, 'b' || g, g FROM generate_series(1, 100) g;`,
    identities: { event_log: 'full', nothing_in_it: 'full', dog: 'full', booking: 'full', moved_key: 'full' },
    writes: `WITH a AS (INSERT INTO account (name, feeling, credit) VALUES ('w' || $1::int, 'meh', 2)),
      m AS (UPDATE measure SET kind = CASE kind WHEN 'a' THEN 'b' ELSE 'a' END WHERE id = $1::int % 900),
      k AS (UPDATE moved_key SET a = a + 1000 WHERE a % 100 = $1::int % 100)
      INSERT INTO event_log VALUES ('w', $1::int % 7)`,
  },
  {
    name: '1,591 columns',
    schema: `CREATE TABLE wide (id int PRIMARY KEY, ${columns.map((name) => `${name} int`).join(', ')});
      INSERT INTO wide SELECT g, ${columns.map((_, index) => `g + ${String(index)}`).join(', ')} FROM generate_series(1, 50) g;`,
    identities: {},
    writes: `UPDATE wide SET c1590 = $1::int WHERE id = 1 + $1::int % 50`,
  },
  {
    name: '500 tables',
    schema: `DO $$ BEGIN FOR n IN 1..500 LOOP
      EXECUTE format('CREATE TABLE t%s (id serial PRIMARY KEY, name text); INSERT INTO t%1$s (name) VALUES (''one''), (''two'')', n);
      END LOOP; END $$`,
    identities: {},
    writes: `INSERT INTO t7 (name) VALUES ($1::int::text)`,
  },
  { name: 'no table at all', schema: '', identities: {}, writes: 'SELECT $1::int' },
];

const timesOf = ({ steps }: Operation): string =>
  steps
    .map(({ name, startedAt, endedAt }) => ({ name, ms: (endedAt?.getTime() ?? 0) - (startedAt?.getTime() ?? 0) }))
    .filter(({ ms }) => ms >= 500)
    .map(({ name, ms }) => `${name} ${String(ms)}`)
    .join(', ');

describe.each([16, 18])('online on PostgreSQL %i, while it works, moves a tenant of', (major) => {
  whenAvailable(postgres(major), 'a schema that hurts:', () => {
    let world: World;
    let tenants: Tenants;
    beforeAll(async () => {
      world = await World.open({}, {}, { major, replication: true });
      const read = async (tenantId: string) =>
        (await world.tools.secrets.read(secretRefs.tenantDb(tenantId as TenantId)))?.document ?? null;
      tenants = createTenants({ placement: { read }, pollMs: 200 });
    }, 120_000);
    afterAll(async () => {
      await tenants?.close();
      await world?.close();
    }, 120_000);

    const make = async ({ schema }: Hurting): Promise<TenantId> => {
      const tenantId = await readyTenant(world);
      const client = new pg.Client({ connectionString: (await secretOf(world, tenantId)).url });
      await client.connect();
      await client.query(`DROP TABLE voyage, port; DROP TYPE mood; ${schema}`).finally(() => client.end());
      return tenantId;
    };

    it.each(cases)(
      '$name',
      async (hurting) => {
        const tenantId = await make(hurting);
        let written = 0;
        let stop = false;
        const working = (async () => {
          for (; !stop; written += 1) await tenants.query(tenantId, hurting.writes, [written]);
        })();
        working.catch(() => undefined);
        const { identities } = hurting;
        const target = { tier: 'shared', clusterId: 'shared-2' } as const;
        const request = { kind: 'move-tenant', tenantId, target, strategy: 'online', switchMode: 'auto' } as const;
        const moved = await world.perform({ ...request, identities });
        stop = true;
        await working;
        expect(written).toBeGreaterThan(0);
        expect(moved.result).toMatchObject({ comparedPair: 'frozen', staleViews: [] });
        expect(await world.tools.moves.get(moved.id)).toMatchObject({
          state: 'switched',
          comparison: { equal: true, differences: [] },
        });
        const [old, place] = await Promise.all([1, 2].map((n) => world.tools.placements.get(tenantId, n)));
        if (!old || !place) throw new Error('the tenant has no two places');
        await world.perform({ kind: 'complete-move', moveId: moved.id });
        for (const stream of Object.values(streamsOf(old, place, 2)))
          expect(await world.tools.replication.leftovers(stream)).toEqual([]);
        expect(await world.tools.database.leftovers(old)).toEqual([]);
        process.stdout.write(
          `PostgreSQL ${String(major)}, ${hurting.name}: locked for ${String(moved.result?.['switchMs'])} ms, ${String(written)} writes; ms of steps: ${timesOf(moved)}\n`,
        );
      },
      240_000,
    );
  });
});
