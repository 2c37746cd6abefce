import { type Actor, type ClusterAccess, parseTenantId, type Place, placeOf, scramVerifier } from '@berth/domain';
import type { WantedTenant } from '@berth/ports';
import {
  accessTo,
  describeTenantAdoptionContract,
  FakeClusterDirectory,
  handPassword,
  handRoles,
  inTurn,
  makeSchemaByHand,
  postgresMajors,
  startPostgres,
  type TestPostgres,
} from '@berth/testing';
import { Client } from 'pg';
import { ClusterConnections } from '../connection/index.js';
import { PostgresClusterProbe } from '../tenancy/postgres-cluster-probe.js';
import { PostgresTenantDatabase } from '../tenancy/postgres-tenant-database.js';
import { readHoldings } from './holdings.js';
import { PostgresTenantAdoption } from './postgres-tenant-adoption.js';

const password = 'correct horse';
const verifier = scramVerifier(password, { iterations: 4096 });
const limits = { connectionLimit: 5, statementTimeoutMs: 30_000, idleInTransactionTimeoutMs: 60_000 };

const majors = await postgresMajors();
const tried = process.env['BERTH_PG_BIN'] === undefined ? majors.map(({ major }) => major) : [undefined];

describe.each(inTurn(import.meta.url, [...new Set(tried)]))('on PostgreSQL %s', (major) => {
  let server: TestPostgres;
  let connections: ClusterConnections;
  let access: ClusterAccess;
  let adoption: PostgresTenantAdoption;
  let database: PostgresTenantDatabase;

  beforeAll(async () => {
    const settings = { max_prepared_transactions: 4 };
    server = await startPostgres({ settings, ...(major !== undefined && { major }) });
    access = accessTo(server, 'shared-1', 'tenants');
    connections = new ClusterConnections(new FakeClusterDirectory([access]));
    await new PostgresClusterProbe(connections).prepare(access);
    adoption = new PostgresTenantAdoption(connections);
    database = new PostgresTenantDatabase(connections);
  });
  afterAll(async () => {
    await connections.close();
    await server.stop();
  });

  const prefixOf = (tenantId: string) => `old_${tenantId.replaceAll('-', '_')}`;
  const byHand = async (tenantId: string, schema = `Legacy ${tenantId}`): Promise<Place> => {
    const place = placeOf(parseTenantId(tenantId), 'shared-1', 'tenants', schema);
    await makeSchemaByHand(server, { database: 'tenants', schema, prefix: prefixOf(tenantId) });
    return place;
  };
  const actorOf = ({ tenantId }: Place, operationId = 'op-1'): Actor => ({ operationId, tenantId, fence: 1 });
  const wantedAt = (place: Place): WantedTenant => ({ place, limits, verifiers: { a: verifier }, logins: 'open' });

  /** Owners, rights, default privileges, and members of the roles: without the order in which the server keeps them. */
  const look = (place: Place): Promise<string> =>
    connections.withTransaction(
      'shared-1',
      'tenants',
      async (client) => {
        const holdings = await readHoldings(client, place);
        const { rows } = await client.query(
          `SELECT pg_get_userbyid(roleid) AS role, pg_get_userbyid(member) AS member, admin_option FROM pg_auth_members
           WHERE pg_get_userbyid(roleid) LIKE $1 OR pg_get_userbyid(member) LIKE $1 ORDER BY 1, 2, 3`,
          [`${prefixOf(place.tenantId)}%`],
        );
        const sorted = (value: unknown): unknown => (Array.isArray(value) ? value.map(text).sort() : value);
        const text = (value: unknown): string => JSON.stringify(value, (_, inner: unknown) => sorted(inner));
        return text({ holdings, rows });
      },
      { readOnly: true },
    );

  const logIn = async (user: string, secret: string): Promise<Client> => {
    const { host, port } = access;
    const client = new Client({ host, port, database: 'tenants', user, password: secret });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  const asked = async (user: string, secret: string, ...statements: readonly string[]): Promise<unknown> => {
    const client = await logIn(user, secret);
    try {
      let last: unknown;
      for (const sql of statements) last = (await client.query(sql)).rows[0];
      return last;
    } finally {
      await client.end();
    }
  };

  describeTenantAdoptionContract('on PostgreSQL', async () => ({
    adoption,
    database,
    makeByHand: byHand,
    look,
    letsIn: async (place, secret) =>
      asked(place.loginRoles.a, secret, 'SELECT count(*) FROM customer').then(
        () => true,
        () => false,
      ),
    close: async () => undefined,
  }));

  it('lets the old roles and the new login work side by side while it is on trial, DDL too', async () => {
    const place = await byHand('side-by-side');
    const { app, etl, report, audit } = handRoles(prefixOf('side-by-side'));
    const schema = `SET search_path = "${place.schema}"`;
    await adoption.take(wantedAt(place), actorOf(place));
    await asked(
      place.loginRoles.a,
      password,
      `INSERT INTO t01 (label) VALUES ('new')`,
      'CREATE TABLE made_by_new (id int)',
    );
    await asked(
      app,
      handPassword,
      schema,
      `INSERT INTO t01 (label) VALUES ('old')`,
      'ALTER TABLE t05 ADD COLUMN extra int',
    );
    await asked(etl, handPassword, schema, 'CREATE TABLE made_by_old (id serial)', 'SELECT etl_count()');
    await asked(place.loginRoles.a, password, 'INSERT INTO made_by_old DEFAULT VALUES');
    expect(await asked(report, handPassword, schema, 'SELECT count(*)::int AS n FROM invoice')).toEqual({ n: 40 });
    expect(await asked(audit, handPassword, schema, 'SELECT count(mail)::int AS n FROM customer')).toEqual({ n: 40 });
    const seen = 'SELECT count(*)::int AS n FROM t01';
    expect(await asked(place.loginRoles.a, password, seen)).toEqual({ n: 27 });
    await adoption.confirm(wantedAt(place), actorOf(place));
    expect(await database.inspect(wantedAt(place))).toEqual([]);
    for (const role of [app, etl, report, audit]) {
      await expect(asked(role, handPassword, `SELECT 1 FROM "${place.schema}".t01`)).rejects.toMatchObject({
        code: '42501',
      });
    }
    expect(await asked(place.loginRoles.a, password, 'SELECT count(*)::int AS n FROM made_by_old')).toEqual({ n: 1 });
    const { holdings } = JSON.parse(await look(place)) as { holdings: unknown };
    expect(JSON.stringify(holdings)).not.toContain(prefixOf('side-by-side'));
  });

  it('gives back what was made and changed meanwhile too, to whom it belongs, and nothing of the tenant is left', async () => {
    const place = await byHand('round-trip');
    const { app, etl } = handRoles(prefixOf('round-trip'));
    const before = await look(place);
    await adoption.take(wantedAt(place), actorOf(place));
    await asked(
      place.loginRoles.a,
      password,
      'CREATE TABLE made_by_new (id serial)',
      'ALTER TABLE t06 RENAME TO t06_renamed',
    );
    await asked(etl, handPassword, `CREATE TABLE "${place.schema}".made_by_old (id int)`);
    const session = await logIn(place.loginRoles.a, password);
    await adoption.giveBack(place, actorOf(place));
    await expect(session.query('SELECT 1')).rejects.toThrow();
    const owners = await server.psql(
      `SELECT tablename, tableowner FROM pg_tables WHERE schemaname = '${place.schema}' AND tablename IN ('made_by_new', 'made_by_old', 't06_renamed') ORDER BY 1`,
      'tenants',
    );
    expect(owners.trim().split('\n')).toEqual([`made_by_new|${app}`, `made_by_old|${etl}`, `t06_renamed|${app}`]);
    await server.psql(
      `DROP TABLE "${place.schema}".made_by_new, "${place.schema}".made_by_old; ALTER TABLE "${place.schema}".t06_renamed RENAME TO t06`,
      'tenants',
    );
    const after = await look(place);
    // The indexes and sequences of the renamed table never changed their names.
    expect(after).toBe(before);
    const left = await database.leftovers(place);
    expect(left.filter((sentence) => !sentence.startsWith('Schema'))).toEqual([]);
  });

  it('takes back what somebody granted or revoked meanwhile, grant by grant', async () => {
    const place = await byHand('meddled');
    const { report, ops } = handRoles(prefixOf('meddled'));
    const before = await look(place);
    await adoption.take(wantedAt(place), actorOf(place));
    await asked(
      place.loginRoles.a,
      password,
      `GRANT DELETE ON t07 TO ${report}`,
      `REVOKE SELECT ON t01 FROM ${ops}`,
      `REVOKE GRANT OPTION FOR SELECT ON invoice FROM ${report} CASCADE`,
      `GRANT SELECT ON invoice TO ${report} WITH GRANT OPTION`,
    );
    // And what another than the owner had passed on before, and is gone now.
    await adoption.giveBack(place, actorOf(place));
    expect(await look(place)).toBe(before);
  });

  it('names a right that it cannot give back, in the name of a role beyond the admin (PostgreSQL 16 on)', async () => {
    const place = await byHand('beyond-grantor');
    const { report } = handRoles(prefixOf('beyond-grantor'));
    if (server.major >= 16) await server.psql(`REVOKE ${report} FROM ${server.admin.user}`, 'tenants');
    const before = await look(place);
    await adoption.take(wantedAt(place), actorOf(place));
    await asked(place.loginRoles.a, password, `REVOKE SELECT ON invoice FROM ${report} CASCADE`);
    if (server.major >= 16) {
      await expect(adoption.giveBack(place, actorOf(place))).rejects.toMatchObject({
        code: 'leftovers-found',
        message: expect.stringContaining('invoice') as string,
      });
      expect(await adoption.onTrial(place, actorOf(place))).toBe('op-1');
      const invoices = `"${place.schema}".invoice`;
      const { audit } = handRoles(prefixOf('beyond-grantor'));
      // Somebody who may says it for the admin: the owner's grant first, on which the other stands.
      await server.psql(
        `SET ROLE ${place.ownerRole}; GRANT SELECT ON ${invoices} TO ${report} WITH GRANT OPTION; SET ROLE ${report}; GRANT SELECT ON ${invoices} TO ${audit}`,
        'tenants',
      );
    }
    await adoption.giveBack(place, actorOf(place));
    expect(await look(place)).toBe(before);
  });

  it('ends the membership of an old owner with CREATEROLE too, which a tenant otherwise allows', async () => {
    const place = await byHand('strong-owner');
    const { ops } = handRoles(prefixOf('strong-owner'));
    await server.psql(`ALTER ROLE ${ops} CREATEROLE`, 'tenants');
    await adoption.take(wantedAt(place), actorOf(place));
    await asked(ops, handPassword, `SELECT 1 FROM "${place.schema}".t05`);
    await adoption.confirm(wantedAt(place), actorOf(place));
    await expect(asked(ops, handPassword, `SELECT 1 FROM "${place.schema}".t05`)).rejects.toMatchObject({
      code: '42501',
    });
  });

  it('keeps a lasting membership of the admin in an owner', async () => {
    const place = await byHand('joined');
    const { ops } = handRoles(prefixOf('joined'));
    await server.psql(`GRANT ${ops} TO ${server.admin.user} WITH ADMIN OPTION`, 'tenants');
    const before = await look(place);
    await adoption.take(wantedAt(place), actorOf(place));
    await adoption.giveBack(place, actorOf(place));
    expect(await look(place)).toBe(before);
  });

  it('gives nothing back half: an owner that is gone stops it, and when he is there again it goes on', async () => {
    const place = await byHand('lost-owner');
    const { etl } = handRoles(prefixOf('lost-owner'));
    const before = await look(place);
    await adoption.take(wantedAt(place), actorOf(place));
    await server.psql(`DROP OWNED BY ${etl}; DROP ROLE ${etl}`, 'tenants');
    const taken = await look(place);
    await expect(adoption.giveBack(place, actorOf(place))).rejects.toMatchObject({
      code: 'leftovers-found',
      details: { leftovers: [etl] },
    });
    expect(await look(place)).toBe(taken);
    expect(await adoption.onTrial(place, actorOf(place))).toBe('op-1');
    await server.psql(`SET SESSION AUTHORIZATION ${server.admin.user}; CREATE ROLE ${etl} LOGIN`, 'tenants');
    await adoption.giveBack(place, actorOf(place));
    expect(await look(place)).toBe(before);
  });

  it('confirms nothing half: what a superuser made meanwhile stops it', async () => {
    const place = await byHand('confirmed-late');
    const { app } = handRoles(prefixOf('confirmed-late'));
    await adoption.take(wantedAt(place), actorOf(place));
    await server.psql(`CREATE TABLE "${place.schema}".of_superuser (id int)`, 'tenants');
    const taken = await look(place);
    await expect(adoption.confirm(wantedAt(place), actorOf(place))).rejects.toMatchObject({
      code: 'leftovers-found',
      message: expect.stringContaining('of_superuser') as string,
    });
    expect(await look(place)).toBe(taken);
    await asked(app, handPassword, `SELECT 1 FROM "${place.schema}".t01`);
    await server.psql(`ALTER TABLE "${place.schema}".of_superuser OWNER TO ${app}`, 'tenants');
    await adoption.confirm(wantedAt(place), actorOf(place));
    expect(await database.inspect(wantedAt(place))).toEqual([]);
  });

  it('waits two seconds for who reads a table, keeps nobody else meanwhile, names who it is and has changed nothing', async () => {
    const place = await byHand('in-use');
    const { app } = handRoles(prefixOf('in-use'));
    const before = await look(place);
    const reader = await logIn(app, handPassword);
    await reader.query(`BEGIN; SELECT count(*) FROM "${place.schema}".t12`);
    const other = await logIn(app, handPassword);
    await other.query(`SET lock_timeout = '100ms'`);
    let ended = false;
    const taking = adoption.take(wantedAt(place), actorOf(place)).finally(() => (ended = true));
    const working = async (): Promise<void> => {
      while (!ended) await other.query(`SELECT FROM "${place.schema}".t12`);
    };
    await Promise.all([
      expect(taking).rejects.toMatchObject({ code: 'lock-timeout', retry: 'wait', details: { table: 't12' } }),
      working(),
    ]);
    await other.end();
    expect(await look(place)).toBe(before);
    expect(await adoption.onTrial(place, actorOf(place))).toBeNull();
    await reader.query('COMMIT');
    await reader.end();
    await adoption.take(wantedAt(place), actorOf(place));
  });

  describe('finds, all at once, each with a remedy', () => {
    let place: Place;
    beforeAll(async () => {
      place = await byHand('full-of-faults', 'faulty');
      const { app, ops } = handRoles(prefixOf('full-of-faults'));
      await server.psql(
        [
          'SET search_path = faulty',
          'CREATE TABLE of_superuser (id int)',
          `CREATE FUNCTION on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $f$ BEGIN END $f$`,
          `ALTER FUNCTION on_ddl() OWNER TO ${app}`,
          `CREATE EVENT TRIGGER faulty_ddl ON ddl_command_start EXECUTE FUNCTION on_ddl()`,
          'ALTER EVENT TRIGGER faulty_ddl DISABLE',
          `ALTER TABLE t08 ENABLE ROW LEVEL SECURITY`,
          `CREATE POLICY a_few ON t08 TO ${ops} USING (true)`,
          `ALTER TABLE t09 ENABLE ROW LEVEL SECURITY`,
          `ALTER TABLE t09 FORCE ROW LEVEL SECURITY`,
          `CREATE POLICY others ON t09 TO ${ops} USING (true)`,
          `SET ROLE ${app}`,
          `SELECT lo_from_bytea(0, 'x')`,
          'RESET ROLE',
        ].join(';\n'),
        'tenants',
      );
      const holder = await logIn(app, handPassword);
      await holder.query('BEGIN');
      await holder.query(`INSERT INTO faulty.t10 (label) VALUES ('held')`);
      await holder.query(`PREPARE TRANSACTION 'held'`);
      await holder.end();
    });
    afterAll(async () => {
      await server.psql(`ROLLBACK PREPARED 'held'; DROP EVENT TRIGGER faulty_ddl`, 'tenants').catch(() => undefined);
      await server.psql(`ROLLBACK PREPARED 'held'`, 'tenants').catch(() => undefined);
    });

    it('what refuses, and what is only worth knowing', async () => {
      const { findings } = await adoption.preview(place);
      const of = (severity: string) =>
        findings.filter((found) => found.severity === severity).map(({ code, object }) => `${code} ${object}`);
      expect(of('error').sort()).toEqual([
        'event-trigger event trigger faulty_ddl',
        expect.stringMatching(/^owner-superuser role "/) as string,
        'policy-names-role policy others on table t09',
        `prepared-transaction prepared transaction 'held'`,
      ]);
      expect(of('warning').sort()).toEqual([
        expect.stringMatching(/^large-objects large objects of old_full_of_faults_app/) as string,
        'policy-names-role policy a_few on table t08',
        expect.stringMatching(/^security-definer function /) as string,
      ]);
      expect(findings.every(({ severity, remedy }) => severity !== 'error' || remedy !== null)).toBe(true);
      expect(of('info').length).toBeGreaterThan(60);
      await expect(adoption.take(wantedAt(place), actorOf(place))).rejects.toMatchObject({ code: 'preflight-failed' });
      expect(await adoption.onTrial(place, actorOf(place))).toBeNull();
    });

    it.each(['public', 'berth', 'pg_toast', 'information_schema'])('that %s is nobody’s to adopt', async (schema) => {
      const { findings } = await adoption.preview({ ...place, schema });
      expect(findings).toEqual([expect.objectContaining({ code: 'system-schema', severity: 'error' })]);
    });

    it('an owner that the admin cannot become, from PostgreSQL 16 on', async () => {
      const other = placeOf(parseTenantId('beyond'), 'shared-1', 'tenants', 'beyond');
      await server.psql(
        `CREATE ROLE somebody NOINHERIT; CREATE SCHEMA beyond AUTHORIZATION somebody; CREATE TABLE beyond.thing (id int); ALTER TABLE beyond.thing OWNER TO somebody`,
        'tenants',
      );
      const { findings } = await adoption.preview(other);
      const codes = findings.map(({ code }) => code);
      if (server.major >= 16) {
        expect(codes).toContain('owner-beyond-admin');
        await expect(adoption.take(wantedAt(other), actorOf(other))).rejects.toMatchObject({
          code: 'preflight-failed',
        });
        await server.psql(`GRANT somebody TO ${server.admin.user} WITH ADMIN OPTION`, 'tenants');
      } else {
        expect(codes).toContain('old-owner-noinherit');
      }
      await adoption.take(wantedAt(other), actorOf(other));
      expect(await adoption.inspect(wantedAt(other))).toEqual([]);
      await adoption.confirm(wantedAt(other), actorOf(other));
      expect(await database.inspect(wantedAt(other))).toEqual([]);
    });
  });
});
