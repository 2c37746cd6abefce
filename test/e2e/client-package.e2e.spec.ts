import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { ClientTenants, laterNodesPart, whenAvailable } from '@berth/testing';

const run = promisify(execFile);
const root = path.join(import.meta.dirname, '../..');

const product = `
import { createTenants, TenantError, type PlacementSource } from '@berth/client';

const secret = JSON.parse(process.argv[2] ?? '');
const placement: PlacementSource = { read: async () => secret };
const tenants = createTenants({ placement, name: 'packed' });
const { rows } = await tenants.query<{ name: string }>('acme', 'SELECT name FROM item WHERE id = $1', [1]);
const failure: unknown = await tenants.query('not an id', 'SELECT 1').catch((error: unknown) => error);
await tenants.close();
console.log(JSON.stringify({ name: rows[0]?.name, code: failure instanceof TenantError ? failure.code : null }));
`;

describe('the package that is published', () => {
  let folder: string;
  let packed: string;
  let here: ClientTenants;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'berth-package-'));
    packed = path.join(folder, 'node_modules/@berth/client');
    await mkdir(packed, { recursive: true });
    const args = ['pack', '--pack-destination', folder, '--silent'];
    const { stdout } = await run('npm', args, { cwd: path.join(root, 'libs/client') });
    const tarball = path.join(folder, stdout.trim().split('\n').at(-1) ?? '');
    await run('tar', ['-xzf', tarball, '-C', packed, '--strip-components', '1']);
    here = await ClientTenants.start();
    await here.add('acme');
  });
  afterAll(async () => {
    await here?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const give = async (...names: readonly string[]) => {
    for (const name of names) {
      const link = path.join(folder, 'node_modules', name);
      await mkdir(path.dirname(link), { recursive: true });
      await symlink(path.join(root, 'node_modules', name), link);
    }
  };

  const worksOn = async (node: string) => {
    const { stdout } = await run(node, ['product.js', JSON.stringify(here.secrets.get('acme'))], { cwd: folder });
    expect(JSON.parse(stdout)).toEqual({ name: 'acme', code: 'invalid-tenant-id' });
  };
  const importsNest = async (node: string) => {
    const names = `const m = await import('@berth/client/nestjs'); console.log(Object.keys(m).sort().join())`;
    return (await run(node, ['--input-type=module', '--eval', names], { cwd: folder })).stdout.trim();
  };

  it('holds no test, and asks for nothing of Berth’s', async () => {
    const files = await readdir(packed, { recursive: true });
    expect(files.filter((file) => /\.spec\.|recipes/.test(file))).toEqual([]);
    expect(files).toEqual(expect.arrayContaining(['README.md', 'dist/index.js', 'types/index.d.ts', 'src/index.ts']));
    const { dependencies = {} } = JSON.parse(await readFile(path.join(packed, 'package.json'), 'utf8')) as {
      dependencies?: object;
    };
    expect(dependencies).toEqual({});
    for (const file of files.filter((name) => /\.(js|d\.ts)$/.test(name))) {
      expect([file, await readFile(path.join(packed, file), 'utf8')]).toEqual([
        file,
        expect.not.stringMatching(/['"]@berth\//),
      ]);
    }
  });

  it('compiles and works in a product of its own, beside pg alone; the part for Nest beside Nest', async () => {
    await give('pg', '@types/pg', '@types/node', 'undici-types', 'pg-types', 'pg-protocol');
    await writeFile(path.join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
    await writeFile(path.join(folder, 'product.ts'), product);
    const compiler = path.join(root, 'node_modules/typescript/bin/tsc');
    const strict = ['--strict', '--exactOptionalPropertyTypes', '--module', 'nodenext', '--target', 'es2022'];
    await run(process.execPath, [compiler, ...strict, '--types', 'node', 'product.ts'], { cwd: folder });
    await worksOn(process.execPath);
    await expect(importsNest(process.execPath)).rejects.toThrow(/@nestjs\/common/);
    await give('@nestjs/common', '@nestjs/core', 'rxjs', 'reflect-metadata');
    expect(await importsNest(process.execPath)).toBe('Tenant,Tenants,TenantsModule');
  });

  // What the test before has compiled.
  whenAvailable(laterNodesPart, 'on later versions of Node', () => {
    it.each(laterNodesPart.programs)('works with %s, the part for Nest too', async (node) => {
      await worksOn(node);
      expect(await importsNest(node)).toBe('Tenant,Tenants,TenantsModule');
    });
  });
});
