import { startTenantPair, type TenantPair } from '@berth/testing';
import { Client } from 'pg';
import { berthSchema } from '../connection/berth-schema.js';
import { ClusterConnections } from '../connection/index.js';
import { carrySequences } from './carry-sequences.js';

describe('sequences that are carried to a place where the tenant works', () => {
  let pair: TenantPair;
  let connections: ClusterConnections;

  beforeAll(async () => {
    pair = await startTenantPair({ berthSchema: berthSchema.map(({ sql }) => sql) });
    connections = new ClusterConnections(pair.directory);
    for (const place of [pair.source, pair.target])
      await pair.run(place, 'CREATE SEQUENCE up; CREATE SEQUENCE down INCREMENT -3 MAXVALUE 100 START 100');
  });
  afterAll(async () => {
    await connections?.close();
    await pair?.close();
  });

  const carry = (): Promise<readonly string[]> =>
    carrySequences(connections, pair.source, pair.target, pair.actor, 'open');

  it('never go back behind a number that the tenant took meanwhile', async () => {
    await pair.run(pair.source, `SELECT count(nextval('up')), count(nextval('down')) FROM generate_series(1, 10)`);
    const { targetServer, target } = pair;
    const tenant = new Client({
      ...{ host: targetServer.host, port: targetServer.port, database: target.database },
      ...{ user: target.loginRoles.a, password: 'test' },
      options: `-c role=${target.ownerRole} -c search_path=${target.schema}`,
    });
    await tenant.connect();
    // Nobody else takes a number while it is altered; where it stands can be read.
    await tenant.query(`BEGIN; ALTER SEQUENCE up OWNED BY NONE; ALTER SEQUENCE up CACHE 1`);
    const carrying = carry();
    const waiting = `SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = '${target.schema}.up'::regclass)`;
    while ((await targetServer.psql(waiting, target.database)) !== 't');
    await tenant.query(`SELECT nextval('up') FROM generate_series(1, 500); COMMIT`);
    await tenant.end();
    expect([...(await carrying)].sort()).toEqual(['down', 'up']);
    expect(Number(await pair.run(target, `SELECT nextval('up')`))).toBeGreaterThan(500);
    expect(await pair.run(target, `SELECT nextval('down')`)).toBe(
      await pair.run(pair.source, `SELECT nextval('down')`),
    );
    expect(await carry()).toEqual([]);
  });

  it('are not taken number by number where somebody set one by hand', async () => {
    await pair.run(pair.source, `SELECT setval('up', 1000000000000)`);
    await expect(carry()).rejects.toMatchObject({ code: 'sequence-behind', retry: 'operator' });
    await pair.run(pair.target, `SELECT setval('up', 1000000000000)`);
    expect(await carry()).toEqual([]);
  });
});
