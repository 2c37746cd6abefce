import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { runProgram } from '@berth/local-postgres';

/** Terraform first: where both are installed, it is the one whose state format never runs ahead of the other's. */
const names = ['terraform', 'tofu'] as const;
/** `terraform_data` came with it. OpenTofu began later. */
const oldestMinor = 4;

export interface TerraformProgram {
  readonly program: string;
  readonly kind: (typeof names)[number];
  readonly version: string;
}

export interface TerraformSearch {
  /** The program that the operator named. When it is given, no other is looked for. */
  readonly explicit?: string | undefined;
  /** The value of PATH. */
  readonly path?: string | undefined;
}

/** The Terraform or OpenTofu of this machine; null when there is none that is new enough. */
export async function findTerraform(search: TerraformSearch): Promise<TerraformProgram | null> {
  const { explicit } = search;
  const folders = (search.path ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const candidates =
    explicit !== undefined && explicit !== ''
      ? [path.resolve(explicit)]
      : names.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  for (const program of candidates) {
    const found = await examine(program);
    if (found !== null) return found;
  }
  return null;
}

async function examine(program: string): Promise<TerraformProgram | null> {
  const usable = await access(program, constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!usable) return null;
  const { code, stdout } = await runProgram(program, ['version', '-json'], {
    env: { CHECKPOINT_DISABLE: '1', TF_CLI_CONFIG_FILE: '/dev/null' },
    timeoutMs: 20_000,
  });
  // A warning about its configuration may stand before the JSON.
  const version = /"terraform_version":\s*"(\d+\.\d+\.\d+[^"]*)"/.exec(stdout)?.[1];
  if (code !== 0 || version === undefined) return null;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < 1 || (major === 1 && minor < oldestMinor)) return null;
  return { program, kind: path.basename(program).includes('tofu') ? 'tofu' : 'terraform', version };
}
