import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';
import type { CliEnvironment } from '@berth/config';
import { CommandFault, exitCodes } from '../exit-codes.js';
import type { HomeRecord } from './home.js';

type Choice = HomeRecord['infrastructure'];

/**
 * Who makes dedicated instances: what the operator says, else what this system began with (its instances are known to that
 * one), else Terraform where it is installed.
 */
export async function chooseInfrastructure(environment: CliEnvironment, before: Choice | undefined): Promise<Choice> {
  const said = environment.infrastructure;
  if (said === 'local' || said === 'terraform') return said;
  if (said !== undefined) throw new CommandFault(exitCodes.usage, 'BERTH_INFRASTRUCTURE must be local or terraform.');
  return before ?? ((await hasTerraform(environment)) ? 'terraform' : 'local');
}

async function hasTerraform({ terraformBin, path: searchPath }: CliEnvironment): Promise<boolean> {
  if (terraformBin !== undefined) return isExecutable(terraformBin);
  for (const folder of (searchPath ?? '').split(path.delimiter).filter((part) => path.isAbsolute(part)))
    for (const name of ['terraform', 'tofu']) if (await isExecutable(path.join(folder, name))) return true;
  return false;
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
