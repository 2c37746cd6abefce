import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findTerraform } from './find-terraform.js';

describe('findTerraform', () => {
  let folder: string;
  const program = async (name: string, version: string, before = ''): Promise<string> => {
    const file = path.join(folder, name);
    await writeFile(file, `#!/bin/sh\nprintf '%s' '${before}{ "terraform_version": "${version}" }'\n`);
    await chmod(file, 0o755);
    return file;
  };
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'berth-find-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('finds nothing where nothing is', async () => {
    expect(await findTerraform({ path: folder })).toBeNull();
    expect(await findTerraform({})).toBeNull();
    expect(await findTerraform({ explicit: path.join(folder, 'terraform'), path: process.env['PATH'] })).toBeNull();
  });

  it('takes OpenTofu where it is alone, and Terraform where both are', async () => {
    const tofu = await program('tofu', '1.8.2');
    expect(await findTerraform({ path: folder })).toEqual({ program: tofu, kind: 'tofu', version: '1.8.2' });
    const terraform = await program('terraform', '1.11.4', 'There are some problems with the CLI configuration:\n');
    expect(await findTerraform({ path: folder })).toEqual({ program: terraform, kind: 'terraform', version: '1.11.4' });
    expect(await findTerraform({ path: folder, explicit: tofu })).toMatchObject({ kind: 'tofu' });
  });

  it.each(['1.3.9', '0.15.5'])('passes over the version %s, which has no terraform_data', async (version) => {
    await program('terraform', version);
    expect(await findTerraform({ path: folder })).toBeNull();
  });

  it('passes over a file that is no program', async () => {
    await writeFile(path.join(folder, 'terraform'), 'text');
    expect(await findTerraform({ path: folder })).toBeNull();
  });
});
