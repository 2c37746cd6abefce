import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MigrationLedger } from '@berth/ports';
import { canWriteAt, secretOf } from '../crash/tenant-data.js';
import { freshTenantId, World } from '../crash/world.js';
import { runOnce } from './run-operation.js';

describe('provisioning that meets trouble', () => {
  let world: World;
  let folder: string;
  const migration = (name: string, text: string) => writeFile(path.join(folder, name), text);

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'berth-migrations-'));
    await migration('001_port.sql', 'CREATE TABLE port (id serial PRIMARY KEY, name text NOT NULL UNIQUE);\n');
    world = await World.open({ BERTH_MIGRATIONS_DIR: folder });
  });
  afterAll(async () => {
    await world.close();
    await rm(folder, { recursive: true, force: true });
  });

  const provision = async (clusterId: string) => {
    const tenantId = freshTenantId();
    const plan = await world.planOfTier('shared');
    const request = { kind: 'provision-tenant', tenantId, plan, constraints: { labels: {} }, clusterId } as const;
    return { tenantId, id: (await world.desk.start(request, 'test')).id };
  };

  it('a migration that fails in the middle names file and line; the mended file and a retry finish the tenant', async () => {
    await migration(
      '002_voyage.sql',
      'CREATE TABLE voyage (id int);\nINSERT INTO voyage VALUES (1);\nSELECT nonsense FROM voyage;\n',
    );
    const { tenantId, id } = await provision('shared-1');
    const failed = await world.runToEnd(id);
    expect(failed).toMatchObject({ state: 'needs-operator', error: { code: 'migration-failed' } });
    expect(failed.reason).toMatch(/apply-migrations.*002_voyage.*line 3.*nonsense/s);
    expect(failed.error?.hint).toMatch(/retry/);
    expect(await world.tools.tenants.get(tenantId)).toMatchObject({ state: 'provisioning' });
    expect(await world.tools.secrets.list(`tenants/${tenantId}/db`)).toEqual([]);
    const ledger = world.app.get(MigrationLedger);
    expect(await ledger.of(tenantId)).toMatchObject({
      applied: [{ version: '001_port' }],
      failure: { version: '002_voyage' },
    });

    await migration('002_voyage.sql', 'CREATE TABLE voyage (id int);\n');
    await world.desk.retry(id);
    expect(await world.runToEnd(id)).toMatchObject({ state: 'succeeded' });
    expect(await ledger.of(tenantId)).toMatchObject({
      applied: [{ version: '001_port' }, { version: '002_voyage' }],
      failure: null,
    });
    const place = await world.tools.placements.current(tenantId);
    expect(await canWriteAt(world, await secretOf(world, tenantId), place!)).toBe(true);
  });

  it('a cluster that is down: it waits and says why, and finishes when the cluster is back', async () => {
    await world.servers['shared-2']?.halt();
    const { tenantId, id } = await provision('shared-2');
    const waiting = await runOnce(world, id);
    expect(waiting.state).toBe('waiting');
    expect(waiting.reason).toMatch(/shared-2/);
    expect(['database-unavailable', 'cluster-unreachable']).toContain(waiting.error?.code);
    expect(waiting.nextAttemptAt).not.toBeNull();
    await world.servers['shared-2']?.start();
    await world.desk.retry(id);
    expect(await world.runToEnd(id)).toMatchObject({ state: 'succeeded', reason: null, error: null });
    expect(await world.tools.tenants.get(tenantId)).toMatchObject({ state: 'ready', reason: null });
  });

  it('a cluster that is down while the operation is cancelled: it is taken back when the cluster is there', async () => {
    await world.servers['shared-2']?.halt();
    const { tenantId, id } = await provision('shared-2');
    expect(await runOnce(world, id)).toMatchObject({ state: 'waiting' });
    await world.desk.cancel(id);
    expect(await runOnce(world, id)).toMatchObject({
      state: 'waiting',
      reason: expect.stringContaining('shared-2') as string,
    });
    await world.servers['shared-2']?.start();
    expect(await world.runToEnd(id)).toMatchObject({ state: 'cancelled' });
    expect(await world.tools.tenants.get(tenantId)).toMatchObject({ state: 'failed' });
  });
});
