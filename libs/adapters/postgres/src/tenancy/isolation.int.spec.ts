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

describe.each(
  inTurn(
    import.meta.url,
    (await postgresMajors()).map(({ major }) => major),
  ),
)('two tenants on PostgreSQL %i', (major) => {
  let server: TestPostgres;
  let connections: ClusterConnections;
  let database: PostgresTenantDatabase;
  // The login `a` of `acme` with one underscore would be the owner of `acme-a`.
  const acme = placeOf(parseTenantId('acme'), 'shared-1', 'tenants');
  const acmeA = placeOf(parseTenantId('acme-a'), 'shared-1', 'tenants');

  const actor = (place: Place, fence = 1) => ({ operationId: 'op-1', tenantId: place.tenantId, fence });
  const wanted = (place: Place): WantedTenant => ({ place, limits, verifiers: { a: verifier }, logins: 'open' });
  const connect = async (place: Place): Promise<Client> => {
    const { host, port } = server;
    const client = new Client({ host, port, database: 'tenants', user: place.loginRoles.a, password });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };

  beforeAll(async () => {
    server = await startPostgres({ major });
    const access = accessTo(server, 'shared-1', 'tenants');
    connections = new ClusterConnections(new FakeClusterDirectory([access]));
    await new PostgresClusterProbe(connections).prepare(access);
    database = new PostgresTenantDatabase(connections);
    for (const place of [acme, acmeA]) {
      await database.converge(wanted(place), actor(place));
      const client = await connect(place);
      await client.query('CREATE TABLE note (id serial PRIMARY KEY, text text)');
      await client.query(
        'CREATE FUNCTION leak() RETURNS text LANGUAGE sql SECURITY DEFINER AS $$ SELECT text FROM note $$',
      );
      await client.query('INSERT INTO note (text) VALUES ($1)', [place.tenantId]);
      await client.end();
    }
  });
  afterAll(async () => {
    await connections.close();
    await server.stop();
  });

  it.each([
    ['a qualified name', `SELECT * FROM ${acmeA.schema}.note`],
    ['a write to a qualified name', `INSERT INTO ${acmeA.schema}.note (text) VALUES ('x')`],
    ["the other's function", `SELECT ${acmeA.schema}.leak()`],
    ["the other's sequence", `SELECT nextval('${acmeA.schema}.note_id_seq')`],
    ['SET ROLE to the owner', `SET ROLE ${acmeA.ownerRole}`],
    ['SET ROLE to the login', `SET ROLE ${acmeA.loginRoles.a}`],
    ['SET ROLE to the service role', 'SET ROLE berth_service'],
    ['SET ROLE to the admin', 'SET ROLE berth_admin'],
    ['SET SESSION AUTHORIZATION', `SET SESSION AUTHORIZATION ${acmeA.loginRoles.a}`],
    ['a grant to itself', `GRANT ${acmeA.ownerRole} TO ${acme.loginRoles.a}`],
    ['a table in the other schema', `CREATE TABLE ${acmeA.schema}.mine (id int)`],
    ['a table in public', 'CREATE TABLE public.mine (id int)'],
    ['a temporary table', 'CREATE TEMPORARY TABLE mine (id int)'],
    ['a schema of its own', 'CREATE SCHEMA mine'],
    ["Berth's own schema", 'SELECT * FROM berth.operation_fence'],
    [
      'default privileges of the other',
      `ALTER DEFAULT PRIVILEGES FOR ROLE ${acmeA.ownerRole} GRANT SELECT ON TABLES TO ${acme.ownerRole}`,
    ],
    ["the other's large objects", 'SELECT lo_get(4711)'],
    ['a role', 'CREATE ROLE mine'],
    ['password verifiers', 'SELECT rolpassword FROM pg_authid'],
    ['files of the server', "SELECT pg_read_file('postgresql.conf')"],
    ['a program of the server', "COPY note FROM PROGRAM 'id'"],
  ])('keep %s from each other', async (_what, sql) => {
    const client = await connect(acme);
    await expect(client.query(sql)).rejects.toMatchObject({ code: expect.stringMatching(/^(42501|42P01|42704)$/) });
    // Without the owner role set the login is no mightier.
    await client.query('RESET ROLE; SET ROLE NONE');
    await expect(client.query(sql)).rejects.toMatchObject({ code: expect.stringMatching(/^(42501|42P01|42704)$/) });
    await client.end();
  });

  it('see nothing of each other by search_path, and their own again after RESET', async () => {
    const client = await connect(acme);
    await client.query(`SET search_path = ${acmeA.schema}`);
    await expect(client.query('SELECT * FROM note')).rejects.toMatchObject({ code: '42P01' });
    await client.query('RESET search_path');
    expect((await client.query('SELECT text FROM note')).rows).toEqual([{ text: 'acme' }]);
    await client.end();
  });

  it('see neither statements nor end sessions of each other', async () => {
    const [first, second] = [await connect(acme), await connect(acmeA)];
    const { rows } = await first.query<{ pid: number; query: string }>(
      'SELECT pid, query FROM pg_stat_activity WHERE usename = $1',
      [acmeA.loginRoles.a],
    );
    expect(rows).toEqual([{ pid: expect.any(Number), query: '<insufficient privilege>' }]);
    await expect(first.query('SELECT pg_terminate_backend($1)', [rows[0]!.pid])).rejects.toMatchObject({
      code: '42501',
    });
    await Promise.all([first.end(), second.end()]);
  });

  it('have no membership in each other, and the admin none in them that lasts', async () => {
    const links = await server.psql(`
      SELECT m.roleid::regrole || ' to ' || m.member::regrole FROM pg_auth_members m
      WHERE m.roleid::regrole::text LIKE 'tenant%' AND coalesce((to_jsonb(m)->>'inherit_option')::boolean, true) ORDER BY 1`);
    expect(links.split('\n')).toEqual(['tenant_acme to tenant_acme__a', 'tenant_acme_a to tenant_acme_a__a']);
  });

  it('are dropped one without the other', async () => {
    await database.drop(acme, actor(acme));
    expect(await database.leftovers(acme)).toEqual([]);
    expect(await database.inspect(wanted(acmeA))).toEqual([]);
    const client = await connect(acmeA);
    expect((await client.query('SELECT text FROM note')).rows).toEqual([{ text: 'acme-a' }]);
    await client.end();
  });
});
