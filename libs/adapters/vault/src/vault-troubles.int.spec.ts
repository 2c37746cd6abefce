import { readFile, writeFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import type { SecretRef } from '@berth/domain';
import { TestVault, VaultAccess, vaultPart, VaultProxy, whenAvailable } from '@berth/testing';
import { VaultSecrets, type VaultSecretsOptions } from './vault-secrets.js';

interface Note {
  readonly text: string;
}

whenAvailable(vaultPart, 'secrets in a Vault that has troubles', () => {
  const ref = 'tenants/acme/db' as SecretRef<Note>;
  const clear = 'the-clear-text-of-a-password';
  const metadata = { tenantId: 'acme', operationId: 'op-1' };
  const waits = { code: 'secrets-unavailable', retry: 'backoff' };
  const stops = { code: 'secrets-unavailable', retry: 'operator' };
  let vault: TestVault;
  let access: VaultAccess;
  let proxy: VaultProxy;
  beforeAll(async () => {
    vault = await TestVault.start();
    access = await VaultAccess.setUp(vault);
  });
  afterAll(async () => {
    await access.close();
    await vault.stop();
  });
  beforeEach(async () => {
    proxy = await VaultProxy.before(vault);
  });
  afterEach(async () => {
    await proxy.close();
    await vault.try('DELETE', `secret/metadata/${ref}`);
  });

  const approle = () =>
    ({ method: 'approle', mount: 'approle', roleId: access.roleId, secretIdFile: access.secretIdFile }) as const;
  const open = (more: Partial<VaultSecretsOptions> = {}) =>
    new VaultSecrets({ url: proxy.url, timeoutMs: 5_000, mount: 'secret', prefix: '', login: approle(), ...more });
  const write = async (store: VaultSecrets, expectedVersion: number) =>
    store.write(ref, { text: clear }, { expectedVersion, metadata });
  const logins = () => proxy.granted('auth/approle/login');
  const until = async (wanted: () => boolean) => {
    for (const end = performance.now() + 15_000; !wanted();) {
      if (performance.now() > end) throw new Error('it did not come true');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };

  /** The failure of each of these calls; none may hold a secret, wherever it is printed. */
  const failures = async (store: VaultSecrets): Promise<readonly unknown[]> => {
    const calls = [store.read(ref), write(store, 1), store.list(''), store.destroy(ref), store.check()];
    const found = (await Promise.allSettled(calls)).map((one): unknown =>
      one.status === 'rejected' ? one.reason : one.value,
    );
    const said = inspect(found, { depth: null, showHidden: true, getters: true }) + JSON.stringify(found);
    const secretId = (await readFile(access.secretIdFile, 'utf8')).trim();
    for (const secret of [clear, secretId, vault.rootToken, 'hvs.']) expect(said).not.toContain(secret);
    return found;
  };

  it('waits while it is sealed, and says so; nothing is lost', async () => {
    const store = open();
    await write(store, 0);
    await vault.seal();
    for (const failure of await failures(store))
      expect(failure).toMatchObject({ ...waits, message: expect.stringMatching(/sealed/) });
    expect(await failures(open())).toEqual(Array<unknown>(5).fill(expect.objectContaining(waits)));
    await vault.unseal();
    expect(await store.read(ref)).toMatchObject({ version: 1, document: { text: clear } });
    expect(await write(store, 1)).toBe(2);
  });

  it('waits while it is away, and goes on with the token that it had when it is back', async () => {
    const direct = open({ url: vault.url });
    const store = open();
    await write(store, 0);
    await direct.check();
    await vault.kill9();
    for (const failure of await failures(direct))
      expect(failure).toMatchObject({ ...waits, message: expect.stringMatching(/cannot be reached/) });
    await vault.run();
    expect(await direct.read(ref)).toMatchObject({ version: 1 });
    expect(await write(store, 1)).toBe(2);
    expect(logins()).toBe(1);
  });

  it('waits when it does not answer in time', async () => {
    const store = open({ timeoutMs: 300 });
    await write(store, 0);
    proxy.mood = 'stalls';
    for (const failure of await failures(store))
      expect(failure).toMatchObject({ ...waits, message: expect.stringMatching(/does not answer in time/) });
    proxy.mood = 'passes';
    expect(await write(store, 1)).toBe(2);
  });

  it('a write whose answer was lost is there, and can be told as one’s own', async () => {
    const store = open({ timeoutMs: 300 });
    await write(store, 0);
    proxy.mood = 'loses answers';
    await expect(write(store, 1)).rejects.toMatchObject(waits);
    proxy.mood = 'passes';
    expect(await store.read(ref)).toMatchObject({ version: 2, metadata });
    await expect(write(store, 1)).rejects.toMatchObject({ code: 'secret-conflict', details: { foundVersion: 2 } });
  });

  it('logs in once more when its token was revoked, once for all who ask', async () => {
    const store = open();
    await write(store, 0);
    await access.revokeTokens();
    const reads = await Promise.all(Array.from({ length: 6 }, async () => store.read(ref)));
    expect(reads.map((read) => read?.version)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(logins()).toBe(2);
  });

  describe('with tokens that live for four seconds', () => {
    beforeEach(async () => {
      await vault.ask('POST', 'auth/approle/role/berth', { token_ttl: '4s' });
    });
    afterEach(async () => {
      await vault.ask('POST', 'auth/approle/role/berth', { token_ttl: '20m', token_max_ttl: '0' });
    });

    it('renews its token while nobody asks', async () => {
      const store = open();
      await write(store, 0);
      await until(() => proxy.granted('auth/token/renew-self') === 3);
      expect(await store.read(ref)).toMatchObject({ version: 1 });
      expect(logins()).toBe(1);
    });

    it('acquires a new one when no renewal prolongs it any more', async () => {
      await vault.ask('POST', 'auth/approle/role/berth', { token_max_ttl: '6s' });
      const store = open();
      await write(store, 0);
      await until(() => logins() === 2);
      expect(await store.read(ref)).toMatchObject({ version: 1 });
      expect(proxy.seen.filter(({ status }) => status === 403)).toEqual([]);
    });

    it('acquires a new one after it ran out while Vault was away', async () => {
      const store = open({ timeoutMs: 200 });
      await write(store, 0);
      proxy.mood = 'stalls';
      const before = proxy.seen.length;
      const ranOut = performance.now() + 4_500;
      await until(() => proxy.seen.length > before && performance.now() > ranOut);
      proxy.mood = 'passes';
      expect(await store.read(ref)).toMatchObject({ version: 1 });
      expect(logins()).toBeGreaterThan(1);
    });
  });

  it('stops when it may not, naming what; and goes on when it may again', async () => {
    const store = open();
    await write(store, 0);
    await access.setPolicy('path "secret/data/tenants/*" { capabilities = ["read"] }');
    await expect(write(store, 1)).rejects.toMatchObject({
      ...stops,
      message: 'Vault refuses POST secret/data/tenants/acme/db: permission denied.',
      hint: expect.stringContaining('infra/vault/berth.hcl'),
    });
    await access.setPolicy(
      `path "secret/data/tenants/*" { capabilities = ["read", "create"] }
       path "secret/metadata/tenants/*" { capabilities = ["create", "update", "read", "list", "delete"] }
       path "sys/capabilities-self" { capabilities = ["update"] }`,
    );
    await expect(store.check()).rejects.toMatchObject({
      ...stops,
      message: 'Vault does not let Berth update, delete at secret/data/tenants/berth-check/db.',
    });
    await access.setPolicy();
    await store.check();
    expect(await write(store, 1)).toBe(2);
  });

  it('stops when its secret id is refused, and takes a new one from the file', async () => {
    const store = open();
    await write(store, 0);
    await access.revokeTokens();
    await writeFile(access.secretIdFile, 'a-wrong-secret-id');
    for (const failure of await failures(store))
      expect(failure).toMatchObject({ ...stops, message: expect.stringMatching(/^Vault refuses Berth’s login/) });
    await access.renewSecretId();
    expect(await store.read(ref)).toMatchObject({ version: 1 });
  });

  it('stops when there is no file with its credential, and names it', async () => {
    const secretIdFile = `${access.secretIdFile}-of-nobody`;
    await expect(open({ login: { ...approle(), secretIdFile } }).check()).rejects.toMatchObject({
      ...stops,
      message: `Berth’s credential for Vault, ${secretIdFile}, cannot be read: ENOENT.`,
    });
  });

  it('takes a token from a file, and a new one from there when the first ends', async () => {
    const tokenFile = `${access.secretIdFile}-token`;
    const renewFile = async () => {
      const token = await access.tokenWith('berth', { ttl: '10m' });
      await writeFile(tokenFile, `${token}\n`);
      return token;
    };
    const first = await renewFile();
    const store = open({ login: { method: 'token', tokenFile } });
    await write(store, 0);
    await vault.ask('POST', 'auth/token/revoke', { token: first });
    expect(await failures(store)).toEqual(Array<unknown>(5).fill(expect.objectContaining(stops)));
    await renewFile();
    expect(await store.read(ref)).toMatchObject({ version: 1 });
  });
});
