import { secretRefs, type TenantId } from '@berth/domain';
import { TestVault, VaultAccess, vaultPart, whenAvailable } from '@berth/testing';
import { canWriteAt, fill, secretOf, write } from '../crash/tenant-data.js';
import { freshTenantId } from '../crash/world.js';
import { WorkerWorld } from './worker-world.js';

whenAvailable(vaultPart, 'workers whose secrets are in a Vault', () => {
  let vault: TestVault;
  let access: VaultAccess;
  let here: WorkerWorld;
  beforeAll(async () => {
    vault = await TestVault.start();
    access = await VaultAccess.setUp(vault);
    here = await WorkerWorld.open({
      BERTH_SECRET_STORE: 'vault',
      BERTH_VAULT_URL: vault.url,
      BERTH_VAULT_ROLE_ID: access.roleId,
      BERTH_VAULT_SECRET_ID_FILE: access.secretIdFile,
    });
  });
  afterEach(async () => {
    await here.endWorkers();
    await here.letGo();
  });
  afterAll(async () => {
    await here.close();
    await access.close();
    await vault.stop();
  });

  const sealed = { code: 'secrets-unavailable', message: expect.stringMatching(/sealed/) };
  /** Waits until the operation waits for the Vault, ends that, and sees that the operation finishes. */
  const finishesAfterUnseal = async (id: string) => {
    const waiting = await here.until(id, ({ state }) => state === 'waiting');
    expect(waiting).toMatchObject({ error: sealed, reason: expect.stringMatching(/sealed/) });
    await vault.unseal();
    expect(await here.ended(id)).toMatchObject({ state: 'succeeded', reason: null, error: null });
  };
  const ready = async (): Promise<TenantId> => {
    const tenantId = freshTenantId();
    expect(await here.ended(await here.provision('shared-1', tenantId))).toMatchObject({ state: 'succeeded' });
    await fill(here.world, tenantId);
    return tenantId;
  };
  const move = async (tenantId: TenantId) => {
    const target = { tier: 'shared', clusterId: 'shared-2' } as const;
    const request = { kind: 'move-tenant', tenantId, target, strategy: 'dump', switchMode: 'manual' } as const;
    const { id } = await here.world.desk.start(request, 'test');
    await here.until(id, ({ state, reason }) => state === 'waiting' && (reason?.includes('moves switch') ?? false));
    return id;
  };

  it('sealed in the middle of provisioning: it waits and says so, and writes each secret once', async () => {
    await here.hold('shared-2');
    const worker = await here.worker();
    const tenantId = freshTenantId();
    const id = await here.provision('shared-2', tenantId);
    await here.inMigration(id);
    await vault.seal();
    await here.letGo();
    await finishesAfterUnseal(id);
    expect(await access.versionsOf(secretRefs.tenantDb(tenantId))).toBe(1);
    expect(await access.versionsOf(secretRefs.tenantLogins(tenantId))).toBe(1);
    const secret = await secretOf(here.world, tenantId);
    expect(await canWriteAt(here.world, secret, (await here.world.tools.placements.current(tenantId))!)).toBe(true);
    expect(worker.output).toContain('sealed');
    for (const hidden of [secret.password, 'hvs.', vault.rootToken]) expect(worker.output).not.toContain(hidden);
  });

  it('sealed and its server killed in the middle of a move: the move waits, and finishes when it is back', async () => {
    await here.worker();
    const tenantId = await ready();
    const id = await move(tenantId);
    await vault.seal();
    await here.world.desk.requestSwitch(id);
    await here.until(id, ({ error }) => error?.code === 'secrets-unavailable');
    await vault.kill9();
    await here.until(id, ({ reason }) => /refuses connections/.test(reason ?? ''));
    await vault.run();
    expect(await here.ended(id)).toMatchObject({ state: 'succeeded' });
    expect(await access.versionsOf(secretRefs.tenantDb(tenantId))).toBe(2);
    expect(await access.versionsOf(secretRefs.tenantLogins(tenantId))).toBe(1);
    await write(here.world, tenantId, 'at the new place');
  });

  it('a worker that starts while it is sealed waits for it, and one whose token is revoked goes on', async () => {
    const id = await here.provision('shared-1');
    await vault.seal();
    await here.worker();
    await finishesAfterUnseal(id);
    await access.revokeTokens();
    expect(await here.ended(await here.provision('shared-1'))).toMatchObject({ state: 'succeeded' });
  });

  it('a secret that was changed by hand stops the move before it is overwritten, and names both versions', async () => {
    await here.worker();
    const tenantId = await ready();
    const id = await move(tenantId);
    const ref = secretRefs.tenantDb(tenantId);
    const { data } = (await vault.ask('GET', `secret/data/${ref}`)) as { data: { data: object } };
    await vault.ask('POST', `secret/data/${ref}`, { options: { cas: 1 }, data: { ...data.data, note: 'by hand' } });
    await here.world.desk.requestSwitch(id);
    const stopped = await here.ended(id);
    expect(stopped).toMatchObject({
      state: 'needs-operator',
      error: { code: 'secret-conflict', details: { ref, expectedVersion: 1, foundVersion: 2 } },
      reason: expect.stringMatching(/at version 2, not 1/),
    });
    expect(await access.versionsOf(ref)).toBe(2);
    await here.world.desk.retry(id);
    expect(await here.ended(id)).toMatchObject({ state: 'succeeded' });
    expect(await access.versionsOf(ref)).toBe(3);
    await write(here.world, tenantId, 'at the new place');
  });
});
