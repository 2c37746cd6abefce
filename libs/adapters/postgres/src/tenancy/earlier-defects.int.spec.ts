import { type ClusterAccess, parseTenantId, type Place, placeOf, schemaNameOf, scramVerifier } from '@berth/domain';
import type { WantedTenant } from '@berth/ports';
import { accessTo, FakeClusterDirectory, startPostgres, type TestPostgres } from '@berth/testing';
import { Client } from 'pg';
import { ClusterConnections, quoteIdent, quoteLiteral } from '../connection/index.js';
import { PostgresClusterProbe } from './postgres-cluster-probe.js';
import { PostgresTenantDatabase } from './postgres-tenant-database.js';

const password = `it's "50%" of $1 \\ $$`;
const verifier = scramVerifier(password);
const limits = { connectionLimit: 5, statementTimeoutMs: 30_000, idleInTransactionTimeoutMs: 60_000 };

/** Defects of earlier systems, each shown absent. The admin is CREATEROLE CREATEDB and no superuser, as on a hosted server. */
describe('a defect of earlier systems', () => {
  let server: TestPostgres;
  let access: ClusterAccess;
  let connections: ClusterConnections;
  let database: PostgresTenantDatabase;
  let place: Place;
  let count = 0;

  const actor = (fence = 1) => ({ operationId: 'op-1', tenantId: place.tenantId, fence });
  const wanted = (change: Partial<WantedTenant> = {}): WantedTenant => ({
    place,
    limits,
    verifiers: { a: verifier },
    logins: 'open',
    ...change,
  });
  const connect = async (): Promise<Client> => {
    const { host, port } = server;
    const client = new Client({ host, port, database: 'tenants', user: place.loginRoles.a, password });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };

  beforeAll(async () => {
    server = await startPostgres({
      settings: { logging_collector: 'on', log_statement: 'all', log_min_duration_statement: 0 },
    });
    access = accessTo(server, 'shared-1', 'tenants');
    connections = new ClusterConnections(new FakeClusterDirectory([access]));
    await new PostgresClusterProbe(connections).prepare(access);
    database = new PostgresTenantDatabase(connections);
  });
  afterAll(async () => {
    await connections.close();
    await server.stop();
  });
  beforeEach(() => {
    count += 1;
    place = placeOf(parseTenantId(`defect-${count}`), 'shared-1', 'tenants');
  });

  it('1: bind parameters where none are allowed', async () => {
    // The whole life on a real server, which refuses them: with a password that needs every kind of quoting.
    await database.converge(wanted(), actor());
    const client = await connect();
    await client.end();
    await database.converge(wanted({ limits: { ...limits, connectionLimit: 0 } }), actor());
    await database.setLogins(place, 'closed', actor());
    await database.drop(place, actor());
    expect(await database.leftovers(place)).toEqual([]);
  });

  it('2: a schema made for a role that the admin is no member of', async () => {
    const admin = await server.psql(
      `SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = '${server.admin.user}'`,
    );
    expect(admin).toBe('f|t');
    await database.converge(wanted(), actor());
    const owner = await server.psql(
      `SELECT nspowner::regrole FROM pg_namespace WHERE nspname = '${place.schema}'`,
      'tenants',
    );
    expect(owner).toBe(place.ownerRole);
  });

  it("3: default privileges that miss the owner's tables and sequences", async () => {
    await database.converge(wanted(), actor());
    const client = await connect();
    await client.query(
      'CREATE TABLE thing (id serial PRIMARY KEY, n int); CREATE FUNCTION one() RETURNS int LANGUAGE sql RETURN 1',
    );
    await client.end();
    const done = await server.psql(
      `SET ROLE berth_service; INSERT INTO ${place.schema}.thing (n) VALUES (1); UPDATE ${place.schema}.thing SET n = ${place.schema}.one() + 1;
       SELECT n FROM ${place.schema}.thing; DELETE FROM ${place.schema}.thing`,
      'tenants',
    );
    expect(done.split('\n')).toContain('2');
  });

  it('4: isolation by search_path alone, with public on the path', async () => {
    await database.converge(wanted(), actor());
    const client = await connect();
    await server.psql(
      'CREATE TABLE public.shared_thing (id int); GRANT ALL ON public.shared_thing TO PUBLIC',
      'tenants',
    );
    await expect(client.query('SELECT * FROM shared_thing')).rejects.toMatchObject({ code: '42P01' });
    await expect(client.query('SELECT * FROM public.shared_thing')).rejects.toMatchObject({ code: '42501' });
    await client.end();
    await server.psql('DROP TABLE public.shared_thing', 'tenants');
  });

  it('5: a crash in the middle, after which the grants are skipped', async () => {
    // Each number of statements in turn: the backend dies after so many, then a second try has to finish.
    const outcomes: string[] = [];
    for (let after = 0; after <= 14; after += 1) {
      place = placeOf(parseTenantId(`crashed-${after}`), 'shared-1', 'tenants');
      const dying = new ClusterConnections(new FakeClusterDirectory([access]));
      const broken = dyingAfter(dying, after);
      const outcome = await new PostgresTenantDatabase(broken).converge(wanted(), actor()).then(
        () => 'done',
        (error: unknown) => (error as { code: string }).code,
      );
      outcomes.push(outcome);
      await dying.close();
      const left = await database.inspect(wanted());
      expect(await database.converge(wanted(), actor())).toEqual(left.map(({ remedy }) => remedy));
      expect(await database.inspect(wanted())).toEqual([]);
      await (await connect()).end();
    }
    expect(outcomes.slice(0, 12)).toEqual(Array.from({ length: 12 }, () => 'database-unavailable'));
  });

  it('5: half of the work, made by hand, that looks like a tenant', async () => {
    // By the admin: since PostgreSQL 16 CREATEROLE gives no power over roles that somebody else made.
    await server.psql(
      `SET SESSION AUTHORIZATION ${server.admin.user}; CREATE ROLE ${place.ownerRole}; RESET SESSION AUTHORIZATION;
       CREATE SCHEMA ${place.schema}`,
      'tenants',
    );
    await server.psql(`ALTER SCHEMA ${place.schema} OWNER TO ${server.admin.user}`, 'tenants');
    await database.converge(wanted(), actor());
    expect(await database.inspect(wanted())).toEqual([]);
  });

  it('6: names that are cut, or that two tenants share', async () => {
    const ids = ['a-b', 'a-b-c', 'ab', 'acme', 'acme-a', 'acme-b', 'x'.repeat(40)].filter((id) => id.length >= 3);
    const names = ids.map(parseTenantId).flatMap((id) => {
      const { schema, loginRoles, ownerRole } = placeOf(id, 'c', 'd');
      expect(schema).toBe(ownerRole);
      return [ownerRole, loginRoles.a, loginRoles.b, `${ownerRole}__m`];
    });
    expect(new Set(names).size).toBe(names.length);
    expect(Math.max(...names.map((name) => name.length))).toBeLessThanOrEqual(63);
    for (const id of ['a.b', 'A_B', 'a_b', 'a--b']) expect(() => parseTenantId(id)).toThrow();
    expect(() => quoteIdent('x'.repeat(64))).toThrow('longer than 63 bytes');
    expect(() => quoteIdent('ü'.repeat(32))).toThrow('longer than 63 bytes');
    expect(schemaNameOf(parseTenantId('a-b'))).toBe('tenant_a_b');
  });

  it('7: a role that cannot be dropped, and a removal that says it was', async () => {
    await database.converge(wanted(), actor());
    const client = await connect();
    await client.query('CREATE TABLE thing (id serial)');
    await client.end();
    await server.psql(
      `ALTER DEFAULT PRIVILEGES FOR ROLE ${place.ownerRole} GRANT SELECT ON TABLES TO PUBLIC`,
      'tenants',
    );
    await database.drop(place, actor());
    expect(await database.leftovers(place)).toEqual([]);
  });

  it('7: objects in another database are named, and nothing is dropped', async () => {
    await database.converge(wanted(), actor());
    const other = await server.createDatabase();
    await server.psql(`CREATE TABLE elsewhere (id int); ALTER TABLE elsewhere OWNER TO ${place.ownerRole}`, other);
    await expect(database.drop(place, actor())).rejects.toMatchObject({
      code: 'leftovers-found',
      message: expect.stringContaining(`owns 1 object in database ${other}`),
    });
    expect((await database.leftovers(place)).join(' ')).toContain(`Schema ${place.schema} is there`);
    await server.psql('DROP TABLE elsewhere', other);
    await database.drop(place, actor());
    expect(await database.leftovers(place)).toEqual([]);
  });

  it('8: session state that decides which tenant is read', async () => {
    await database.converge(wanted(), actor());
    const left = await connections.withTransaction('shared-1', undefined, async (client) => {
      const { rows } = await client.query<{ path: string; me: string; locks: number }>(
        `SELECT current_setting('search_path') AS path, current_user AS me,
                (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory') AS locks`,
      );
      return rows[0];
    });
    expect(left).toEqual({ path: 'pg_catalog,pg_temp', me: server.admin.user, locks: 0 });
  });

  it('13: a clear password that reaches the server, its log or an error', async () => {
    await database.converge(wanted(), actor());
    const log = await server.psql('SELECT pg_read_file(pg_current_logfile())');
    expect(log).toContain(`CREATE ROLE "${place.loginRoles.a}"`);
    const activity = await server.psql('SELECT string_agg(query, $$ $$) FROM pg_stat_activity');
    for (const text of [log, activity]) expect(text).not.toContain(password);
    const statement = `ALTER ROLE nobody_here PASSWORD ${quoteLiteral(verifier)}`;
    const failed = connections.withTransaction('shared-1', undefined, (client) =>
      client.query(`${statement}; SELECT '${verifier}'::int`),
    );
    const error = await failed.catch((thrown: unknown) => thrown);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(verifier.slice(-20));
    // A clear password in place of a verifier is refused: PostgreSQL would take it, and log it.
    await expect(database.converge(wanted({ verifiers: { a: password } }), actor())).rejects.toMatchObject({
      code: 'invalid-request',
    });
  });
});

/** Ends the backend after so many statements, as a crash of the worker or of the server does. */
function dyingAfter(connections: ClusterConnections, statements: number): ClusterConnections {
  const withTransaction: ClusterConnections['withTransaction'] = (clusterId, database, fn, options) =>
    connections.withTransaction(
      clusterId,
      database,
      async (client) => {
        let left = statements;
        const query = client.query.bind(client) as (...args: readonly unknown[]) => Promise<unknown>;
        // The message of mendings is taken apart, so that the backend dies between two of its statements.
        const counting = async (...args: readonly unknown[]): Promise<unknown> => {
          const parts = typeof args[0] === 'string' ? args[0].split(';\n') : [args[0]];
          let result: unknown;
          for (const part of parts) {
            if (left === 0) await query('SELECT pg_terminate_backend(pg_backend_pid())').catch(() => undefined);
            left -= 1;
            result = await query(part, ...args.slice(1));
          }
          return result;
        };
        return fn(Object.create(client, { query: { value: counting } }) as typeof client);
      },
      options,
    );
  return Object.create(connections, { withTransaction: { value: withTransaction } }) as ClusterConnections;
}
