import { parseTenantId } from '@berth/domain';
import { accessTo, FakeClusterDirectory, startPostgres, type TestPostgres } from '@berth/testing';
import { PostgresClusterProbe } from '../tenancy/postgres-cluster-probe.js';
import { ClusterConnections } from './cluster-connections.js';

let server: TestPostgres;
let directory: FakeClusterDirectory;
let connections: ClusterConnections;

beforeAll(async () => {
  server = await startPostgres();
  directory = new FakeClusterDirectory([accessTo(server, 'shared-1', 'tenants')]);
  connections = new ClusterConnections(directory);
  await new PostgresClusterProbe(connections).prepare(await directory.access('shared-1'));
});
afterAll(async () => {
  await connections.close();
  await server.stop();
});

const pid = (options: Parameters<ClusterConnections['withTransaction']>[3] = {}): Promise<number> =>
  connections.withTransaction(
    'shared-1',
    undefined,
    async (client) => (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]!.pid,
    options,
  );
const actor = { operationId: "op-'1'", tenantId: parseTenantId('acme'), fence: 1 };

it('uses a connection again', async () => {
  expect(await pid()).toBe(await pid());
});

it('opens another one after the server ended an idle one', async () => {
  const first = await pid();
  await server.psql(`SELECT pg_terminate_backend(${first}, 5000)`);
  // The pool learns of it from the socket: a checkout in between may still meet the dead one.
  const second = await pid().catch(() => pid());
  expect(second).not.toBe(first);
});

it('survives a connection that breaks inside a transaction', async () => {
  const broken = connections.withTransaction('shared-1', undefined, async (client) => {
    await client.query('SELECT pg_terminate_backend(pg_backend_pid())');
  });
  await expect(broken).rejects.toMatchObject({ code: 'database-unavailable' });
  await expect(pid()).resolves.toEqual(expect.any(Number));
});

it('loses the transaction in which it stands still, and with it the locks that others wait for', async () => {
  const forever = connections.withTransaction('shared-1', undefined, async (client) => {
    await client.query('LOCK TABLE berth.operation_fence');
    await new Promise<void>((resolve) => client.once('end', resolve));
    await client.query('SELECT 1');
  });
  await expect(forever).rejects.toMatchObject({ code: 'database-unavailable' });
  await expect(pid({ actor })).resolves.toEqual(expect.any(Number));
});

it('does not take a rolled back transaction for a committed one', async () => {
  const swallowed = connections.withTransaction('shared-1', undefined, async (client) => {
    await client.query('SELECT 1/0').catch(() => undefined);
  });
  await expect(swallowed).rejects.toMatchObject({
    code: 'database-error',
    message: expect.stringContaining('rolled back'),
  });
});

it('names the operation in the session', async () => {
  const name = await connections.withTransaction(
    'shared-1',
    undefined,
    async (client) =>
      (await client.query<{ name: string }>("SELECT current_setting('application_name') AS name")).rows[0]?.name,
    { actor },
  );
  expect(name).toBe("berth/op-'1'");
});

it('refuses a lower fence, takes the same one again, and keeps tenants apart', async () => {
  await pid({ actor: { ...actor, fence: 5 } });
  await pid({ actor: { ...actor, fence: 5 } });
  await expect(pid({ actor: { ...actor, fence: 4 } })).rejects.toMatchObject({ code: 'lease-lost', retry: 'never' });
  await pid({ actor: { ...actor, tenantId: parseTenantId('other'), fence: 1 } });
});

it('makes a second actor on a tenant wait, and does not let it pass when it is the older one', async () => {
  let older: Promise<number> | undefined;
  await connections.withTransaction(
    'shared-1',
    undefined,
    async () => {
      older = pid({ actor: { ...actor, fence: 8 } });
      older.catch(() => undefined);
      while ((await server.psql("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")) === '0')
        await new Promise(setImmediate);
    },
    { actor: { ...actor, fence: 9 } },
  );
  await expect(older).rejects.toMatchObject({ code: 'lease-lost' });
});

it('follows a cluster whose address or password changed, once what it remembers has grown old', async () => {
  const first = await pid();
  await server.psql("CREATE ROLE second_admin LOGIN CREATEROLE CREATEDB PASSWORD 'test' IN ROLE berth_service");
  const access = await directory.access('shared-1');
  directory.put({ ...access, user: 'second_admin', password: 'test' });
  while ((await pid()) === first) await new Promise((resolve) => setTimeout(resolve, 20));
  directory.put(access);
  await connections.closeCluster('shared-1');
});

it('asks again at once when a cluster is not where it is remembered to be', async () => {
  const moving = new FakeClusterDirectory();
  const others = new ClusterConnections(moving, { accessKeptMs: 3_600_000 });
  const access = await directory.access('shared-1');
  const ask = (): Promise<void> => others.withTransaction('shared-1', undefined, async () => undefined);
  moving.put({ ...access, port: 1 });
  await expect(ask()).rejects.toMatchObject({ code: 'cluster-unreachable' });
  moving.put(access);
  await expect(ask()).resolves.toBeUndefined();
  await others.close();
});

it('tells a cluster that does not answer from one that refuses', async () => {
  const access = await directory.access('shared-1');
  directory.put({ ...access, clusterId: 'down', port: 1 });
  directory.put({ ...access, clusterId: 'refusing', password: 'wrong' });
  const ask = (clusterId: string): Promise<unknown> =>
    connections.withTransaction(clusterId, undefined, async () => undefined);
  await expect(ask('down')).rejects.toMatchObject({ code: 'cluster-unreachable', retry: 'backoff' });
  await expect(ask('refusing')).rejects.toMatchObject({ code: 'cluster-rights' });
  await expect(ask('unknown')).rejects.toMatchObject({ code: 'cluster-not-found' });
});
