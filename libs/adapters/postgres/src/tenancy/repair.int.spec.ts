import { parseTenantId, type Place, placeOf, scramVerifier } from '@berth/domain';
import type { WantedTenant } from '@berth/ports';
import {
  accessTo,
  FakeClusterDirectory,
  inTurn,
  postgresMajors,
  startPostgres,
  type TestPostgres,
} from '@berth/testing';
import { Client } from 'pg';
import { ClusterConnections } from '../connection/index.js';
import { PostgresClusterProbe } from './postgres-cluster-probe.js';
import { PostgresTenantDatabase } from './postgres-tenant-database.js';

const password = 'correct horse';
const verifier = scramVerifier(password);
const limits = { connectionLimit: 5, statementTimeoutMs: 30_000, idleInTransactionTimeoutMs: 60_000 };

interface Damage {
  readonly what: string;
  /** Names: {o} owner, {a} {b} logins, {m} migration login, {s} schema, {x} owner of another tenant, {admin}. */
  readonly sql: string;
  /** Damages of one kind exclude each other: each alone would fail after the other. */
  readonly kind?: string;
}

/** Each kind of object of a tenant, dropped or altered by hand as the admin could, or as the tenant could. */
const damages: readonly Damage[] = [
  { what: 'a login dropped', sql: 'DROP OWNED BY {a}; DROP ROLE {a}', kind: 'a' },
  { what: 'a login that may not log in', sql: 'ALTER ROLE {b} NOLOGIN' },
  { what: 'a login without inheritance', sql: 'ALTER ROLE {b} NOINHERIT' },
  { what: 'a login that may make roles and databases', sql: 'ALTER ROLE {b} CREATEROLE CREATEDB', kind: 'powers' },
  { what: 'another connection limit', sql: 'ALTER ROLE {b} CONNECTION LIMIT 0' },
  { what: 'a login that expired', sql: "ALTER ROLE {b} VALID UNTIL '2001-01-01'" },
  { what: 'every setting of a login reset', sql: 'ALTER ROLE {a} RESET ALL', kind: 'a' },
  { what: 'public on the search_path', sql: 'ALTER ROLE {b} SET search_path = {s}, public' },
  { what: 'a search_path for the database alone', sql: 'ALTER ROLE {b} IN DATABASE {d} SET search_path = public' },
  { what: 'a setting too many', sql: "ALTER ROLE {b} SET work_mem = '1GB'" },
  { what: 'another password, with its note', sql: "ALTER ROLE {b} PASSWORD 'other'; COMMENT ON ROLE {b} IS NULL" },
  { what: 'another password alone', sql: "ALTER ROLE {b} PASSWORD 'other'" },
  { what: 'a login that left the owner', sql: 'REVOKE {o} FROM {b}' },
  { what: 'a login that may pass the owner on', sql: 'GRANT {o} TO {a} WITH ADMIN OPTION', kind: 'a' },
  { what: "a login that left the tenants' group", sql: 'REVOKE berth_tenants FROM {b}' },
  { what: 'a login that joined another tenant', sql: 'GRANT {x} TO {b}' },
  { what: "another tenant's role that joined the owner", sql: 'GRANT {o} TO {x}' },
  { what: 'an owner that may log in', sql: "ALTER ROLE {o} LOGIN PASSWORD 'x'" },
  { what: 'a schema open to PUBLIC', sql: 'GRANT USAGE, CREATE ON SCHEMA {s} TO PUBLIC', kind: 'schema' },
  {
    what: 'a schema open to another tenant, who may pass it on',
    sql: 'GRANT USAGE ON SCHEMA {s} TO {x} WITH GRANT OPTION',
    kind: 'schema',
  },
  { what: 'a schema closed to the service role', sql: 'REVOKE ALL ON SCHEMA {s} FROM berth_service', kind: 'schema' },
  {
    what: 'a service role that may create in the schema',
    sql: 'GRANT CREATE ON SCHEMA {s} TO berth_service',
    kind: 'schema',
  },
  { what: 'an owner that lost its schema', sql: 'REVOKE ALL ON SCHEMA {s} FROM {o}', kind: 'schema' },
  { what: 'a schema of the admin', sql: 'ALTER SCHEMA {s} OWNER TO {admin}', kind: 'schema' },
  { what: 'a schema of another tenant', sql: 'ALTER SCHEMA {s} OWNER TO {x}', kind: 'schema' },
  { what: 'a dropped schema', sql: 'DROP SCHEMA {s} CASCADE', kind: 'all' },
  { what: 'a dropped owner', sql: 'DROP OWNED BY {o} CASCADE; DROP ROLE {o}', kind: 'all' },
  { what: 'everything dropped', sql: 'DROP OWNED BY {a}, {b}, {o} CASCADE; DROP ROLE {a}, {b}, {o}', kind: 'all' },
  { what: 'a table of a login', sql: 'ALTER TABLE {s}.parent OWNER TO {b}' },
  { what: 'a view of another tenant', sql: 'ALTER VIEW {s}.seen OWNER TO {x}' },
  { what: 'a function of the admin', sql: 'ALTER FUNCTION {s}.twice(int, text) OWNER TO {admin}' },
  { what: 'a type of the admin', sql: 'ALTER TYPE {s}.colour OWNER TO {admin}' },
  { what: 'a domain of the admin', sql: 'ALTER DOMAIN {s}.positive OWNER TO {admin}' },
  { what: 'a composite type of the admin', sql: 'ALTER TYPE {s}.pair OWNER TO {admin}' },
  { what: 'a sequence of the admin', sql: 'ALTER SEQUENCE {s}.counter OWNER TO {admin}' },
  { what: 'a materialized view of the admin', sql: 'ALTER MATERIALIZED VIEW {s}.summed OWNER TO {admin}' },
  { what: 'a collation of the admin', sql: 'ALTER COLLATION {s}.plain OWNER TO {admin}' },
  { what: 'a partition of the admin', sql: 'ALTER TABLE {s}.part_1 OWNER TO {admin}' },
  { what: 'an operator of the admin', sql: 'ALTER OPERATOR {s}.<#> (int, int) OWNER TO {admin}' },
  { what: 'an aggregate of the admin', sql: 'ALTER AGGREGATE {s}.total(int) OWNER TO {admin}' },
  { what: 'a table without the service role', sql: 'REVOKE ALL ON {s}.child FROM berth_service' },
  { what: 'a table half without the service role', sql: 'REVOKE DELETE ON {s}."Odd ""name" FROM berth_service' },
  { what: 'sequences without the service role', sql: 'REVOKE ALL ON ALL SEQUENCES IN SCHEMA {s} FROM berth_service' },
  { what: 'a closed function', sql: 'REVOKE ALL ON FUNCTION {s}.twice(int, text) FROM PUBLIC, berth_service' },
  {
    what: 'no default privileges on tables',
    sql: 'ALTER DEFAULT PRIVILEGES FOR ROLE {o} IN SCHEMA {s} REVOKE ALL ON TABLES FROM berth_service',
  },
  {
    what: 'no default privileges on sequences',
    sql: 'ALTER DEFAULT PRIVILEGES FOR ROLE {o} IN SCHEMA {s} REVOKE USAGE ON SEQUENCES FROM berth_service',
  },
  {
    what: 'default privileges for PUBLIC',
    sql: 'ALTER DEFAULT PRIVILEGES FOR ROLE {o} IN SCHEMA {s} GRANT SELECT ON TABLES TO PUBLIC',
  },
  {
    what: 'default privileges for another tenant',
    sql: 'ALTER DEFAULT PRIVILEGES FOR ROLE {o} IN SCHEMA {s} GRANT EXECUTE ON FUNCTIONS TO {x}',
  },
  {
    what: 'the login of a migration left behind',
    sql: 'CREATE ROLE {m} LOGIN; GRANT {o} TO {m}; CREATE TABLE {s}.by_m (id int); ALTER TABLE {s}.by_m OWNER TO {m}',
  },
  { what: 'a database open to PUBLIC', sql: 'GRANT CONNECT, CREATE, TEMPORARY ON DATABASE {d} TO PUBLIC' },
  { what: "a database closed to the tenants' group", sql: 'REVOKE CONNECT ON DATABASE {d} FROM berth_tenants' },
];

const content = `
  CREATE TABLE parent (id serial PRIMARY KEY, n int);
  CREATE TABLE child (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent int REFERENCES parent);
  CREATE TABLE "Odd ""name" (id int);
  CREATE TABLE part (id int, at date) PARTITION BY RANGE (id);
  CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (1) TO (10);
  CREATE VIEW seen AS SELECT * FROM parent;
  CREATE MATERIALIZED VIEW summed AS SELECT sum(n) FROM parent;
  CREATE SEQUENCE counter;
  CREATE FUNCTION twice(n int, t text) RETURNS int LANGUAGE sql RETURN n * 2;
  CREATE PROCEDURE act() LANGUAGE sql AS 'SELECT 1';
  CREATE FUNCTION plus(a int, b int) RETURNS int LANGUAGE sql RETURN a + b;
  CREATE OPERATOR <#> (LEFTARG = int, RIGHTARG = int, FUNCTION = plus);
  CREATE AGGREGATE total(int) (SFUNC = plus, STYPE = int);
  CREATE TYPE colour AS ENUM ('red');
  CREATE TYPE pair AS (a int, b int);
  CREATE TYPE span AS RANGE (subtype = int);
  CREATE DOMAIN positive AS int CHECK (VALUE > 0);
  CREATE COLLATION plain FROM "C"`;

/** Repeatable: a failure names its seed by the test's name. */
function pseudoRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function subsetOf(seed: number): readonly Damage[] {
  const random = pseudoRandom(seed * 7_919);
  const chosen: Damage[] = [];
  for (const damage of damages) {
    // A kind is chosen once; what drops everything leaves nothing to damage afterwards, so it stands alone.
    if (damage.kind === 'all' || random() > 0.3) continue;
    if (damage.kind !== undefined && chosen.some(({ kind }) => kind === damage.kind)) continue;
    chosen.push(damage);
  }
  return chosen;
}

const programs = await postgresMajors();

describe.each(
  inTurn(
    import.meta.url,
    programs.map(({ major }) => major),
  ),
)('repair on PostgreSQL %i', (major) => {
  let server: TestPostgres;
  let connections: ClusterConnections;
  let database: PostgresTenantDatabase;
  let place: Place;
  let other: Place;
  let count = 0;

  beforeAll(async () => {
    server = await startPostgres({ major });
    const access = accessTo(server, 'shared-1', 'tenants');
    connections = new ClusterConnections(new FakeClusterDirectory([access]));
    database = new PostgresTenantDatabase(connections);
    await new PostgresClusterProbe(connections).prepare(access);
    other = placeOf(parseTenantId('stranger'), 'shared-1', 'tenants');
    await database.converge(wanted(other), actor(other));
  });
  afterAll(async () => {
    await connections.close();
    await server.stop();
  });
  beforeEach(async () => {
    count += 1;
    place = placeOf(parseTenantId(`broken-${count}`), 'shared-1', 'tenants');
    await database.converge(wanted(place), actor(place));
    await asOwner(content);
    expect(await database.inspect(wanted(place))).toEqual([]);
  });

  const actor = (of: Place) => ({ operationId: 'op-1', tenantId: of.tenantId, fence: 1 });
  const wanted = (of: Place): WantedTenant => ({
    place: of,
    limits,
    verifiers: { a: verifier, b: verifier },
    logins: 'open',
  });

  async function asOwner(sql: string): Promise<void> {
    await server.psql(`SET ROLE ${place.ownerRole}; SET search_path = ${place.schema}; ${sql}`, 'tenants');
  }

  /** By a superuser for what needs one, but with the admin as the one who grants: as an operator at the admin's prompt. */
  async function damageBy({ sql }: Damage): Promise<void> {
    const names: Readonly<Record<string, string>> = {
      o: place.ownerRole,
      a: place.loginRoles.a,
      b: place.loginRoles.b,
      m: `${place.ownerRole}__m`,
      s: place.schema,
      x: other.ownerRole,
      d: 'tenants',
      admin: server.admin.user,
    };
    const filled = sql.replace(/\{(\w+)\}/g, (_all, name: string) => names[name]!);
    // Role changes as the admin (on 16+ a grant belongs to its grantor), the rest as the superuser.
    const byAdmin = /^(CREATE ROLE|GRANT (?!.* ON )|REVOKE (?!.* ON ))/.test(filled);
    await server.psql(
      byAdmin ? `SET SESSION AUTHORIZATION ${server.admin.user}; ${withReset(filled)}` : filled,
      'tenants',
    );
  }

  const withReset = (sql: string): string =>
    sql.replace('; CREATE TABLE', '; RESET SESSION AUTHORIZATION; CREATE TABLE');

  async function expectHealed(done: readonly Damage[]): Promise<void> {
    const found = await database.inspect(wanted(place));
    const silent = done.every(({ what }) => what === 'another password alone');
    expect(found.length > 0).toBe(!silent);
    expect(await database.converge(wanted(place), actor(place))).toEqual(found.map(({ remedy }) => remedy));
    expect(await database.inspect(wanted(place))).toEqual([]);
    expect(await database.converge(wanted(place), actor(place))).toEqual([]);
    await expectUsable();
  }

  /** What a client of the tenant sees: it logs in on both slots, works, and its tables are the service role's to use. */
  async function expectUsable(): Promise<void> {
    for (const slot of ['a', 'b'] as const) {
      const client = new Client({
        host: server.host,
        port: server.port,
        database: 'tenants',
        user: place.loginRoles[slot],
        password,
      });
      await client.connect();
      const { rows } = await client.query('SELECT current_user AS me, current_schemas(false)::text AS path');
      expect(rows).toEqual([{ me: place.ownerRole, path: `{${place.schema}}` }]);
      await client.query(`CREATE TABLE fresh_${slot} (id serial PRIMARY KEY)`);
      await client.end();
    }
    await server.psql(`SET ROLE berth_service; INSERT INTO ${place.schema}.fresh_a DEFAULT VALUES`, 'tenants');
    const stranger = `SELECT has_schema_privilege('${other.ownerRole}', '${place.schema}', 'USAGE')`;
    expect(await server.psql(stranger, 'tenants')).toBe('f');
    expect(
      await server.psql(
        `SELECT count(*) FROM pg_auth_members WHERE roleid = '${place.ownerRole}'::regrole AND member = '${other.ownerRole}'::regrole`,
      ),
    ).toBe('0');
  }

  it.each(damages.map((damage) => [damage.what, damage] as const))('heals %s', async (_what, damage) => {
    await damageBy(damage);
    await expectHealed([damage]);
  });

  it.each(Array.from({ length: 12 }, (_unused, index) => index + 1))(
    'heals the random subset %i of them at once',
    async (seed) => {
      const chosen = subsetOf(seed);
      for (const damage of chosen) await damageBy(damage);
      await expectHealed(chosen);
    },
  );

  it('heals an owner that was renamed', async () => {
    await server.psql(`ALTER ROLE ${place.ownerRole} RENAME TO renamed_${count}`);
    await expectHealed([{ what: 'renamed', sql: '' }]);
  });

  it('names what only a superuser can mend, and mends the rest', async () => {
    await server.psql(
      `ALTER ROLE ${place.loginRoles.a} SUPERUSER; ALTER TABLE ${place.schema}.child OWNER TO ${server.superuser.user};
      ALTER ROLE ${place.loginRoles.b} CONNECTION LIMIT 1`,
      'tenants',
    );
    const found = await database.inspect(wanted(place));
    expect(
      found
        .filter(({ remedy }) => remedy?.startsWith('As a superuser: '))
        .map(({ code }) => code)
        .sort(),
    ).toEqual(['wrong-owner', 'wrong-role-attributes']);
    expect(found).toHaveLength(3);
    await expect(database.converge(wanted(place), actor(place))).resolves.toHaveLength(1);
    expect(await database.inspect(wanted(place))).toHaveLength(2);
  });
});
