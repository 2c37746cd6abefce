import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from '@cdktf/hcl2json';
import { runProgram } from '@berth/local-postgres';

/** A module's `.tf` files as Terraform itself parses them; every body of a block is an array, expressions are `${…}`. */
export interface TerraformFiles {
  readonly resource: Readonly<Record<string, Readonly<Record<string, readonly TerraformBody[]>>>>;
  readonly variable: Readonly<Record<string, readonly TerraformBody[]>>;
  readonly output: Readonly<Record<string, readonly TerraformBody[]>>;
}
export type TerraformBody = Readonly<Record<string, unknown>>;

export async function parseTerraform(folder: string): Promise<TerraformFiles> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.tf')).sort();
  const parsed = await Promise.all(
    files.map(async (file) => (await parse(file, await readFile(path.join(folder, file), 'utf8'))) as TerraformFiles),
  );
  const resource: Record<string, Readonly<Record<string, readonly TerraformBody[]>>> = {};
  for (const { resource: found = {} } of parsed) {
    for (const [type, named] of Object.entries(found)) resource[type] = { ...resource[type], ...named };
  }
  const merged = (kind: 'output' | 'variable') => Object.assign({}, ...parsed.map((one) => one[kind])) as never;
  return { resource, variable: merged('variable'), output: merged('output') };
}

export interface TerraformFolder {
  readonly folder: string;
  /** Runs Terraform there without the network; what it said on both streams. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<{ code: number | null; said: string }>;
  remove(): Promise<void>;
}

/** A folder of its own with copies of modules, side by side as they lie in the repository, and a root of the test's. */
export async function terraformFolder(
  program: string,
  copies: Readonly<Record<string, string>>,
  root: object = {},
): Promise<TerraformFolder> {
  const folder = await mkdtemp(path.join(tmpdir(), 'berth-terraform-'));
  for (const [target, source] of Object.entries(copies)) {
    await cp(source, path.join(folder, target), { recursive: true });
  }
  await writeFile(path.join(folder, 'root.tf.json'), JSON.stringify(root));
  const run: TerraformFolder['run'] = async (args, env = {}) => {
    const { code, stdout, stderr } = await runProgram(program, [`-chdir=${folder}`, ...args], {
      env: { TF_CLI_CONFIG_FILE: '/dev/null', CHECKPOINT_DISABLE: '1', ...env },
      timeoutMs: 60_000,
    });
    return { code, said: stdout + stderr };
  };
  const started = await run(['init', '-input=false', '-no-color', '-plugin-dir', folder]);
  if (started.code !== 0) throw new Error(started.said);
  return { folder, run, remove: async () => rm(folder, { recursive: true, force: true }) };
}
