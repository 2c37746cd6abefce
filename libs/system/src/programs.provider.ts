import { access } from 'node:fs/promises';
import path from 'node:path';
import { BerthError } from '@berth/domain';
import type { Config } from '@berth/config';
import { listPostgresPrograms, type ProgramSearch } from '@berth/local-postgres';

/** Where the configuration says that PostgreSQL's programs are. */
export function programsFor(config: Config): ProgramSearch {
  return { explicit: config.BERTH_PG_BIN, path: config.PATH };
}

/**
 * The folder of the programs for a server of this major version: the oldest that are new enough, since pg_dump refuses servers
 * newer than itself. @throws `postgres-programs-missing`
 */
export async function programsOfMajor(config: Config, major: number): Promise<string> {
  // A server on another machine, or in another container, needs no server's programs here.
  const installed = await listPostgresPrograms({ ...programsFor(config), purpose: 'client' });
  const fitting = installed.filter((programs) => programs.major >= major).sort((one, other) => one.major - other.major);
  const [best] = fitting;
  if (best !== undefined) return best.bin;
  const found = installed.map((programs) => programs.version).join(', ');
  throw new BerthError(
    'postgres-programs-missing',
    `A server of PostgreSQL ${String(major)} needs client programs of that version.`,
    {
      hint: `Found: ${found === '' ? 'none' : found}. Install PostgreSQL ${String(major)} beside them, or name its folder in BERTH_PG_BIN.`,
    },
  );
}

/**
 * {@link programsOfMajor}, found once a process and version: the search runs several programs, and a move asks for the folder at
 * each of its dumps, restores and looks. What was taken away since is looked for again.
 */
export function rememberedPrograms(config: Config): (major: number) => Promise<string> {
  const found = new Map<number, string>();
  return async (major) => {
    const known = found.get(major);
    if (known !== undefined && (await isThere(path.join(known, 'pg_dump')))) return known;
    const bin = await programsOfMajor(config, major);
    found.set(major, bin);
    return bin;
  };
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
