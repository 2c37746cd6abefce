import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { mountedSecrets } from './mounted-secrets.js';

const signal = new AbortController().signal;
const fields = {
  ...{ host: 'db.internal', port: '5432', database: 'tenants', schema: 'tenant_acme', username: 'tenant_acme__a' },
  ...{ password: 'p w', sslmode: 'verify-full', generation: '3', url: 'postgresql://x', _raw: '{}' },
};

describe('mounted secrets', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'berth-mounted-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const write = async (where: string, values: Readonly<Record<string, string>>) => {
    await mkdir(where, { recursive: true });
    await Promise.all(Object.entries(values).map(([name, text]) => writeFile(path.join(where, name), `${text}\n`)));
  };

  it('are read field by field, numbers as numbers, and nothing else of the folder', async () => {
    await write(path.join(folder, 'acme'), fields);
    const { _raw, ...wanted } = fields;
    const secret = await mountedSecrets(folder).read('acme', { signal });
    expect(secret).toEqual({ ...wanted, port: 5432, generation: 3 });
    expect(await mountedSecrets(folder).read('bolt', { signal })).toBeNull();
    const named = mountedSecrets(folder, { folderOf: () => 'acme' });
    expect(await named.read('bolt', { signal })).toEqual(secret);
  });

  it('are never a mixture of two versions, however often Kubernetes exchanges them', async () => {
    const tenant = path.join(folder, 'acme');
    const version = async (number: number) => {
      const name = `..version-${String(number)}`;
      await write(path.join(tenant, name), { ...fields, generation: String(number), password: `p${String(number)}` });
      await symlink(name, path.join(tenant, '..next'));
      await rename(path.join(tenant, '..next'), path.join(tenant, '..data'));
      if (number > 1) await rm(path.join(tenant, `..version-${String(number - 1)}`), { recursive: true });
    };
    await version(1);
    const source = mountedSecrets(folder);
    let done = false;
    const exchanging = (async () => {
      for (let number = 2; number <= 40; number += 1) await version(number);
      done = true;
    })();
    let newest = 0;
    while (!done) {
      const secret = await source.read('acme', { signal });
      expect(secret?.password).toBe(`p${String(secret?.generation)}`);
      newest = secret?.generation ?? 0;
    }
    await exchanging;
    expect(newest).toBeGreaterThan(1);
  });

  it('that are incomplete are refused by the names of the fields, without a value', async () => {
    const { host: _host, ...rest } = fields;
    await write(path.join(folder, 'acme'), { ...rest, port: 'secret-port' });
    const failure = mountedSecrets(folder).read('acme', { signal });
    await expect(failure).rejects.toThrow('it has no usable host, port');
    await expect(failure).rejects.not.toThrow(/secret-port/);
  });
});
