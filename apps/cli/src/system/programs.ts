import { fileURLToPath } from 'node:url';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { BerthError } from '@berth/domain';
import { findPostgresPrograms, installPostgresPrograms, type PostgresPrograms } from '@berth/local-postgres';
import { CommandFault, exitCodes } from '../exit-codes.js';
import { logFile } from './logs.js';
import type { Home } from './home.js';
import type { ProgramName } from './state.js';
import type { Tell } from './progress.js';

/** From here, in src as in dist, to the project. */
export const projectFolder = fileURLToPath(new URL('../../../../', import.meta.url));

export const programScripts: Readonly<Record<ProgramName, string>> = {
  api: path.join(projectFolder, 'apps/api/dist/main.js'),
  worker: path.join(projectFolder, 'apps/worker/dist/main.js'),
};

export const version = (
  JSON.parse(readFileSync(path.join(projectFolder, 'package.json'), 'utf8')) as { readonly version: string }
).version;

/** Finds PostgreSQL's programs, or installs them where that may be done for the user. */
export async function postgresPrograms(
  home: Home,
  search: { readonly explicit: string | undefined; readonly path: string | undefined },
  tell: Tell,
): Promise<PostgresPrograms> {
  try {
    return await findPostgresPrograms(search);
  } catch (error) {
    if (!(error instanceof BerthError) || error.code !== 'postgres-programs-missing' || search.explicit !== undefined)
      throw error;
    const progress = (text: string): void => {
      tell({ kind: 'note', text });
    };
    const result = await installPostgresPrograms({ log: logFile(home, 'install'), progress });
    if (result.installed) return findPostgresPrograms(search);
    throw new CommandFault(
      exitCodes.unhealthy,
      'The PostgreSQL programs are missing on this machine.',
      `Type: ${result.command}   (or set BERTH_PG_BIN to the folder that has them), then berth up again`,
      error.code,
    );
  }
}
