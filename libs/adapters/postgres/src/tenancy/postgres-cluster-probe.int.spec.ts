import type { ClusterAccess } from '@berth/domain';
import {
  accessTo,
  describeClusterProbeContract,
  FakeClusterDirectory,
  startPostgres,
  type TestPostgres,
} from '@berth/testing';
import { ClusterConnections } from '../connection/index.js';
import { PostgresClusterProbe } from './postgres-cluster-probe.js';

let server: TestPostgres;
let count = 0;

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(async () => {
  await server.stop();
});

describeClusterProbeContract('on PostgreSQL', async () => {
  count += 1;
  const fresh = accessTo(server, 'shared-1', `tenants_${count}`);
  const unreachable = { ...fresh, clusterId: 'down', port: 1 };
  const connections = new ClusterConnections(new FakeClusterDirectory([fresh, unreachable]));
  return { probe: new PostgresClusterProbe(connections), fresh, unreachable, close: () => connections.close() };
});

describe('checking a cluster', () => {
  const probe = new PostgresClusterProbe(new ClusterConnections(new FakeClusterDirectory()));
  const errorsOf = async (access: ClusterAccess): Promise<readonly string[]> =>
    (await probe.check(access)).findings.filter(({ severity }) => severity !== 'info').map(({ code }) => code);
  const loginWith = async (name: string, attributes: string): Promise<ClusterAccess> => {
    await server.psql(`CREATE ROLE ${name} LOGIN PASSWORD 'test' ${attributes}`);
    return { ...accessTo(server, 'shared-1', 'not_there'), user: name, password: 'test' };
  };

  it('warns of a superuser', async () => {
    const { user, password } = server.superuser;
    expect(await errorsOf({ ...accessTo(server, 'shared-1', 'postgres'), user, password })).toEqual(['cluster-unsafe']);
  });

  it('names every missing right at once', async () => {
    expect(await errorsOf(await loginWith('weak_admin', ''))).toEqual(['cluster-rights', 'cluster-rights']);
  });

  it('names a database of somebody else', async () => {
    const access = await loginWith('second_admin', 'CREATEROLE CREATEDB');
    const database = await server.createDatabase();
    expect(await errorsOf({ ...access, database })).toEqual(['cluster-rights']);
  });

  it('takes a wrong password for a lack of rights, and shows no password', async () => {
    const access = { ...accessTo(server, 'shared-1', 'postgres'), password: 'wrong-hunter2' };
    const { findings } = await probe.check(access);
    expect(findings.map(({ code }) => code)).toEqual(['cluster-rights']);
    expect(JSON.stringify(findings)).not.toContain('hunter2');
  });
});

describe('a prepared cluster', () => {
  it('lets PUBLIC neither connect nor make temporary tables, nor see the schema of Berth', async () => {
    const access = accessTo(server, 'shared-1', 'closed_tenants');
    const connections = new ClusterConnections(new FakeClusterDirectory([access]));
    await new PostgresClusterProbe(connections).prepare(access);
    await server.psql("CREATE ROLE outsider LOGIN PASSWORD 'test'");
    const outsider = new ClusterConnections(
      new FakeClusterDirectory([{ ...access, user: 'outsider', password: 'test' }]),
    );
    await expect(
      outsider.withTransaction('shared-1', undefined, (client) => client.query('SELECT')),
    ).rejects.toMatchObject({
      code: 'cluster-rights',
    });
    const rights = await server.psql(
      `SELECT has_database_privilege('outsider', 'closed_tenants', 'TEMPORARY'), has_schema_privilege('outsider', 'berth', 'USAGE'),
              has_schema_privilege('outsider', 'public', 'USAGE')`,
      'closed_tenants',
    );
    expect(rights).toBe('f|f|f');
    await Promise.all([connections.close(), outsider.close()]);
  });

  it('is prepared once when several start at the same time', async () => {
    const access = accessTo(server, 'shared-1', 'raced_tenants');
    const connections = new ClusterConnections(new FakeClusterDirectory([access]));
    const probe = new PostgresClusterProbe(connections);
    const changes = (await Promise.all([1, 2, 3, 4].map(() => probe.prepare(access)))).flat();
    expect(changes.filter((change) => change === 'Created schema berth.')).toHaveLength(1);
    expect(changes.filter((change) => change.startsWith('Created database'))).toHaveLength(1);
    await connections.close();
  });
});
