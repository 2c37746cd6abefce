import { type Operation, placeOf, serviceRole, type TenantId, tenantsDatabase } from '@berth/domain';
import { postgresMajors, whenAvailable } from '@berth/testing';
import pg from 'pg';
import { breakableRunner } from '../crash/breakable-runner.js';
import { readyTenant } from '../crash/scenarios/tenants.js';
import { secretOf, write } from '../crash/tenant-data.js';
import { World } from '../crash/world.js';

const newest = Math.max(0, ...(await postgresMajors()).map(({ major }) => major));
const missing = newest >= 16 ? undefined : '16 or newer is not here (BERTH_TEST_PG_BINS names bin folders)';

whenAvailable({ name: 'PostgreSQL', missing }, 'DDL while a tenant moves online', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.open({}, {}, { major: newest, replication: true });
  });
  afterAll(async () => {
    await world?.close();
  });

  const asTenant = async (tenantId: TenantId, sql: string): Promise<void> => {
    const client = new pg.Client({ connectionString: (await secretOf(world, tenantId)).url });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  /** Moves, with a migration of the tenant's own right before the step. */
  const movedWith = async (tenantId: TenantId, step: string, sql: string): Promise<Operation> => {
    const target = { tier: 'shared', clusterId: 'shared-2' } as const;
    const request = { kind: 'move-tenant', tenantId, target, strategy: 'online', switchMode: 'auto' } as const;
    let ran = false;
    const runner = breakableRunner(world.app, world.config.BERTH_LEASE_MS, async (place) => {
      if (ran || place.step !== step || place.point !== 'before') return;
      ran = true;
      await asTenant(tenantId, sql);
    });
    return world.runToEnd((await world.desk.start(request, 'test')).id, runner);
  };

  it.each([
    ['publish-source', 'CREATE TABLE extra (id int PRIMARY KEY)', /table extra is missing on the target/],
    ['copy-rows', 'ALTER TABLE port ADD COLUMN depth int', /column port\.depth is missing on the target/],
    ['copy-rows', 'ALTER TABLE voyage RENAME TO trip', /table voyage is on the target only/],
    ['copy-rows', 'ALTER TABLE voyage DROP COLUMN cargo', /column voyage\.cargo is on the target only/],
    ['finish-definitions', 'CREATE INDEX by_sea ON voyage (sea)', /index voyage\.by_sea is missing on the target/],
    [
      'await-caught-up',
      `ALTER TABLE port ADD COLUMN depth int; INSERT INTO port (name, depth) VALUES ('deep', 7)`,
      /column port\.depth is missing on the target/,
    ],
    ['await-caught-up', 'DROP TABLE voyage', /voyage/],
    ['verify-live', 'ALTER TABLE port RENAME name TO title', /column port\.(title is missing|name is on the target)/],
    ['verify-live', 'CREATE TABLE extra (id int PRIMARY KEY)', /extra/],
    ['verify-live', 'ALTER TABLE voyage DROP COLUMN cargo', /column voyage\.cargo is on the target only/],
    [
      'switch-over',
      'ALTER INDEX voyage_by_port RENAME TO by_port',
      /index voyage\.(by_port is missing|voyage_by_port is on)/,
    ],
    ['switch-over', 'DROP INDEX voyage_by_port', /index voyage\.voyage_by_port is on the target only/],
    ['switch-over', 'CREATE TABLE extra (id int PRIMARY KEY)', /table extra is missing on the target/],
  ])(
    'trap 10: right before %s (%s) ends the move, names what changed, and disturbs nobody',
    async (step, sql, named) => {
      const tenantId = await readyTenant(world);
      const ended = await movedWith(tenantId, step, sql);
      expect(ended).toMatchObject({ state: 'failed', error: { code: 'schema-changed' } });
      expect(ended.error?.message).toMatch(named);
      expect(ended.error?.hint).toMatch(/start (it|the move) again/i);
      expect(await world.tools.placements.current(tenantId)).toMatchObject({ clusterId: 'shared-1', generation: 1 });
      if (!sql.includes('title')) await write(world, tenantId, 'works on');
      const second = await world.tools.placements.get(tenantId, 2);
      if (second !== null) expect(await world.tools.database.leftovers(second)).toEqual([]);
    },
  );

  it('refuses to begin where somebody took rights away: a copy has them as they should be, and would differ', async () => {
    const tenantId = await readyTenant(world);
    const { schema, database, ownerRole: owner } = placeOf(tenantId, 'shared-1', tenantsDatabase);
    const target = { tier: 'shared', clusterId: 'shared-2' } as const;
    const move = { kind: 'move-tenant', tenantId, target, strategy: 'online', switchMode: 'auto' } as const;
    const errors = async () => (await world.desk.plan(move)).findings.filter(({ severity }) => severity === 'error');
    await asTenant(tenantId, `CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql RETURN $1 * 2`);
    expect(await errors()).toEqual([]);
    // Of the server, and not of what is copied.
    await world.servers['shared-1']?.psql(`GRANT CONNECT ON DATABASE ${database} TO PUBLIC`);
    expect(await errors()).toEqual([]);
    for (const taken of [
      `REVOKE ALL ON ${schema}.port FROM ${serviceRole}`,
      `REVOKE EXECUTE ON FUNCTION ${schema}.twice FROM ${serviceRole}`,
      `ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} IN SCHEMA ${schema} REVOKE ALL ON TABLES FROM ${serviceRole}`,
    ]) {
      await world.servers['shared-1']?.psql(taken, database);
      const found = await errors();
      expect(found.length).toBeGreaterThan(0);
      const remedy = expect.stringContaining(`berth tenants repair ${tenantId}`) as string;
      for (const finding of found) expect(finding).toMatchObject({ severity: 'error', remedy });
      await expect(world.desk.start(move, 'test')).rejects.toMatchObject({ code: 'preflight-failed' });
      await world.perform({ kind: 'repair-tenant', tenantId });
      expect(await errors()).toEqual([]);
    }
    const moved = await world.runToEnd((await world.desk.start(move, 'test')).id);
    expect(moved).toMatchObject({ state: 'succeeded' });
  });
});
