import { accessTo, FakeClusterDirectory, startPostgres, type TestPostgres } from '@berth/testing';
import { Client } from 'pg';
import { ClusterConnections } from '../connection/index.js';
import { dropScratch } from './scratch-database.js';

let server: TestPostgres;
let connections: ClusterConnections;

beforeAll(async () => {
  server = await startPostgres();
  connections = new ClusterConnections(
    new FakeClusterDirectory([accessTo(server, 'shared-1', await server.createDatabase())]),
  );
});
afterAll(async () => {
  await connections?.close();
  await server?.stop();
});

const sessionAs = async (connectionString: string): Promise<Client> => {
  const client = new Client({ connectionString });
  client.on('error', () => undefined);
  await client.connect();
  return client;
};
const count = async (sql: string): Promise<number> => Number(await server.psql(`SELECT count(*) FROM ${sql}`));

const dropWithoutForce = async (scratch: string): Promise<void> => {
  const waits = `pg_stat_activity WHERE state = 'active' AND query = 'DROP DATABASE IF EXISTS "${scratch}"'`;
  while ((await count(waits)) === 0);
};

it('drops a scratch database in which a session of ours was left behind', async () => {
  const scratch = await server.createDatabase();
  const left = await sessionAs(server.adminUrl(scratch));
  await dropScratch(connections, 'shared-1', scratch);
  expect(await count(`pg_database WHERE datname = '${scratch}'`)).toBe(0);
  await left.end().catch(() => undefined);
});

it('drops one in which the server itself is at work, as a superuser whom the admin may not end', async () => {
  const scratch = await server.createDatabase();
  const autovacuum = await sessionAs(server.superuserUrl(scratch));
  const dropped = dropScratch(connections, 'shared-1', scratch);
  // A drop without FORCE waits for it; autovacuum is asked to go, this one goes by itself.
  await dropWithoutForce(scratch);
  await autovacuum.end();
  await dropped;
  expect(await count(`pg_database WHERE datname = '${scratch}'`)).toBe(0);
});

it('drops one in which both are: the server first, then what was left behind', async () => {
  const scratch = await server.createDatabase();
  const autovacuum = await sessionAs(server.superuserUrl(scratch));
  const left = await sessionAs(server.adminUrl(scratch));
  const dropped = dropScratch(connections, 'shared-1', scratch);
  await dropWithoutForce(scratch);
  await autovacuum.end();
  await dropped;
  expect(await count(`pg_database WHERE datname = '${scratch}'`)).toBe(0);
  await left.end().catch(() => undefined);
});
