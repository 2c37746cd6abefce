import { readdir } from 'node:fs/promises';
import type { TenantId } from '@berth/domain';
import { OperationCatalog } from '@berth/ports';
import { createLogger } from '@berth/telemetry';
import { schedulesOf } from '@berth/worker';
import pg from 'pg';
import { canWriteAt, fill, secretOf, write } from '../crash/tenant-data.js';
import { freshTenantId, World } from '../crash/world.js';

describe('the end of a tenant', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.open({ BERTH_RETENTION_DAYS: '0' });
  });
  afterAll(() => world.close());

  const provision = async (tenantId: TenantId = freshTenantId()) => {
    const plan = await world.planOfTier('shared');
    await world.perform({
      kind: 'provision-tenant',
      tenantId,
      plan,
      constraints: { labels: {} },
      clusterId: 'shared-1',
    });
    await fill(world, tenantId);
    return tenantId;
  };
  const mayWrite = async (tenantId: TenantId) => {
    const place = await world.tools.placements.current(tenantId);
    return place !== null && (await canWriteAt(world, await secretOf(world, tenantId), place));
  };
  const schedules = () => schedulesOf(world.app, createLogger({ name: 'test', level: 'silent' }));

  it('a suspension ends sessions at once, also one in the middle of a query, and keeps the data', async () => {
    const tenantId = await provision();
    const session = new pg.Client({ connectionString: (await secretOf(world, tenantId)).url });
    session.on('error', () => undefined);
    await session.connect();
    const query = session.query('SELECT pg_sleep(60)').catch((error: unknown) => error);
    const began = performance.now();
    await world.perform({ kind: 'suspend-tenant', tenantId, reason: 'unpaid' });
    expect(await query).toMatchObject({ code: '57P01' });
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(await mayWrite(tenantId)).toBe(false);
    expect(await world.tools.tenants.get(tenantId)).toMatchObject({ state: 'suspended', reason: 'unpaid' });
    await world.perform({ kind: 'resume-tenant', tenantId });
    await write(world, tenantId, 'paid');
  });

  it('quarantine, back, quarantine again, and removal by the clock; the final dump stays', async () => {
    const tenantId = await provision();
    await world.perform({ kind: 'quarantine-tenant', tenantId, reason: 'contract ended' });
    expect(await mayWrite(tenantId)).toBe(false);
    await world.perform({ kind: 'resume-tenant', tenantId });
    expect(await mayWrite(tenantId)).toBe(true);
    expect(await world.tools.tenants.get(tenantId)).toMatchObject({ state: 'ready', quarantinedUntil: null });
    await schedules().removeExpired();
    const operations = world.app.get(OperationCatalog);
    const removals = async () => (await operations.list({ tenantId, kind: 'remove-tenant' }, { limit: 9 })).items;
    expect(await removals()).toEqual([]);

    await world.perform({ kind: 'quarantine-tenant', tenantId, reason: 'contract ended' });
    const place = (await world.tools.placements.current(tenantId))!;
    await schedules().removeExpired();
    const [removal] = await removals();
    expect(await world.runToEnd(removal!.id)).toMatchObject({ state: 'succeeded', requestedBy: 'schedule' });
    expect(await world.tools.tenants.get(tenantId)).toMatchObject({ state: 'removed' });
    expect(await world.tools.database.leftovers(place)).toEqual([]);
    expect(await world.tools.secrets.list(`tenants/${tenantId}/`)).toEqual([]);
    const dumps = await readdir(world.config.BERTH_DUMPS_DIR);
    expect(dumps.some((name) => name.startsWith(`final-${tenantId}-g1`))).toBe(true);
    await schedules().removeExpired();
    expect(await removals()).toHaveLength(1);
  });

  it('a removed tenant’s name can be given again, with a higher generation and none of the old rows', async () => {
    const tenantId = await provision();
    await write(world, tenantId, 'of the first life');
    await world.perform({ kind: 'remove-tenant', tenantId, reason: 'over' });
    await provision(tenantId);
    expect(await world.tools.placements.current(tenantId)).toMatchObject({ generation: 2 });
    expect(await secretOf(world, tenantId)).toMatchObject({ generation: 2 });
    // Unique by name: it would be refused if the row of the first life were there.
    await write(world, tenantId, 'of the first life');
  });
});
