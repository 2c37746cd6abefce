import { type ClusterAccess, parseTenantId, placeOf, scramVerifier } from '@berth/domain';
import {
  accessTo,
  describeServerExaminerContract,
  FakeClusterDirectory,
  inTurn,
  postgresMajors,
  startPostgres,
  type TestPostgres,
} from '@berth/testing';
import { ClusterConnections, quoteIdent } from '../connection/index.js';
import { PostgresClusterProbe } from '../tenancy/postgres-cluster-probe.js';
import { PostgresTenantDatabase } from '../tenancy/postgres-tenant-database.js';
import { PostgresServerExaminer } from './postgres-server-examiner.js';

const verifier = scramVerifier('only-a-test');
const clusterId = 'shared-1';

describe.each(
  inTurn(
    import.meta.url,
    (await postgresMajors()).map(({ major }) => major),
  ),
)('on PostgreSQL %i', (major) => {
  let server: TestPostgres;
  let access: ClusterAccess;
  let connections: ClusterConnections;
  let examiner: PostgresServerExaminer;

  beforeAll(async () => {
    server = await startPostgres({ major, replication: true });
    access = accessTo(server, clusterId, 'tenants');
    connections = new ClusterConnections(new FakeClusterDirectory([access, { ...access, clusterId: 'down', port: 1 }]));
    examiner = new PostgresServerExaminer(connections);
    await new PostgresClusterProbe(connections).prepare(access);
  });
  afterAll(async () => {
    await connections?.close();
    await server?.stop();
  });

  const asAdmin = (sql: string) =>
    connections.withClient(clusterId, 'tenants', async (client) => void (await client.query(sql)));

  describeServerExaminerContract(`of PostgreSQL ${String(major)}`, async () => {
    const database = new PostgresTenantDatabase(connections);
    return {
      ...{ examiner, database, clusterId, unreachableId: 'down' },
      makeTenant: async (id) => {
        const place = placeOf(parseTenantId(id), clusterId, 'tenants');
        const limits = { connectionLimit: 5, statementTimeoutMs: 1000, idleInTransactionTimeoutMs: 1000 };
        const wanted = { place, limits, logins: 'open' as const, verifiers: { a: verifier } };
        await database.converge(wanted, { operationId: 'op', tenantId: place.tenantId, fence: 1 });
        return wanted;
      },
      damage: async ({ place }) => void (await server.psql(`DROP ROLE ${place.loginRoles.a}`)),
      leaveStream: async (name) => {
        await asAdmin(`SELECT pg_create_logical_replication_slot('${name}', 'pgoutput')`);
        await asAdmin(`CREATE ROLE ${quoteIdent(name)} LOGIN`);
      },
      leaveScratch: (name) => asAdmin(`CREATE DATABASE ${quoteIdent(name)}`),
    };
  });

  it('reads version, settings, schemas and roles, and of pg_hba.conf that it may not', async () => {
    await server.psql(
      `CREATE ROLE tenant_ghost; CREATE SCHEMA kept_by_ghost AUTHORIZATION tenant_ghost;
       CREATE ROLE tenant_ghost__a LOGIN IN ROLE berth_tenants; CREATE ROLE tenant_like LOGIN;
       CREATE SCHEMA tenant_of_another`,
      'tenants',
    );
    const reading = await examiner.read(clusterId);
    expect(reading.version).toMatch(new RegExp(`^${String(major)}\\.`));
    expect(reading).toMatchObject({ postgresMajor: major, trust: null });
    expect(reading.settings).toMatchObject({ fsync: 'off', log_statement: 'none' });
    expect(reading.schemas).toContainEqual({ name: 'kept_by_ghost', owner: 'tenant_ghost' });
    expect(reading.schemas.map(({ name }) => name)).not.toContain('tenant_of_another');
    expect(reading.roles.filter((role) => /ghost|like/.test(role))).toEqual(['tenant_ghost', 'tenant_ghost__a']);
  });

  it('reads rules that ask for no password, once it may', async () => {
    await server.psql(
      `GRANT SELECT ON pg_hba_file_rules TO ${server.admin.user}; GRANT EXECUTE ON FUNCTION pg_hba_file_rules() TO ${server.admin.user}`,
      'tenants',
    );
    const file = await server.psql('SHOW hba_file');
    await server.psql(`COPY (SELECT 'host all all 10.0.0.0/8 trust' UNION ALL SELECT 'host all all 0.0.0.0/0 scram-sha-256')
      TO PROGRAM 'cat >> "${file}"'`);
    const { trust } = await examiner.read(clusterId);
    expect(trust?.map(({ text }) => text)).toContain('host all all 10.0.0.0 255.0.0.0 trust');
    expect(trust?.every(({ text, line }) => text.includes(' trust') && line > 0)).toBe(true);
  });

  it('leaves a database of a rehearsal alone that somebody is in, or that another owns', async () => {
    const [busy, foreign] = ['8', '9'].map((digit) => `berth_scratch_${digit.repeat(24)}`) as [string, string];
    await asAdmin(`CREATE DATABASE ${busy}`);
    await server.psql(`CREATE DATABASE ${foreign}`);
    await connections.withClient(clusterId, busy, async () => {
      const { scratch } = await examiner.read(clusterId);
      expect(scratch).not.toContain(busy);
      expect(scratch).not.toContain(foreign);
    });
  });
});
