import type { Tenants } from '@berth/client';
import { type Operation, type RowIdentities, streamsOf, type TenantId, tenantsDatabase } from '@berth/domain';
import { asTenant, awkwardSchema, inTurn, postgresParts, whenAvailable } from '@berth/testing';
import { moveTo, readyTenant, toSecond } from '../crash/scenarios/tenants.js';
import { World } from '../crash/world.js';
import { clientsOf, placeOfGeneration } from './acknowledged-work.js';

const postgres = await postgresParts();

interface Hurting {
  readonly name: string;
  readonly schema: string;
  readonly identities: RowIdentities;
  /** What the tenant does all the time; $1 is a number that grows. */
  readonly writes: string;
  /** Where alone it can be tried; left out: on every version. */
  readonly only?: number;
  /** What has to be true when the move is completed. */
  readonly holds?: string;
}

/** What Debian's PostgreSQL 15 has, and the others here have not. */
const withContrib = 15;
const extensions = [
  ...['btree_gist', 'citext', 'cube', 'hstore', 'intarray', 'isn', 'ltree', 'pg_trgm', 'pgcrypto', 'seg', 'unaccent'],
  '"uuid-ossp"',
];

/** PostgreSQL has room for 1,600 columns, of which a row of numbers fits into one page. */
const columns = Array.from({ length: 1_590 }, (_, index) => `c${String(index + 1)}`);

const cases: readonly Hurting[] = [
  {
    name: 'every form of table, type, key, view and trigger',
    schema: `${awkwardSchema}
      ALTER TABLE cache SET LOGGED;
      REVOKE SELECT (id, name) ON account FROM PUBLIC;
      CREATE TABLE moved_key (a int, b text, n int, PRIMARY KEY (a, b) DEFERRABLE INITIALLY DEFERRED);
      INSERT INTO moved_key SELECT g, 'b' || g, g FROM generate_series(1, 100) g;
      CREATE TABLE extreme (id int PRIMARY KEY, at timetz, day date, local timestamp, spans datemultirange, own span[], n numeric, bits varbit, doc json);
      INSERT INTO extreme VALUES
        (1, '23:59:60+15:59:59', '4713-01-01 BC', '-infinity', '{[2024-01-01,2024-02-01),(,2000-01-01)}', '{"[0,1)",empty}', 'Infinity', '', '{"a" :  1}'),
        (2, '00:00-15:59', '5874897-12-31', '294276-12-31 23:59:59.999999', '{}', NULL, '-Infinity', '1010', '[]'),
        (3, NULL, 'infinity', 'infinity', NULL, '{}', ('1' || repeat('0', 131071) || '.' || repeat('7', 16383))::numeric, NULL, 'null');
      CREATE MATERIALIZED VIEW best AS SELECT * FROM totals WHERE total > 0;
      CREATE TABLE noted (id bigserial PRIMARY KEY, what text);
      CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $note$
        BEGIN INSERT INTO noted (what) VALUES (TG_NAME || ' on ' || TG_TABLE_NAME); RETURN NEW; END $note$;
      CREATE TRIGGER always AFTER INSERT ON account FOR EACH ROW EXECUTE FUNCTION note();
      CREATE TRIGGER "Only replica" AFTER INSERT OR UPDATE ON measure FOR EACH ROW EXECUTE FUNCTION note();
      ALTER TABLE account ENABLE ALWAYS TRIGGER always;
      ALTER TABLE measure ENABLE REPLICA TRIGGER "Only replica";
      ALTER TABLE guarded FORCE ROW LEVEL SECURITY;
      CREATE POLICY all_may_write ON guarded FOR INSERT WITH CHECK (true);`,
    identities: { event_log: 'full', nothing_in_it: 'full', dog: 'full', booking: 'full', moved_key: 'full' },
    writes: `WITH a AS (INSERT INTO account (name, feeling, credit) VALUES ('w' || $1::int, 'meh', 2)),
      m AS (UPDATE measure SET kind = CASE kind WHEN 'a' THEN 'b' ELSE 'a' END WHERE id = $1::int % 900),
      k AS (UPDATE moved_key SET a = a + 1000 WHERE a % 100 = $1::int % 100),
      g AS (INSERT INTO guarded VALUES (1000 + $1::int, 'bob'))
      INSERT INTO event_log VALUES ('w', $1::int % 7)`,
    holds: `SELECT (SELECT count(*) FROM noted) = (SELECT count(*) FROM account WHERE name ~ '^w[0-9]')
      AND (SELECT count(*) FROM guarded) = 0 AND (SELECT string_agg(DISTINCT tgname || tgenabled::text, ', ') = 'Only replicaR, alwaysA'
        FROM pg_trigger WHERE tgfoid = 'note'::regproc) AS holds`,
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
  {
    name: 'types, defaults, operators and indexes of extensions',
    only: withContrib,
    schema: `CREATE TABLE thing (email ext.citext PRIMARY KEY, tags ext.hstore, path ext.ltree UNIQUE, at ext.cube, size ext.seg, isbn ext.isbn13,
        numbers int[], token uuid NOT NULL DEFAULT ext.uuid_generate_v4(), secret text DEFAULT ext.crypt('x', ext.gen_salt('bf', 4)));
      CREATE INDEX ON thing USING gin (tags ext.gin_hstore_ops);
      CREATE INDEX ON thing USING gist (path ext.gist_ltree_ops);
      CREATE INDEX ON thing USING gist (at ext.gist_cube_ops);
      CREATE INDEX ON thing USING gist (numbers ext.gist__int_ops);
      CREATE INDEX ON thing USING gin ((email::text) ext.gin_trgm_ops);
      CREATE TABLE stay (id int PRIMARY KEY, room int, during daterange, EXCLUDE USING gist (room ext.gist_int4_ops WITH =, during WITH &&));
      INSERT INTO stay SELECT g, g % 3, daterange(date '2024-01-01' + g, date '2024-01-02' + g) FROM generate_series(1, 300) g;
      INSERT INTO thing SELECT 'Ada' || g || '@Example.com', ext.hstore('k' || g, CASE WHEN g % 2 = 0 THEN 'ü "q"' END), ('top.b' || g)::ext.ltree,
          ext.cube(ARRAY[g, g + 0.5]), (g || ' .. ' || g + 1)::ext.seg, '978-0-306-40615-7', (ARRAY[g, -g])[1:1 + g % 2]
        FROM generate_series(1, 300) g;`,
    identities: {},
    writes: `WITH t AS (INSERT INTO thing (email, tags, path) VALUES ('W' || $1::int || '@x', ext.hstore('n', $1::int::text), ('w.' || $1::int)::ext.ltree)),
      s AS (UPDATE stay SET room = room + 3 WHERE id = 1 + $1::int % 300)
      UPDATE thing SET tags = tags OPERATOR(ext.||) ext.hstore('seen', $1::int::text) WHERE email OPERATOR(ext.=) ('aDA' || 1 + $1::int % 300 || '@EXAMPLE.com')::ext.citext`,
    holds: `SELECT (SELECT count(*) > 0 FROM thing WHERE email OPERATOR(ext.=) 'ada7@example.com'::ext.citext) AND (SELECT count(*) FROM pg_indexes WHERE tablename = 'thing') = 7 AS holds`,
  },
  { name: 'no table at all', schema: '', identities: {}, writes: 'SELECT $1::int' },
];

const timesOf = ({ steps }: Operation): string =>
  steps
    .map(({ name, startedAt, endedAt }) => ({ name, ms: (endedAt?.getTime() ?? 0) - (startedAt?.getTime() ?? 0) }))
    .filter(({ ms }) => ms >= 500)
    .map(({ name, ms }) => `${name} ${String(ms)}`)
    .join(', ');

describe.each(inTurn(import.meta.url, [15, 16, 18]))(
  'online on PostgreSQL %i, while it works, moves a tenant of',
  (major) => {
    whenAvailable(postgres(major), 'a schema that hurts:', () => {
      let world: World;
      let tenants: Tenants;
      beforeAll(async () => {
        world = await World.open({}, {}, { major, replication: true });
        // Without it forced policies keep a tenant from moving.
        for (const server of Object.values(world.servers))
          await server.psql(`ALTER ROLE ${server.admin.user} BYPASSRLS`);
        const schema = 'CREATE SCHEMA ext; GRANT USAGE ON SCHEMA ext TO PUBLIC;';
        const made = extensions.map((name) => `CREATE EXTENSION ${name} SCHEMA ext;`);
        if (major === withContrib)
          for (const server of Object.values(world.servers))
            await server.psql([schema, ...made].join('\n'), tenantsDatabase);
        tenants = clientsOf(world);
      });
      afterAll(async () => {
        await tenants?.close();
        await world?.close();
      });

      /** Statement by statement, and for as long as it takes. */
      const make = async ({ schema }: Hurting): Promise<TenantId> => {
        const tenantId = await readyTenant(world);
        const place = await placeOfGeneration(world, tenantId, 1);
        await asTenant(world.servers['shared-1']!, place, `DROP TABLE voyage, port; DROP TYPE mood; ${schema}`);
        return tenantId;
      };

      it.each(cases.filter(({ only = major }) => only === major))('$name', async (hurting) => {
        const tenantId = await make(hurting);
        let written = 0;
        let stop = false;
        const working = (async () => {
          for (; !stop; written += 1) await tenants.query(tenantId, hurting.writes, [written]);
        })();
        working.catch(() => undefined);
        const request = { ...moveTo(tenantId, toSecond, 'auto', 'online'), identities: hurting.identities };
        const moved = await world.perform(request);
        stop = true;
        await working;
        expect(written).toBeGreaterThan(0);
        expect(moved.result).toMatchObject({ comparedPair: 'frozen', staleViews: [] });
        expect(await world.tools.moves.get(moved.id)).toMatchObject({
          state: 'switched',
          comparison: { equal: true, differences: [] },
        });
        const old = await placeOfGeneration(world, tenantId, 1);
        const place = await placeOfGeneration(world, tenantId, 2);
        await world.perform({ kind: 'complete-move', moveId: moved.id });
        for (const stream of Object.values(streamsOf(old, place, 2)))
          expect(await world.tools.replication.leftovers(stream)).toEqual([]);
        expect(await world.tools.database.leftovers(old)).toEqual([]);
        const { rows } = await tenants.query(tenantId, hurting.holds ?? 'SELECT true AS holds');
        expect(rows).toEqual([{ holds: true }]);
        process.stdout.write(
          `PostgreSQL ${String(major)}, ${hurting.name}: locked for ${String(moved.result?.['switchMs'])} ms, ${String(written)} writes; ms of steps: ${timesOf(moved)}\n`,
        );
      });
    });
  },
);
