import { mkdtemp, rm, cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from '@berth/local-postgres';
import { whenAvailable } from '@berth/testing';
import { findTerraform } from './find-terraform.js';

const source = fileURLToPath(new URL('../../../../terraform/modules/tenant-storage-local', import.meta.url));
const found = await findTerraform({ path: process.env['PATH'] });
const part = { name: 'Terraform', missing: found === null ? 'neither terraform nor tofu is on PATH' : undefined };

whenAvailable(part, 'the module tenant-storage-local', () => {
  let folder: string;
  const good = {
    cluster_id: 'dedicated-acme-g1',
    tenant_id: 'acme',
    folder: '/var/lib/berth/acme',
    admin_username: 'berth_admin',
  };
  const terraform = async (...args: readonly string[]): Promise<{ code: number | null; said: string }> => {
    const env = {
      TF_CLI_CONFIG_FILE: '/dev/null',
      TF_DATA_DIR: path.join(folder, '.terraform'),
      CHECKPOINT_DISABLE: '1',
    };
    const { code, stdout, stderr } = await runProgram(found!.program, [`-chdir=${folder}`, ...args], { env });
    return { code, said: stdout + stderr };
  };
  const plan = async (over: Readonly<Record<string, string>> = {}): Promise<{ code: number | null; said: string }> => {
    const variables = Object.entries({ ...good, ...over }).flatMap(([name, value]) => ['-var', `${name}=${value}`]);
    return terraform('plan', '-input=false', '-no-color', '-lock=false', ...variables);
  };

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'berth-module-'));
    await cp(source, folder, { recursive: true });
    // Without any network: there is no provider to be fetched.
    expect(await terraform('init', '-input=false', '-no-color', '-plugin-dir', folder)).toMatchObject({ code: 0 });
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('is formatted', async () => {
    expect(await terraform('fmt', '-check', '-diff', '-recursive')).toEqual({ code: 0, said: '' });
  });

  it('is valid', async () => {
    const { code, said } = await terraform('validate', '-json');
    expect(JSON.parse(said)).toMatchObject({ valid: true, error_count: 0, warning_count: 0 });
    expect(code).toBe(0);
  });

  it('plans two resources', async () => {
    const { code, said } = await plan();
    expect(said).toContain('Plan: 2 to add, 0 to change, 0 to destroy.');
    expect(code).toBe(0);
  });

  it.each([
    ['cluster_id', 'a_b'],
    ['cluster_id', '../x'],
    ['tenant_id', 'A'],
    ['tenant_id', '9ab'],
    ['folder', 'relative'],
    ['folder', '/var/lib/../../etc'],
    ['admin_username', 'postgres'],
    ['admin_username', 'a"; DROP'],
  ])('refuses the %s %j', async (name, value) => {
    const { code, said } = await plan({ [name]: value });
    expect(code).toBe(1);
    expect(said).toContain('Invalid value for variable');
    expect(said).toContain(`var.${name}`);
  });
});
