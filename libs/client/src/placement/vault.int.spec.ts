import { readFile, writeFile } from 'node:fs/promises';
import { TestVault, VaultAccess, vaultPart, whenAvailable } from '@berth/testing';
import { fromVault } from './vault.js';

const signal = new AbortController().signal;
const secret = {
  ...{ host: 'db.internal', port: 5432, database: 'tenants', schema: 'tenant_acme', username: 'tenant_acme__a' },
  ...{ password: 'pw', sslmode: 'disable', generation: 2, url: 'postgresql://x' },
};

whenAvailable(vaultPart, 'secrets of tenants in a real Vault', () => {
  let vault: TestVault;
  let access: VaultAccess;
  beforeAll(async () => {
    vault = await TestVault.start();
    access = await VaultAccess.setUp(vault);
    const data = { ...secret, _berth: { tenantId: 'acme', generation: 2 } };
    await vault.ask('POST', 'secret/data/tenants/acme/db', { data });
  });
  afterAll(async () => {
    await access?.close();
    await vault?.stop();
  });

  const read = (source: ReturnType<typeof fromVault>, tenantId = 'acme') => source.read(tenantId, { signal });

  it('are read with the token of a service that may read one tenant, and no other', async () => {
    const tokenFile = `${access.secretIdFile}-reader`;
    await writeFile(tokenFile, await access.tokenOfReader('acme'), { mode: 0o600 });
    const source = fromVault({ address: vault.url, login: { method: 'token', tokenFile } });
    expect(await read(source)).toEqual(secret);
    await expect(read(source, 'bolt')).rejects.toThrow('Vault answered /v1/secret/data/tenants/bolt/db with 403');
    const elsewhere = fromVault({ address: vault.url, login: { method: 'token', tokenFile }, mount: 'other' });
    await expect(read(elsewhere)).rejects.toThrow(/403/);
  });

  it('are read by an AppRole that logs in again when its token has ended; no credential is in a message', async () => {
    const login = { method: 'approle', roleId: access.roleId, secretIdFile: access.secretIdFile } as const;
    const source = fromVault({ address: `${vault.url}/`, login, mount: '/secret/', prefix: '' });
    expect(await Promise.all([read(source), read(source)])).toEqual([secret, secret]);
    expect(await read(source, 'nobody')).toBeNull();
    await access.revokeTokens();
    expect(await read(source)).toEqual(secret);
    const secretId = (await readFile(access.secretIdFile, 'utf8')).trim();
    await access.revokeTokens();
    await writeFile(access.secretIdFile, 'wrong-secret-id');
    const failure = await read(source).catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({ message: 'Vault refused the login at /v1/auth/approle/login with 400' });
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain(secretId);
    await access.renewSecretId();
    expect(await read(source)).toEqual(secret);
  });

  it('that cannot be reached are told by the address alone', async () => {
    const source = fromVault({
      address: 'http://127.0.0.1:1',
      login: { method: 'token', tokenFile: access.rootTokenFile },
    });
    await expect(read(source)).rejects.toThrow('GET http://127.0.0.1:1/v1/secret/data/tenants/acme/db got no answer: ');
  });
});
