import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { SecretRef } from '@berth/domain';
import { runChildScript, TestVault, VaultAccess, vaultPart, VaultProxy, whenAvailable } from '@berth/testing';
import { VaultSecrets, type VaultSecretsOptions } from './vault-secrets.js';

const ref = 'tenants/acme/db' as SecretRef<{ readonly text: string }>;
const opensslPart = {
  name: 'OpenSSL',
  missing: spawnSync('openssl', ['version']).status === 0 ? undefined : 'no openssl on PATH',
};

/** Reads and writes once, with everything that the library would print switched on, and a foreign token at hand. */
const chatty = `
  import { VaultSecrets } from '@berth/vault';
  const { options, text } = JSON.parse(process.argv[1]);
  const store = new VaultSecrets(options);
  await store.write('tenants/acme/db', { text }, { expectedVersion: 0, metadata: {} });
  console.log((await store.read('tenants/acme/db')).document.text === text ? 'read it' : 'lost it');
`;

whenAvailable([vaultPart, opensslPart], 'the way to Vault', () => {
  let vault: TestVault;
  let access: VaultAccess;
  let folder: string;
  beforeAll(async () => {
    vault = await TestVault.start();
    access = await VaultAccess.setUp(vault);
    folder = await mkdtemp(path.join(tmpdir(), 'berth-vault-tls-'));
  });
  afterAll(async () => {
    await access.close();
    await vault.stop();
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(async () => {
    await vault.try('DELETE', `secret/metadata/${ref}`);
  });

  const options = (url: string, more: Partial<VaultSecretsOptions> = {}): VaultSecretsOptions => ({
    ...{ url, timeoutMs: 5_000, mount: 'secret', prefix: '' },
    login: { method: 'approle', mount: 'approle', roleId: access.roleId, secretIdFile: access.secretIdFile },
    ...more,
  });

  /** A certificate that vouches for itself, for 127.0.0.1. */
  const certificate = async (name: string) => {
    const [key, cert] = [path.join(folder, `${name}.key`), path.join(folder, `${name}.pem`)];
    const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'];
    const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    const { status } = spawnSync('openssl', ['req', '-x509', ...made, ...subject, '-keyout', key, '-out', cert]);
    if (status !== 0) throw new Error('openssl made no certificate');
    return { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
  };

  it('trusts the authority that it was told, and no other', async () => {
    const [ours, other] = [await certificate('ours'), await certificate('other')];
    const proxy = await VaultProxy.before(vault, ours);
    await new VaultSecrets(options(proxy.url, { ca: ours.cert })).check();
    for (const ca of [other.cert, undefined]) {
      const store = new VaultSecrets(options(proxy.url, ca === undefined ? {} : { ca }));
      await expect(store.check()).rejects.toMatchObject({
        code: 'secrets-unavailable',
        retry: 'operator',
        message: expect.stringMatching(/is not trusted/),
        hint: expect.stringContaining('BERTH_VAULT_CA_FILE'),
      });
    }
    await proxy.close();
  });

  it('names the namespace in every request, at the login too', async () => {
    const proxy = await VaultProxy.before(vault);
    await new VaultSecrets(options(proxy.url, { namespace: 'team/a' })).read(ref);
    expect(proxy.seen.map(({ path, namespace }) => [path, namespace])).toEqual([
      ['auth/approle/login', 'team/a'],
      ['sys/internal/ui/mounts/secret', 'team/a'],
      ['secret/data/tenants/acme/db', 'team/a'],
    ]);
    await proxy.close();
  });

  it('prints nothing of what passes, and takes nothing from the environment, whatever that says', async () => {
    const text = 'the-clear-text-of-a-password';
    const environment = {
      ...{ DEBUG: '*', VAULT_TOKEN: 'foreign', VAULT_ADDR: 'http://127.0.0.1:1', VAULT_NAMESPACE: 'foreign' },
      ...{ VAULT_PREFIX: '/foreign', VAULT_SKIP_VERIFY: '1' },
    };
    const child = runChildScript(chatty, { options: options(vault.url), text }, environment);
    expect(await child.ended).toEqual({ code: 0, signal: null });
    expect(child.lines).toEqual(['read it']);
    const secretId = (await readFile(access.secretIdFile, 'utf8')).trim();
    for (const secret of [text, secretId, 'hvs.']) expect(child.stderr()).not.toContain(secret);
  });

  /** Not Vault: it answers the one login that this Vault lacks, and hands out a token of the real one. */
  const kubernetes = async (token: string, asked: unknown[]): Promise<{ url: string; server: Server }> => {
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString()));
      request.on('end', () => {
        asked.push([request.method, request.url, JSON.parse(body)]);
        response.end(JSON.stringify({ auth: { client_token: token, lease_duration: 600, renewable: true } }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, server };
  };

  it('logs in as a service account of Kubernetes, as Vault’s API describes it', async () => {
    const asked: unknown[] = [];
    const { url, server } = await kubernetes(await access.tokenWith('berth'), asked);
    const proxy = await VaultProxy.before({ url: vault.url }, undefined, { '/v1/auth/k8s-eu/login': url });
    const jwtFile = path.join(folder, 'jwt');
    await writeFile(jwtFile, 'header.claims.signature\n');
    const login = { method: 'kubernetes', mount: 'k8s-eu', role: 'berth', jwtFile } as const;
    const store = new VaultSecrets(options(proxy.url, { login }));
    expect(await store.write(ref, { text: 'x' }, { expectedVersion: 0, metadata: {} })).toBe(1);
    expect(asked).toEqual([['POST', '/v1/auth/k8s-eu/login', { role: 'berth', jwt: 'header.claims.signature' }]]);
    await proxy.close();
    await new Promise((resolve) => server.close(resolve));
  });
});
