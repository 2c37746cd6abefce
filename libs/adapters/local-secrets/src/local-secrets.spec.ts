import { chmod, copyFile, mkdtemp, readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { SecretRef } from '@berth/domain';
import { describeSecretStoreContract } from '@berth/testing';
import { LocalSecrets } from './local-secrets.js';

interface Note {
  readonly text: string;
}

const ref = 'tenants/acme/db' as SecretRef<Note>;
const clear = 'the-clear-text-of-a-password';

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}

describeSecretStoreContract('in local files', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'berth-secrets-'));
  const [store, other] = await Promise.all([LocalSecrets.open({ folder }), LocalSecrets.open({ folder })]);
  return { store, other, close: async () => rm(folder, { recursive: true, force: true }) };
});

describe('LocalSecrets', () => {
  let folder: string;
  let store: LocalSecrets;
  const write = async (text: string, expectedVersion: number): Promise<number> =>
    store.write(ref, { text }, { expectedVersion, metadata: { tenantId: 'acme' } });
  const fileOfVersion = async (version: number): Promise<string> =>
    (await filesBelow(folder)).find((file) => file.endsWith(`/${String(version)}.json`))!;

  beforeEach(async () => {
    folder = path.join(await mkdtemp(path.join(tmpdir(), 'berth-secrets-')), 'secrets');
    store = await LocalSecrets.open({ folder });
  });
  afterEach(async () => {
    await rm(path.dirname(folder), { recursive: true, force: true });
  });

  it('makes a folder of mode 0700 and files of mode 0600, whatever the umask', async () => {
    await write('x', 0);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    const files = await filesBelow(folder);
    expect(files.length).toBeGreaterThanOrEqual(2);
    for (const file of files) expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('writes no clear text to any file', async () => {
    await write(clear, 0);
    for (const file of await filesBelow(folder)) expect(await readFile(file, 'utf8')).not.toContain(clear);
  });

  it.each([0o640, 0o604, 0o660])('refuses a key file of mode %o, with the command to type', async (mode) => {
    await chmod(path.join(folder, 'key'), mode);
    const fault = { code: 'secrets-unsafe', hint: `Type: chmod 600 ${path.join(folder, 'key')}` };
    await expect(LocalSecrets.open({ folder })).rejects.toMatchObject(fault);
    await expect(store.check()).rejects.toMatchObject(fault);
  });

  it.each([0o750, 0o705])('refuses a folder of mode %o, with the command to type', async (mode) => {
    await chmod(folder, mode);
    const fault = { code: 'secrets-unsafe', hint: `Type: chmod 700 ${folder}` };
    await expect(LocalSecrets.open({ folder })).rejects.toMatchObject(fault);
    await expect(store.check()).rejects.toMatchObject(fault);
  });

  it('refuses to make a new key beside old secrets', async () => {
    await write(clear, 0);
    await rm(path.join(folder, 'key'));
    await expect(LocalSecrets.open({ folder })).rejects.toMatchObject({
      code: 'secrets-unavailable',
      retry: 'operator',
    });
    await expect(store.check()).rejects.toMatchObject({ code: 'secrets-unavailable', retry: 'operator' });
  });

  it('says so when the key is another one', async () => {
    await write(clear, 0);
    await writeFile(path.join(folder, 'key'), Buffer.alloc(32, 7).toString('base64'));
    const reopened = await LocalSecrets.open({ folder });
    await expect(reopened.read(ref)).rejects.toMatchObject({
      code: 'secret-corrupt',
      message: expect.stringContaining('key'),
    });
    await expect(store.check()).rejects.toMatchObject({ code: 'secrets-unavailable' });
  });

  it('keeps its key elsewhere when told so', async () => {
    const keyFile = path.join(path.dirname(folder), 'the.key');
    const apart = path.join(path.dirname(folder), 'apart');
    const other = await LocalSecrets.open({ folder: apart, keyFile });
    await other.write(ref, { text: clear }, { expectedVersion: 0, metadata: {} });
    expect(await readdir(apart)).not.toContain('key');
    expect((await (await LocalSecrets.open({ folder: apart, keyFile })).read(ref))?.document.text).toBe(clear);
  });

  describe('with a damaged file', () => {
    const expectCorrupt = async (): Promise<void> => {
      const error = await store.read(ref).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'secret-corrupt', message: expect.stringContaining(ref) });
      const said = JSON.stringify([(error as Error).message, error, (error as Error).stack]);
      expect(said).not.toContain(clear);
    };

    it.each([0, 1, 40, 200])('says so for one cut to %i bytes', async (length) => {
      await write(clear, 0);
      await truncate(await fileOfVersion(1), length);
      await expectCorrupt();
    });

    it('says so for a changed ciphertext, and for changed metadata', async () => {
      await write(clear, 0);
      const file = await fileOfVersion(1);
      const good = await readFile(file, 'utf8');
      const sealed = JSON.parse(good) as { data: string };
      const data = Buffer.from(sealed.data, 'base64');
      data[3] = data[3]! ^ 1;
      for (const bad of [
        JSON.stringify({ ...sealed, data: data.toString('base64') }),
        JSON.stringify({ ...sealed, metadata: { tenantId: 'other' } }),
        JSON.stringify({ ...sealed, createdAt: '2020-01-01T00:00:00.000Z' }),
        JSON.stringify({ ...sealed, tag: 'AAAA' }),
        'null',
        '{"format":1}',
      ]) {
        await writeFile(file, bad);
        await expectCorrupt();
      }
      await writeFile(file, good);
      expect((await store.read(ref))?.document.text).toBe(clear);
    });

    it('sees an old version put in the place of a new one, also with its number changed', async () => {
      await write(clear, 0);
      await write('new', 1);
      await copyFile(await fileOfVersion(1), await fileOfVersion(2));
      await expectCorrupt();
      const old = JSON.parse(await readFile(await fileOfVersion(1), 'utf8')) as object;
      await writeFile(await fileOfVersion(2), JSON.stringify({ ...old, version: 2 }));
      await expectCorrupt();
    });

    it('sees the file of one tenant put in the place of another', async () => {
      const other = 'tenants/globex/db' as SecretRef<Note>;
      await write(clear, 0);
      const ours = await fileOfVersion(1);
      const sealed = JSON.parse(await readFile(ours, 'utf8')) as object;
      await store.write(other, { text: 'theirs' }, { expectedVersion: 0, metadata: {} });
      const theirs = (await filesBelow(folder)).find((file) => file.includes('globex'))!;
      await writeFile(theirs, JSON.stringify({ ...sealed, ref: other }));
      await expect(store.read(other)).rejects.toMatchObject({ code: 'secret-corrupt' });
    });

    it('still takes the next version', async () => {
      await write(clear, 0);
      await truncate(await fileOfVersion(1), 5);
      expect(await write('again', 1)).toBe(2);
      expect((await store.read(ref))?.document.text).toBe('again');
    });
  });

  it('shows metadata without the key’s help', async () => {
    await write(clear, 0);
    const sealed = JSON.parse(await readFile(await fileOfVersion(1), 'utf8')) as { metadata: object };
    expect(sealed.metadata).toEqual({ tenantId: 'acme' });
  });

  it('sweeps what killed processes left, and nothing that is young', async () => {
    await writeFile(path.join(folder, 'trash', 'destroyed'), 'x');
    await writeFile(path.join(folder, 'tmp', 'young'), 'x');
    await store.check();
    expect(await readdir(path.join(folder, 'trash'))).toEqual([]);
    expect(await readdir(path.join(folder, 'tmp'))).toEqual(['young']);
  });

  it('tells why its folder cannot be used', async () => {
    await rm(folder, { recursive: true });
    await expect(write(clear, 0)).rejects.toMatchObject({ code: 'secrets-unavailable', retry: 'backoff' });
    const file = path.join(path.dirname(folder), 'file');
    await writeFile(file, 'no folder');
    await expect(LocalSecrets.open({ folder: file })).rejects.toMatchObject({ code: 'secrets-unavailable' });
  });
});
