import { secretRefs, tenantsDatabase, type TenantId } from '@berth/domain';
import { handPassword, handRoles, makeSchemaByHand } from '@berth/testing';
import pg from 'pg';
import { secretOf } from '../crash/tenant-data.js';
import { freshTenantId, World } from '../crash/world.js';
import { runOnce } from './run-operation.js';

describe('a schema that somebody made by hand', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.open();
  });
  afterAll(() => world.close());

  const byHand = async () => {
    const tenantId = freshTenantId();
    const schema = `legacy_${tenantId.replaceAll('-', '_')}`;
    const server = world.servers['shared-1']!;
    const prefix = `by_${tenantId.replaceAll('-', '_')}`;
    await makeSchemaByHand(server, { database: tenantsDatabase, schema, prefix });
    const plan = await world.planOfTier('shared');
    const where = { schema, clusterId: 'shared-1', plan, constraints: { labels: {} } };
    return {
      tenantId,
      schema,
      roles: handRoles(prefix),
      request: { kind: 'adopt-tenant', tenantId, ...where } as const,
    };
  };
  const logIn = async (user: string, password: string): Promise<pg.Client> => {
    const { host, port } = world.servers['shared-1']!;
    const client = new pg.Client({ host, port, database: tenantsDatabase, user, password });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  const adopted = async (request: Parameters<World['desk']['start']>[0]) => {
    const { id } = await world.desk.start(request, 'test');
    expect(await runOnce(world, id)).toMatchObject({ state: 'waiting' });
    await world.desk.confirm(id);
    const ended = await runOnce(world, id);
    expect(ended).toMatchObject({ state: 'succeeded', error: null });
    return ended;
  };
  const drift = async (tenantId: TenantId) => (await world.desk.plan({ kind: 'repair-tenant', tenantId })).findings;
  const rows = async (tenantId: TenantId): Promise<unknown> => {
    const client = new pg.Client({ connectionString: (await secretOf(world, tenantId)).url });
    await client.connect();
    try {
      const sql = `SELECT (SELECT count(*)::int FROM t01) AS t01, (SELECT count(*)::int FROM open_invoices) AS invoices,
        (SELECT count(*)::int FROM event) AS events, (SELECT count(*)::int FROM moods) AS moods, joined('a', 'b') AS fn,
        (SELECT count(*)::int FROM ops_view) AS ops`;
      return (await client.query(sql)).rows[0];
    } finally {
      await client.end();
    }
  };

  it('is adopted while its owner writes by the old login, and then is a tenant like any other', async () => {
    const { tenantId, schema, roles, request } = await byHand();
    const plan = await world.desk.plan(request);
    expect(plan.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(plan.findings.filter(({ code }) => code === 'owner-changes').length).toBeGreaterThan(80);

    const old = await logIn(roles.app, handPassword);
    await old.query(`SET search_path = ${schema}`);
    let written = 0;
    let ends = false;
    const writing = (async () => {
      while (!ends) {
        await old.query('INSERT INTO t01 (label) VALUES ($1)', [`old ${String(written)}`]);
        written += 1;
      }
    })();
    const { id } = await world.desk.start(request, 'test');
    expect(await runOnce(world, id)).toMatchObject({ state: 'waiting' });
    const trialAt = written;
    while (written < trialAt + 20) await new Promise((resolve) => setImmediate(resolve));
    ends = true;
    await writing;
    expect(await rows(tenantId)).toEqual({
      t01: 25 + written,
      invoices: 40,
      events: 365,
      moods: 1,
      fn: 'a,b',
      ops: 25 + written,
    });

    await world.desk.confirm(id);
    expect(await runOnce(world, id)).toMatchObject({ state: 'succeeded', error: null });
    await expect(old.query('SELECT count(*) FROM t01')).rejects.toMatchObject({ code: '42P01' });
    await expect(old.query(`SELECT count(*) FROM ${schema}.t01`)).rejects.toMatchObject({ code: '42501' });
    await old.end();
    expect(await world.tools.tenants.get(tenantId)).toMatchObject({ state: 'ready', reason: null });
    expect(await drift(tenantId)).toEqual([]);
  });

  it('goes to an instance of its own by dump with every row compared, back, through a rotation, and ends', async () => {
    const { tenantId, schema, request } = await byHand();
    await adopted(request);
    const before = await rows(tenantId);
    await world.perform({ kind: 'suspend-tenant', tenantId, reason: 'unpaid' });
    await world.perform({ kind: 'resume-tenant', tenantId });
    await world.perform({ kind: 'rotate-login', tenantId, graceMs: 0, settleMs: 0 });
    expect((await secretOf(world, tenantId)).username).toMatch(/__b$/);
    expect(await drift(tenantId)).toEqual([]);

    const dump = { kind: 'move-tenant', tenantId, strategy: 'dump', switchMode: 'auto' } as const;
    const promoted = await world.perform({ ...dump, target: { tier: 'dedicated' } });
    // 25 rows in each of 35 tables, 40 customers, 40 invoices, 365 events.
    expect(promoted.result).toMatchObject({ comparedRows: 35 * 25 + 40 + 40 + 365 });
    expect(await world.tools.placements.current(tenantId)).toMatchObject({ tier: 'dedicated', schema });
    expect(await rows(tenantId)).toEqual(before);
    expect(await drift(tenantId)).toEqual([]);
    await world.perform({ kind: 'complete-move', moveId: promoted.id });

    const back = await world.perform({ ...dump, target: { tier: 'shared', clusterId: 'shared-1' } });
    await world.perform({ kind: 'complete-move', moveId: back.id });
    expect(await world.tools.placements.current(tenantId)).toMatchObject({ clusterId: 'shared-1', schema });
    expect(await rows(tenantId)).toEqual(before);
    expect(await drift(tenantId)).toEqual([]);

    const place = (await world.tools.placements.current(tenantId))!;
    await world.perform({ kind: 'remove-tenant', tenantId, reason: 'asked for' });
    expect(await world.tools.database.leftovers(place)).toEqual([]);
    expect(await world.tools.secrets.read(secretRefs.tenantDb(tenantId))).toBeNull();
  });

  it('is as it was when the adoption is cancelled on trial, and its name can be given again', async () => {
    const { tenantId, schema, roles, request } = await byHand();
    const owners = () =>
      world.servers['shared-1']!.psql(
        `SELECT relname, relowner::regrole FROM pg_class WHERE relnamespace = '${schema}'::regnamespace ORDER BY 1`,
        tenantsDatabase,
      );
    const before = await owners();
    const { id } = await world.desk.start(request, 'test');
    expect(await runOnce(world, id)).toMatchObject({ state: 'waiting' });
    expect(await owners()).not.toBe(before);
    await world.desk.cancel(id);
    expect(await runOnce(world, id)).toMatchObject({ state: 'cancelled', error: null });
    expect(await owners()).toBe(before);
    expect(await world.tools.tenants.get(tenantId)).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining(schema) as string,
    });
    const old = await logIn(roles.etl, handPassword);
    await old.query(`INSERT INTO ${schema}.t33 (label) VALUES ('works on')`);
    await old.end();
    await adopted(request);
    expect(await drift(tenantId)).toEqual([]);
  });

  it('is refused where another schema leans on it, and nothing of it has changed', async () => {
    const { schema, request } = await byHand();
    await world.servers['shared-1']!.psql(
      `CREATE SCHEMA beside_${schema}; CREATE VIEW beside_${schema}.peek AS SELECT id FROM ${schema}.t01`,
      tenantsDatabase,
    );
    const { findings } = await world.desk.plan(request);
    const faults = findings.filter(({ severity }) => severity === 'error');
    expect(faults).toEqual([
      expect.objectContaining({ code: 'needed-by-other-schema', remedy: expect.any(String) as string }),
    ]);
    await expect(world.desk.start(request, 'test')).rejects.toMatchObject({ code: 'preflight-failed' });
  });
});
