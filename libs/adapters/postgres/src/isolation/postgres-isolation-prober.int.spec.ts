import {
  type AttemptName,
  attemptNames,
  attemptsBy,
  countAttempts,
  isolationRow,
  type IsolationRow,
  isolationVerdict,
  parseTenantId,
  type Place,
  placeOf,
  scramVerifier,
  tenantUrl,
} from '@berth/domain';
import type { IsolationLogin, IsolationPooler } from '@berth/ports';
import {
  accessTo,
  describeIsolationProberContract,
  FakeClusterDirectory,
  inTurn,
  pgbouncerPart,
  postgresMajors,
  startPgBouncer,
  startPostgres,
  type TestPgBouncer,
  type TestPostgres,
  whenAvailable,
} from '@berth/testing';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Client } from 'pg';
import { ClusterConnections } from '../connection/index.js';
import { PostgresClusterProbe } from '../tenancy/postgres-cluster-probe.js';
import { PostgresTenantDatabase } from '../tenancy/postgres-tenant-database.js';
import { PostgresIsolationProber } from './postgres-isolation-prober.js';

const password = 'correct horse';
const verifier = scramVerifier(password);
const limits = { connectionLimit: 8, statementTimeoutMs: 30_000, idleInTransactionTimeoutMs: 60_000 };
const [alpha, bravo, charlie] = ['alpha', 'bravo', 'charlie'].map((id) =>
  placeOf(parseTenantId(id), 'shared-1', 'tenants'),
) as [Place, Place, Place];
const tenants = [alpha, bravo, charlie];
const majors = await postgresMajors();

whenAvailable(pgbouncerPart, 'isolation', () => {
  describe.each(
    inTurn(
      import.meta.url,
      majors.map(({ major }) => major),
    ),
  )('proved on PostgreSQL %i', (major) => {
    let server: TestPostgres;
    let bouncer: TestPgBouncer;
    let connections: ClusterConnections;
    let prober: PostgresIsolationProber;

    const sql = (text: string, database = 'tenants') => server.psql(text, database);
    const loginOf = (place: Place, change: Partial<IsolationLogin['secret']> = {}): IsolationLogin => {
      const { host, port } = server;
      const address = { host, port, database: place.database, schema: place.schema, sslmode: 'disable' } as const;
      const secret = { ...address, username: place.loginRoles.a, password, generation: 1, ...change };
      return { place, secret: { ...secret, url: tenantUrl(secret) } };
    };
    const pooler = (): IsolationPooler => ({ ...bouncer.access });
    const { signal } = new AbortController();

    async function rowsOf(from: IsolationLogin, by: IsolationPooler | null = null): Promise<readonly IsolationRow[]> {
      const others = tenants.filter((place) => place !== from.place);
      const targets = others.map((place) => ({ place, login: loginOf(place) }));
      const seen = await prober.tryAll(from, targets, { pooler: by, forMs: 60_000, signal });
      const poolerId = by === null ? null : 'pool-1';
      return others.map(({ tenantId: to }) =>
        isolationRow({ from: from.place.tenantId, to, pooler: poolerId }, seen.get(to) ?? []),
      );
    }

    /** What alpha reached of each other tenant. */
    async function reachedBy(
      by: IsolationPooler | null = null,
    ): Promise<Readonly<Record<string, readonly AttemptName[]>>> {
      const rows = await rowsOf(loginOf(alpha), by);
      return Object.fromEntries(
        rows.map(({ to, others }) => [
          to,
          others.filter(({ verdict }) => verdict === 'reached').map(({ attempt }) => attempt),
        ]),
      );
    }

    /** The pooler's files as Berth writes them; `lines` for aliases that somebody else wrote, `known` for whom it lets in. */
    async function write(lines: readonly string[] = [], known = tenants): Promise<void> {
      const { folder, user, verifier: own } = bouncer.access;
      const to = `host=${server.host} port=${String(server.port)} dbname=tenants pool_size=2`;
      const nameOf = (line: string) => line.split(' ')[0];
      const aliases = tenants
        .map(({ tenantId }) => `${tenantId} = ${to}`)
        .filter((line) => !lines.some((other) => nameOf(other) === nameOf(line)));
      const users = [`"${user}" "${own}"`, ...known.map(({ loginRoles }) => `"${loginRoles.a}" "${verifier}"`)];
      const rules = [
        'host "pgbouncer" all 0.0.0.0/0 scram-sha-256',
        ...known.map(({ tenantId, loginRoles }) => `host "${tenantId}" "${loginRoles.a}" 0.0.0.0/0 scram-sha-256`),
      ];
      for (const [name, text] of [
        ['berth-databases.ini', [...aliases, ...lines]],
        ['berth-userlist.txt', users],
        ['berth-hba.conf', rules],
      ] as const)
        await writeFile(path.join(folder, name), `${text.join('\n')}\n`);
    }

    async function route(lines: readonly string[] = []): Promise<void> {
      await write(lines);
      await onConsole('RELOAD');
    }

    async function onConsole(command: string): Promise<void> {
      const { host, port, user, password: key } = bouncer.access;
      const client = new Client({ host, port, user, password: key, database: 'pgbouncer' });
      await client.connect();
      await client.query(command).finally(() => client.end());
    }

    beforeAll(async () => {
      server = await startPostgres({ major, settings: { max_connections: '40' } });
      bouncer = await startPgBouncer();
      const access = accessTo(server, 'shared-1', 'tenants');
      connections = new ClusterConnections(new FakeClusterDirectory([access]));
      prober = new PostgresIsolationProber(connections);
      await new PostgresClusterProbe(connections).prepare(access);
      const database = new PostgresTenantDatabase(connections);
      for (const place of tenants) {
        const actor = { operationId: 'op-1', tenantId: place.tenantId, fence: 1 };
        await database.converge({ place, limits, verifiers: { a: verifier }, logins: 'open' }, actor);
        await sql(`SET ROLE ${place.ownerRole}; SET search_path = ${place.schema};
          CREATE TABLE note (id serial PRIMARY KEY, text text);
          CREATE TABLE other_note (id int);
          CREATE FUNCTION count_notes() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM note';
          INSERT INTO note (text) SELECT '${place.tenantId}' FROM generate_series(1, 50); ANALYZE note`);
      }
      await sql(`SET ROLE ${bravo.ownerRole}; SELECT lo_create(4711)`);
      await route();
    });
    afterAll(async () => {
      await connections.close();
      await bouncer.stop();
      await server.stop();
    });

    describeIsolationProberContract('over real sessions', () => ({
      prober,
      logins: [loginOf(alpha), loginOf(bravo), loginOf(charlie)],
      pooler: pooler(),
      open: async () =>
        void (await sql(
          'GRANT USAGE ON SCHEMA tenant_bravo TO tenant_alpha; GRANT SELECT ON tenant_bravo.note TO tenant_alpha',
        )),
      close: async () =>
        void (await sql(
          'REVOKE ALL ON SCHEMA tenant_bravo FROM tenant_alpha; REVOKE ALL ON tenant_bravo.note FROM tenant_alpha',
        )),
      lockOut: async () => loginOf(alpha, { password: 'wrong' }),
    }));

    it('finds nothing where nothing is wrong: every attempt of every pair, by both ways, is refused', async () => {
      const rows: IsolationRow[] = [];
      for (const by of [null, pooler()]) for (const place of tenants) rows.push(...(await rowsOf(loginOf(place), by)));
      expect(rows.flatMap(({ others }) => others)).toEqual([]);
      const counts = countAttempts(rows, ['pool-1']);
      expect(counts).toHaveLength(attemptsBy(null).length + attemptsBy('pool-1').length);
      expect(counts.every(({ refused, reached, notTried }) => refused === 6 && reached === 0 && notTried === 0)).toBe(
        true,
      );
      expect(isolationVerdict({ pairs: 6, counts })).toBe('isolated');
    });

    it('reaches nothing of a tenant that went while the proof was under way', async () => {
      const delta = placeOf(parseTenantId('delta'), 'shared-1', 'tenants');
      const gone = [{ place: delta, login: null }];
      const seen = await prober.tryAll(loginOf(alpha), gone, { pooler: null, forMs: 60_000, signal });
      const outcomes = seen.get(delta.tenantId) ?? [];
      expect(outcomes).toHaveLength(attemptsBy(null).length);
      expect(outcomes.filter(({ verdict }) => verdict !== 'refused')).toEqual([]);
    });

    it.each(breaks(major))('names what $what opens', async ({ breakIt, mendIt, opens, toAll = false, database }) => {
      await sql(breakIt, database);
      try {
        expect(await reachedBy()).toEqual({ bravo: ordered(opens), charlie: toAll ? ordered(opens) : [] });
      } finally {
        await sql(mendIt, database);
      }
    });

    it('names an alias that leads to another login', async () => {
      const { host, port } = server;
      const line = `alpha = host=${host} port=${String(port)} dbname=tenants user=tenant_bravo__a password='${password}'`;
      // A PgBouncer that knows the user already would end (1.18): it begins with these files.
      await bouncer.kill9();
      await write([line], [alpha]);
      await bouncer.start();
      const found = await reachedBy(pooler());
      await bouncer.kill9();
      await write();
      await bouncer.start();
      expect(found['bravo']).toEqual(expect.arrayContaining(['identity', 'select', 'membership']));
      expect(found['charlie']).toEqual([]);
    });

    it('names an alias that lets a stranger in', async () => {
      const file = path.join(bouncer.access.folder, 'berth-hba.conf');
      await writeFile(file, `host all all 0.0.0.0/0 scram-sha-256\n`);
      await onConsole('RELOAD');
      const found = await reachedBy(pooler());
      await route();
      expect(found).toEqual({ bravo: ['alias'], charlie: ['alias'] });
    });

    it('finds what travels by a connection that two sessions share', async () => {
      const twin = { place: { ...bravo, tenantId: alpha.tenantId }, login: loginOf(alpha) };
      await route([`alpha = host=${server.host} port=${String(server.port)} dbname=tenants pool_size=1`]);
      const seen = await prober.tryAll(loginOf(alpha), [twin], { pooler: pooler(), forMs: 60_000, signal });
      await route();
      expect(seen.get(alpha.tenantId)?.find(({ attempt }) => attempt === 'session-state')).toEqual({
        attempt: 'session-state',
        verdict: 'reached',
        because: 'It finds a setting of the other session in its own.',
      });
    });

    if (hasContrib(major)) {
      it.each([
        ['postgres_fdw', 'CREATE EXTENSION postgres_fdw; CREATE SERVER loop FOREIGN DATA WRAPPER postgres_fdw'],
        [
          'dblink',
          'CREATE EXTENSION dblink SCHEMA links; CREATE SERVER loop FOREIGN DATA WRAPPER dblink_fdw; GRANT USAGE ON SCHEMA links TO PUBLIC',
        ],
      ])('names what a login kept for %s opens', async (_what, make) => {
        const options = `OPTIONS (host '${server.host}', port '${String(server.port)}', dbname 'tenants')`;
        await sql(`CREATE SCHEMA links; ${make.replace(/(FOREIGN DATA WRAPPER \w+)/, `$1 ${options}`)};
          CREATE USER MAPPING FOR tenant_alpha SERVER loop OPTIONS (user 'tenant_bravo__a', password '${password}')`);
        const unusable = await reachedBy();
        await sql('GRANT USAGE ON FOREIGN SERVER loop TO tenant_alpha');
        const found = await reachedBy();
        await sql('DROP EXTENSION IF EXISTS dblink, postgres_fdw CASCADE; DROP SCHEMA links');
        expect(unusable).toEqual({ bravo: [], charlie: [] });
        expect(found).toEqual({ bravo: ['foreign-server'], charlie: [] });
      });
    }

    it('keeps a connection of the tenant free, and says that nothing was tried', async () => {
      const { host, port } = server;
      const user = alpha.loginRoles.a;
      const busy: Client[] = [];
      // The pooler may hold some already.
      while ((await sql(`SELECT count(*) FROM pg_stat_activity WHERE usename = '${user}'`)) !== '7') {
        const client = new Client({ host, port, user, password, database: 'tenants' });
        await client.connect();
        busy.push(client);
      }
      const rows = await rowsOf(loginOf(alpha));
      for (const client of busy) await client.end();
      expect(rows.map(({ refused }) => refused)).toEqual([0, 0]);
      expect(new Set(rows.flatMap(({ others }) => others.map(({ because }) => because)))).toEqual(
        new Set(['tenant_alpha__a uses 7 of its 8 connections: one has to stay free.']),
      );
    });

    it('tells no password of a login that is refused', async () => {
      const told = JSON.stringify(await rowsOf(loginOf(alpha, { password: 'wrong-password' })));
      expect(told).toContain('It could not log in');
      expect(told).not.toContain('wrong-password');
    });

    it('leaves nothing behind, and no row or number of a sequence less', async () => {
      const look = () =>
        sql(`SELECT (SELECT count(*) FROM tenant_bravo.note), (SELECT last_value FROM tenant_bravo.note_id_seq),
          (SELECT count(*) FROM pg_class WHERE relname LIKE 'berth_isolation%'), obj_description('tenant_bravo'::regnamespace),
          (SELECT count(*) FROM pg_auth_members)`);
      const before = await look();
      await sql('ALTER ROLE tenant_alpha__a SUPERUSER');
      await rowsOf(loginOf(alpha));
      await sql('ALTER ROLE tenant_alpha__a NOSUPERUSER');
      expect(await look()).toBe(before);
    });
  });
});

/** The versions that are fetched for the tests come without contrib. */
function hasContrib(major: number): boolean {
  return existsSync(`/usr/lib/postgresql/${String(major)}/lib/postgres_fdw.so`);
}

interface Break {
  readonly what: string;
  readonly breakIt: string;
  readonly mendIt: string;
  readonly opens: readonly AttemptName[];
  /** It opens every tenant, not bravo alone. */
  readonly toAll?: boolean;
  readonly database?: string;
}

function ordered(attempts: readonly AttemptName[]): readonly AttemptName[] {
  return attemptNames.filter((name) => attempts.includes(name));
}

/** One mistake each, as somebody makes it by hand, with exactly what finds it. */
function breaks(major: number): readonly Break[] {
  const enter = 'GRANT USAGE ON SCHEMA tenant_bravo TO tenant_alpha';
  const leave = 'REVOKE ALL ON SCHEMA tenant_bravo FROM tenant_alpha';
  const onTable = (right: string, table = 'note') => ({
    breakIt: `${enter}; GRANT ${right} ON tenant_bravo.${table} TO tenant_alpha`,
    mendIt: `${leave}; REVOKE ${right} ON tenant_bravo.${table} FROM tenant_alpha`,
  });
  const role = (name: string) => ({
    breakIt: `GRANT ${name} TO tenant_alpha__a`,
    mendIt: `REVOKE ${name} FROM tenant_alpha__a`,
  });
  const inside = ['qualified-name', 'function'] as const;
  const reads = ['qualified-name', 'search-path', 'select', 'statistics'] as const;
  const writes = ['insert', 'update', 'delete'] as const;
  const owns: readonly AttemptName[] = [
    ...[...reads, ...writes, 'create', 'alter', 'sequence', 'function', 'large-object'],
    ...['set-role', 'membership', 'default-privileges'],
  ] as const;
  return [
    { what: 'SELECT', ...onTable('SELECT'), opens: [...reads, 'function'] },
    { what: 'INSERT', ...onTable('INSERT'), opens: [...inside, 'insert'] },
    { what: 'UPDATE of a column', ...onTable('UPDATE (text)'), opens: [...inside, 'update'] },
    { what: 'DELETE', ...onTable('DELETE'), opens: [...inside, 'delete'] },
    { what: 'TRUNCATE', ...onTable('TRUNCATE', 'other_note'), opens: [...inside, 'delete'] },
    { what: 'USAGE of a sequence', ...onTable('USAGE', 'note_id_seq'), opens: [...inside, 'sequence'] },
    {
      what: 'a right of PUBLIC on the schema',
      breakIt: 'GRANT USAGE ON SCHEMA tenant_bravo TO PUBLIC',
      mendIt: 'REVOKE ALL ON SCHEMA tenant_bravo FROM PUBLIC',
      opens: [...inside, 'public-privileges'],
    },
    {
      what: 'a right of PUBLIC on a table behind a closed schema',
      breakIt: 'GRANT SELECT ON tenant_bravo.note TO PUBLIC',
      mendIt: 'REVOKE SELECT ON tenant_bravo.note FROM PUBLIC',
      opens: ['statistics'],
    },
    {
      what: 'CREATE on the schema',
      breakIt: 'GRANT CREATE ON SCHEMA tenant_bravo TO tenant_alpha',
      mendIt: leave,
      opens: ['create'],
    },
    {
      what: 'CREATE on a schema that the other searches',
      breakIt: `CREATE SCHEMA tools; GRANT CREATE ON SCHEMA tools TO tenant_alpha;
        ALTER ROLE tenant_bravo__a SET search_path = tenant_bravo, tools`,
      mendIt: 'DROP SCHEMA tools; ALTER ROLE tenant_bravo__a SET search_path = tenant_bravo',
      opens: ['create'],
    },
    {
      what: 'a table of the wrong owner',
      breakIt: `${enter}; ALTER TABLE tenant_bravo.other_note OWNER TO tenant_alpha`,
      mendIt: `ALTER TABLE tenant_bravo.other_note OWNER TO tenant_bravo; ${leave}`,
      opens: ['qualified-name', 'search-path', 'select', ...writes, 'alter', 'function'],
    },
    {
      what: 'a default privilege',
      breakIt: 'ALTER DEFAULT PRIVILEGES FOR ROLE tenant_bravo GRANT SELECT ON TABLES TO tenant_alpha',
      mendIt: 'ALTER DEFAULT PRIVILEGES FOR ROLE tenant_bravo REVOKE SELECT ON TABLES FROM tenant_alpha',
      opens: ['default-privileges'],
    },
    { what: 'membership in the owner', ...role('tenant_bravo'), opens: owns },
    { what: 'membership in a login', ...role('tenant_bravo__a'), opens: owns },
    {
      what: 'a third role that is not inherited',
      breakIt: `CREATE ROLE reporting; GRANT USAGE ON SCHEMA tenant_bravo TO reporting; GRANT SELECT ON tenant_bravo.note TO reporting;
        ${major >= 16 ? 'GRANT reporting TO tenant_alpha__a WITH INHERIT FALSE, SET TRUE' : 'GRANT reporting TO tenant_alpha__a; GRANT CONNECT ON DATABASE tenants TO tenant_alpha__a; ALTER ROLE tenant_alpha__a NOINHERIT'}`,
      mendIt:
        'DROP OWNED BY reporting; DROP ROLE reporting; REVOKE CONNECT ON DATABASE tenants FROM tenant_alpha__a; ALTER ROLE tenant_alpha__a INHERIT',
      opens: [...reads, 'function'],
    },
    {
      what: 'the service role',
      ...role('berth_service'),
      opens: [...reads, ...writes, 'sequence', 'function', 'default-privileges', 'service-role'],
      toAll: true,
    },
    {
      what: 'pg_read_all_data',
      ...role('pg_read_all_data'),
      opens: [...reads, 'sequence', 'function', 'large-object', 'predefined-roles', 'passwords'],
      toAll: true,
    },
    { what: 'pg_monitor', ...role('pg_monitor'), opens: ['activity', 'predefined-roles'], toAll: true },
    {
      what: 'pg_read_server_files',
      ...role('pg_read_server_files'),
      opens: ['server-files', 'predefined-roles'],
      toAll: true,
    },
    {
      what: 'pg_execute_server_program',
      ...role('pg_execute_server_program'),
      opens: ['server-program', 'predefined-roles'],
      toAll: true,
    },
    {
      what: 'CREATEROLE',
      breakIt: 'ALTER ROLE tenant_alpha__a CREATEROLE',
      mendIt: 'ALTER ROLE tenant_alpha__a NOCREATEROLE',
      // From 16 on it needs the ADMIN option of the role as well.
      opens: major >= 16 ? ['powers'] : ['powers', 'grant-role'],
      toAll: true,
    },
    {
      what: 'SUPERUSER',
      breakIt: 'ALTER ROLE tenant_alpha__a SUPERUSER',
      mendIt: 'ALTER ROLE tenant_alpha__a NOSUPERUSER',
      opens: [
        ...[...owns, 'session-authorization', 'grant-role', 'service-role', 'powers', 'predefined-roles'],
        ...['activity', 'passwords', 'server-files', 'server-program'],
      ] as readonly AttemptName[],
      toAll: true,
    },
    {
      what: 'a SECURITY DEFINER function elsewhere',
      breakIt: `CREATE SCHEMA tools; GRANT USAGE, CREATE ON SCHEMA tools TO PUBLIC; SET ROLE tenant_bravo;
        CREATE FUNCTION tools.leak() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT text FROM tenant_bravo.note LIMIT 1'`,
      mendIt: 'DROP SCHEMA tools CASCADE',
      opens: ['function', 'security-definer'],
    },
    {
      what: 'a view elsewhere',
      breakIt: `CREATE SCHEMA tools; GRANT USAGE ON SCHEMA tools TO PUBLIC;
        CREATE VIEW tools.peek AS SELECT * FROM tenant_bravo.note; GRANT SELECT ON tools.peek TO tenant_alpha`,
      mendIt: 'DROP SCHEMA tools CASCADE',
      opens: ['search-path', 'select'],
    },
    {
      what: 'a right on a large object',
      breakIt: 'GRANT SELECT ON LARGE OBJECT 4711 TO tenant_alpha',
      mendIt: 'REVOKE SELECT ON LARGE OBJECT 4711 FROM tenant_alpha',
      opens: ['large-object'],
    },
    {
      what: 'the list of passwords',
      breakIt: 'GRANT SELECT ON pg_catalog.pg_authid TO tenant_alpha',
      mendIt: 'REVOKE SELECT ON pg_catalog.pg_authid FROM tenant_alpha',
      opens: ['passwords'],
      toAll: true,
    },
    {
      what: 'a temporary schema',
      breakIt: `CREATE TEMP TABLE mine (); DO $$ BEGIN EXECUTE (SELECT format('GRANT USAGE ON SCHEMA %I TO tenant_alpha', nspname)
        FROM pg_namespace WHERE oid = pg_my_temp_schema()); END $$`,
      mendIt: `DO $$ DECLARE one record; BEGIN FOR one IN SELECT nspname FROM pg_namespace WHERE nspname ~ '^pg_temp_' LOOP
        EXECUTE format('REVOKE ALL ON SCHEMA %I FROM tenant_alpha', one.nspname); END LOOP; END $$`,
      opens: ['temporary-schema'],
      toAll: true,
    },
    {
      what: 'a table in another database',
      breakIt: `CREATE SCHEMA left_over; CREATE TABLE left_over.copy (id int); GRANT USAGE ON SCHEMA left_over TO PUBLIC;
        GRANT SELECT ON left_over.copy TO PUBLIC`,
      mendIt: 'DROP SCHEMA left_over CASCADE',
      database: 'postgres',
      opens: ['other-database'],
      toAll: true,
    },
  ];
}
