import type { SecretRef } from '@berth/domain';
import { describeSecretStoreContract, TestVault, VaultAccess, vaultPart, whenAvailable } from '@berth/testing';
import { VaultSecrets, type VaultSecretsOptions } from './vault-secrets.js';

interface Note {
  readonly text: string;
}

whenAvailable(vaultPart, 'secrets in Vault', () => {
  const ref = 'tenants/acme/db' as SecretRef<Note>;
  const metadata = { tenantId: 'acme', generation: 3, operationId: 'op-1' };
  let vault: TestVault;
  let access: VaultAccess;
  beforeAll(async () => {
    vault = await TestVault.start();
    access = await VaultAccess.setUp(vault);
  });
  afterAll(async () => {
    await access.close();
    await vault.stop();
  });

  const open = (more: Partial<VaultSecretsOptions> = {}) =>
    new VaultSecrets({
      url: vault.url,
      timeoutMs: 5_000,
      mount: 'secret',
      prefix: '',
      login: { method: 'approle', mount: 'approle', roleId: access.roleId, secretIdFile: access.secretIdFile },
      ...more,
    });
  const asRoot = () => open({ login: { method: 'token', tokenFile: access.rootTokenFile } });
  const empty = async () => {
    const root = asRoot();
    for (const name of await root.list('')) await vault.ask('DELETE', `secret/metadata/${name}`);
  };
  afterEach(empty);

  describeSecretStoreContract('in Vault, as the role that infra/vault/berth.hcl describes', async () => ({
    store: open(),
    other: open(),
    close: empty,
  }));

  it('puts the document where products look for it, and beside it who wrote it', async () => {
    await open().write(ref, { text: 'x' }, { expectedVersion: 0, metadata });
    const { data } = await vault.ask('GET', 'secret/data/tenants/acme/db');
    expect(data).toMatchObject({ data: { text: 'x', _berth: metadata }, metadata: { version: 1 } });
  });

  it('tells people whose a path is, and makes Vault refuse a write by hand that names no version', async () => {
    await open().write(ref, { text: 'x' }, { expectedVersion: 0, metadata });
    expect((await vault.ask('GET', 'secret/metadata/tenants/acme/db'))['data']).toMatchObject({
      cas_required: true,
      custom_metadata: { managed_by: 'berth', tenant_id: 'acme' },
    });
    expect(await vault.try('POST', 'secret/data/tenants/acme/db', { data: { text: 'by hand' } })).toMatchObject({
      status: 400,
    });
    expect(await access.versionsOf(ref)).toBe(1);
  });

  it('names both versions when somebody wrote by hand', async () => {
    const store = open();
    await store.write(ref, { text: 'x' }, { expectedVersion: 0, metadata });
    await vault.ask('POST', 'secret/data/tenants/acme/db', { options: { cas: 1 }, data: { text: 'by hand' } });
    await expect(store.write(ref, { text: 'y' }, { expectedVersion: 1, metadata })).rejects.toMatchObject({
      code: 'secret-conflict',
      retry: 'operator',
      message: expect.stringMatching(/version 2, not 1/),
      details: { ref, expectedVersion: 1, foundVersion: 2 },
    });
    expect(await store.read(ref)).toMatchObject({ version: 2, document: { text: 'by hand' }, metadata: {} });
  });

  it('keeps apart from others in one mount by a prefix', async () => {
    const { login } = { login: { method: 'token', tokenFile: access.rootTokenFile } } as const;
    const below = open({ login, prefix: 'berth/eu' });
    await below.write(ref, { text: 'x' }, { expectedVersion: 0, metadata });
    expect((await vault.ask('GET', 'secret/data/berth/eu/tenants/acme/db'))['data']).toMatchObject({
      data: { text: 'x' },
    });
    expect(await below.list('')).toEqual([ref]);
    expect(await open({ login }).read(ref)).toBeNull();
  });

  it.each([
    ['of version 1', { type: 'kv', options: { version: '1' } }],
    ['that is not there', null],
  ])('refuses a mount %s before it writes anything', async (_, mount) => {
    if (mount !== null) await vault.ask('POST', 'sys/mounts/other', mount);
    const store = open({ mount: 'other', login: { method: 'token', tokenFile: access.rootTokenFile } });
    const fault = { code: 'secrets-unavailable', retry: 'operator' };
    await expect(store.check()).rejects.toMatchObject(fault);
    await expect(store.write(ref, { text: 'x' }, { expectedVersion: 0, metadata })).rejects.toMatchObject(fault);
    if (mount === null) return;
    expect(await vault.try('GET', 'other/data/tenants/acme/db')).toMatchObject({ status: 404 });
    await vault.ask('DELETE', 'sys/mounts/other');
  });

  describe('the shipped policies', () => {
    it('let the reader of a tenant read its secret, not write it, and see no other', async () => {
      const store = open();
      for (const name of ['tenants/acme/db', 'tenants/acme/logins', 'tenants/acme-2/db', 'clusters/shared-1/admin'])
        await store.write(name as SecretRef<Note>, { text: name }, { expectedVersion: 0, metadata });
      const token = await access.tokenOfReader('acme');
      const status = async (method: string, what: string, body?: object) =>
        (await vault.try(method, what, body, token)).status;
      expect(await status('GET', 'secret/data/tenants/acme/db')).toBe(200);
      const write = { options: { cas: 1 }, data: { text: 'mine' } };
      for (const [method, what, body] of [
        ['GET', 'secret/data/tenants/acme-2/db'],
        ['GET', 'secret/data/tenants/acme/logins'],
        ['GET', 'secret/data/clusters/shared-1/admin'],
        ['LIST', 'secret/metadata/tenants'],
        ['LIST', 'secret/metadata/tenants/acme'],
        ['POST', 'secret/data/tenants/acme/db', write],
        ['DELETE', 'secret/data/tenants/acme/db'],
        ['DELETE', 'secret/metadata/tenants/acme/db'],
      ] as const)
        expect([method, what, await status(method, what, body)]).toEqual([method, what, 403]);
      expect(await access.versionsOf('tenants/acme/db')).toBe(1);
    });

    it('let Berth do nothing beside its work', async () => {
      await vault.ask('POST', 'secret/data/payroll/boss', { data: { text: 'of others' } });
      await open().write(ref, { text: 'x' }, { expectedVersion: 0, metadata });
      const token = await access.tokenWith('berth');
      for (const [method, what, body] of [
        ['GET', 'secret/data/payroll/boss'],
        ['POST', 'secret/data/payroll/boss', { data: { text: 'x' } }],
        ['GET', 'secret/metadata/payroll/boss'],
        ['LIST', 'secret/metadata/payroll'],
        ['DELETE', 'secret/metadata/payroll/boss'],
        ['POST', 'secret/data/tenants', { data: { text: 'x' } }],
        ['PUT', 'secret/destroy/tenants/acme/db', { versions: [1] }],
        ['PUT', 'secret/undelete/tenants/acme/db', { versions: [1] }],
        ['POST', 'secret/config', { cas_required: false }],
        ['GET', 'secret/config'],
        ['PUT', 'sys/policies/acl/berth', { policy: 'path "*" { capabilities = ["sudo"] }' }],
        ['GET', 'sys/policies/acl/berth'],
        ['POST', 'auth/token/create', {}],
        ['POST', 'auth/approle/role/berth/secret-id', {}],
        ['GET', 'auth/approle/role/berth/role-id'],
        ['GET', 'sys/mounts'],
        ['POST', 'sys/mounts/mine', { type: 'kv' }],
        ['DELETE', 'sys/mounts/secret'],
        ['GET', 'sys/auth'],
        ['POST', 'sys/auth/mine', { type: 'approle' }],
        ['PUT', 'sys/seal'],
        ['GET', 'sys/raw/core'],
        ['LIST', 'auth/token/accessors'],
        ['POST', 'identity/entity', {}],
      ] as const)
        expect([method, what, (await vault.try(method, what, body, token)).status]).toEqual([method, what, 403]);
      await vault.ask('DELETE', 'secret/metadata/payroll/boss');
    });
  });
});
