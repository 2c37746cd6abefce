import type { TenantId } from '@berth/domain';
import { tenantsDatabase } from '@berth/domain';
import pg from 'pg';
import { canWriteAt, fill, readContent, secretOf, write } from '../crash/tenant-data.js';
import { freshTenantId, World } from '../crash/world.js';
import { before, perform, runOnce } from './run-operation.js';

describe('a move by dump', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.open();
  });
  afterAll(() => world.close());

  const tenant = async (clusterId = 'shared-1') => {
    const tenantId = freshTenantId();
    const plan = await world.planOfTier('shared');
    await world.perform({ kind: 'provision-tenant', tenantId, plan, constraints: { labels: {} }, clusterId });
    await fill(world, tenantId);
    return tenantId;
  };
  const relocation = (tenantId: TenantId, switchMode: 'auto' | 'manual' = 'auto') =>
    ({
      kind: 'move-tenant',
      tenantId,
      target: { tier: 'shared', clusterId: 'shared-2' },
      strategy: 'dump',
      switchMode,
    }) as const;
  const here = async (tenantId: TenantId) => (await world.tools.placements.current(tenantId))!;

  it('refuses writers with 25006 from the fence on, and lets readers read', async () => {
    const tenantId = await tenant();
    const writer = new pg.Client({ connectionString: (await secretOf(world, tenantId)).url });
    writer.on('error', () => undefined);
    await writer.connect();
    const seen: unknown[] = [];
    const ended = await perform(
      world,
      relocation(tenantId),
      before('dump-source', async () => {
        await writer.query("INSERT INTO port (name) VALUES ('too late')").catch((error: unknown) => seen.push(error));
        await write(world, tenantId, 'also too late').catch((error: unknown) => seen.push(error));
        seen.push((await writer.query('SELECT count(*)::int AS ports FROM port')).rows[0]);
      }),
    );
    await writer.end().catch(() => undefined);
    expect(ended).toMatchObject({ state: 'succeeded' });
    const moved = { code: '25006', message: expect.stringMatching(/moved/) as string };
    expect(seen).toEqual([expect.objectContaining(moved), expect.objectContaining(moved), { ports: 20 }]);
    await write(world, tenantId, 'at the new place');
  });

  it('stops before the pivot when one row differs, and names it; the tenant works on at the source', async () => {
    const tenantId = await tenant();
    const source = await here(tenantId);
    const content = await readContent(world, source);
    const ended = await perform(
      world,
      relocation(tenantId),
      before('verify-copy', async () => {
        const change = `SET session_replication_role = replica; UPDATE ${source.schema}.port SET name = 'changed' WHERE id = 7`;
        await world.servers['shared-2']?.psql(change, tenantsDatabase);
      }),
    );
    expect(ended).toMatchObject({
      state: 'failed',
      error: { code: 'verification-failed', message: expect.stringMatching(/port.*7/s) as string },
    });
    expect(ended.steps.find(({ name }) => name === 'mark-moved')).toMatchObject({ state: 'pending' });
    expect(await here(tenantId)).toMatchObject({ clusterId: 'shared-1', generation: 1 });
    expect(await readContent(world, source)).toBe(content);
    await write(world, tenantId, 'works on');
    expect(await world.tools.database.leftovers({ ...source, clusterId: 'shared-2' })).toEqual([]);
    expect(await world.tools.moves.get(ended.id)).toMatchObject({ state: 'cancelled', comparison: { equal: false } });
    // Nothing of the first try stands in the way of the second.
    expect(await world.perform(relocation(tenantId))).toMatchObject({ state: 'succeeded' });
  });

  it('waits for its switch when that is manual, without any effect on the tenant, and goes on when it is pressed', async () => {
    const tenantId = await tenant();
    const { id } = await world.desk.start(relocation(tenantId, 'manual'), 'test');
    expect(await runOnce(world, id)).toMatchObject({
      state: 'waiting',
      reason: expect.stringContaining(`berth moves switch ${id}`) as string,
    });
    expect(await world.tools.moves.get(id)).toMatchObject({ state: 'ready', switchRequestedAt: null });
    await write(world, tenantId, 'while it waits');
    await world.desk.requestSwitch(id);
    // Pressed twice is pressed once; and nobody waits for the half minute to pass.
    await world.desk.requestSwitch(id);
    expect(await runOnce(world, id)).toMatchObject({ state: 'succeeded' });
    expect(await here(tenantId)).toMatchObject({ clusterId: 'shared-2', generation: 2 });
    expect(await world.desk.requestSwitch(id)).toMatchObject({ state: 'succeeded' });
  });

  it('leaves an old place that refuses writes, also of the admin’s making; complete drops it and keeps a dump', async () => {
    const tenantId = await tenant();
    const old = await here(tenantId);
    const { id: moveId, result } = await world.perform(relocation(tenantId));
    expect(result).toMatchObject({ comparedRows: 320 });
    const secret = await secretOf(world, tenantId);
    expect(await canWriteAt(world, secret, old)).toBe(false);
    expect(await canWriteAt(world, secret, await here(tenantId))).toBe(true);
    await expect(
      world.servers['shared-1']?.psql(`INSERT INTO ${old.schema}.port (name) VALUES ('by hand')`, tenantsDatabase),
    ).rejects.toThrow(/moved/);
    await world.perform({ kind: 'complete-move', moveId });
    expect(await world.tools.database.leftovers(old)).toEqual([]);
    expect(await world.tools.placements.get(tenantId, 1)).toMatchObject({ state: 'retired' });
    expect(await world.tools.moves.get(moveId)).toMatchObject({ state: 'completed' });
    // And back to where it was: the old marker of the first move does not stand in the way.
    await world.perform({ ...relocation(tenantId), target: { tier: 'shared', clusterId: 'shared-1' } });
    expect(await here(tenantId)).toMatchObject({ clusterId: 'shared-1', generation: 3 });
    await write(world, tenantId, 'home again');
  });

  it('does not go to a cluster that is older than the one the tenant is on', async () => {
    const tenantId = await tenant();
    const { postgresMajor } = (await world.tools.clusters.get('shared-2'))!;
    await world.tools.clusters.update('shared-2', { postgresMajor: 14 });
    try {
      await expect(world.desk.start(relocation(tenantId), 'test')).rejects.toMatchObject({
        code: 'constraint-broken',
        message: expect.stringMatching(/shared-2 runs PostgreSQL 14, the tenant needs 1[5-9] or newer/) as string,
      });
    } finally {
      await world.tools.clusters.update('shared-2', { postgresMajor });
    }
  });
});
