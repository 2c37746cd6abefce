import { constants } from 'node:fs';
import { access, readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { BerthError } from '@berth/domain';
import { installCommand } from './install.js';
import { serverUser } from './run-as.js';
import type { RunAs } from './run-as.js';
import { runProgram } from './run-program.js';

/** All of them must lie in one folder: a client beside another server's version is the usual cause of failing dumps. */
const clientPrograms = ['pg_dump', 'pg_restore', 'psql'] as const;
const serverPrograms = ['initdb', 'postgres', 'pg_ctl', ...clientPrograms] as const;

/** The oldest version that Berth's SQL works on. */
export const oldestMajor = 15;

export interface PostgresPrograms {
  /** Folder of the programs. */
  readonly bin: string;
  /** As the server says it: `15.18`. */
  readonly version: string;
  readonly major: number;
}

export interface ProgramSearch {
  /** The folder that the operator named (BERTH_PG_BIN). When it is given, no other place is looked at. */
  readonly explicit?: string | undefined;
  /** The value of PATH; empty when left out. */
  readonly path?: string | undefined;
  /** Default: 15. */
  readonly minMajor?: number | undefined;
  /** `client`: enough for dumps and restores, where no server is run, as in a container. Default: `server`. */
  readonly purpose?: 'server' | 'client' | undefined;
  /** Where systems put PostgreSQL; for tests. `*` stands for one folder. */
  readonly wellKnown?: readonly string[];
}

export const wellKnownFolders: readonly string[] = [
  '/usr/lib/postgresql/*/bin',
  '/usr/pgsql-*/bin',
  '/usr/local/pgsql/bin',
  '/opt/homebrew/opt/postgresql@*/bin',
  '/usr/local/opt/postgresql@*/bin',
  '/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin',
  '/Applications/Postgres.app/Contents/Versions/*/bin',
];

interface Finding {
  readonly folder: string;
  readonly problem: string;
}

/**
 * The first usable folder: the explicit one alone, else PATH in its order, then the places where systems put PostgreSQL,
 * newest first. Usable: all programs are there, the version is new enough, and the user that servers run as may run them.
 */
export async function findPostgresPrograms(search: ProgramSearch = {}): Promise<PostgresPrograms> {
  const found = await examine(search, true);
  const first = found.usable[0];
  if (first !== undefined) return first;
  throw await programsMissing(search, found.refused);
}

/** Every usable folder, one a major version, newest first. Empty when there is none. */
export async function listPostgresPrograms(search: ProgramSearch = {}): Promise<readonly PostgresPrograms[]> {
  const { usable } = await examine(search, false);
  const byMajor = new Map<number, PostgresPrograms>();
  for (const programs of usable) if (!byMajor.has(programs.major)) byMajor.set(programs.major, programs);
  return [...byMajor.values()].sort((left, right) => right.major - left.major);
}

async function examine(
  search: ProgramSearch,
  firstOnly: boolean,
): Promise<{ readonly usable: readonly PostgresPrograms[]; readonly refused: readonly Finding[] }> {
  const runAs = await serverUser();
  const usable: PostgresPrograms[] = [];
  const refused: Finding[] = [];
  for (const folder of await candidateFolders(search)) {
    const result = await examineFolder(folder, search, runAs);
    if ('problem' in result) refused.push(result);
    else usable.push(result);
    if (firstOnly && usable.length > 0) break;
  }
  return { usable, refused };
}

/** Names the folder, and says its version. */
const leadOf = ({ purpose }: ProgramSearch): string => (purpose === 'client' ? 'pg_dump' : 'postgres');

const neededFor = ({ purpose }: ProgramSearch): readonly string[] =>
  purpose === 'client' ? clientPrograms : serverPrograms;

async function examineFolder(folder: string, search: ProgramSearch, runAs: RunAs): Promise<PostgresPrograms | Finding> {
  const minMajor = search.minMajor ?? oldestMajor;
  const lead = leadOf(search);
  const missing = await missingPrograms(folder, neededFor(search));
  if (missing.length > 0) return { folder, problem: `lacks ${missing.join(', ')}` };
  // Run as the server's user, since a folder that only root may enter would fail later and less clearly.
  const { code, stdout, stderr } = await runProgram(path.join(folder, lead), ['--version'], {
    runAs,
    timeoutMs: 10_000,
  });
  const version = /\(PostgreSQL\) (\S+)/.exec(stdout)?.[1];
  if (code !== 0 || version === undefined) {
    return {
      folder,
      problem: `${lead} --version fails as the user ${runAs.name}: ${stderr.trim() || 'no version printed'}`,
    };
  }
  const major = Number.parseInt(version, 10);
  if (major < minMajor) return { folder, problem: `is ${version}, and ${String(minMajor)} or newer is needed` };
  return { bin: folder, version, major };
}

async function missingPrograms(folder: string, needed: readonly string[]): Promise<readonly string[]> {
  const present = await Promise.all(needed.map((program) => isExecutable(path.join(folder, program))));
  return needed.filter((_, index) => present[index] !== true);
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function candidateFolders(search: ProgramSearch): Promise<readonly string[]> {
  if (search.explicit !== undefined && search.explicit !== '') return [path.resolve(search.explicit)];
  const onPath: string[] = [];
  for (const folder of (search.path ?? '').split(path.delimiter).filter((part) => path.isAbsolute(part))) {
    // Often only links to some programs are on PATH: the folder that they point to has them all.
    const target = await realpath(path.join(folder, leadOf(search))).catch(() => undefined);
    if (target !== undefined) onPath.push(path.dirname(target));
  }
  const expanded = await Promise.all(
    (search.wellKnown ?? wellKnownFolders).map((pattern) => expand(pattern, leadOf(search))),
  );
  return [...new Set([...onPath, ...expanded.flat()])];
}

/** The folders that a pattern with one `*` names, newest version first. */
async function expand(pattern: string, lead: string): Promise<readonly string[]> {
  const parts = pattern.split('/');
  const at = parts.findIndex((part) => part.includes('*'));
  const wild = parts[at];
  if (wild === undefined) return (await isExecutable(path.join(pattern, lead))) ? [pattern] : [];
  const parent = parts.slice(0, at).join('/');
  const [before = '', after = ''] = wild.split('*');
  const names = await readdir(parent).catch(() => []);
  return names
    .filter((name) => name.startsWith(before) && name.endsWith(after))
    .sort((left, right) => versionIn(right) - versionIn(left))
    .map((name) => [parent, name, ...parts.slice(at + 1)].join('/'));
}

function versionIn(name: string): number {
  return Number.parseFloat(/\d+(\.\d+)?/.exec(name)?.[0] ?? '0');
}

async function programsMissing(search: ProgramSearch, refused: readonly Finding[]): Promise<BerthError> {
  const places =
    search.explicit !== undefined && search.explicit !== ''
      ? [path.resolve(search.explicit)]
      : ['PATH', ...(search.wellKnown ?? wellKnownFolders)];
  const command = await installCommand();
  const needed = neededFor(search);
  const faults = refused.map(({ folder, problem }) => `${folder} ${problem}`);
  return new BerthError(
    'postgres-programs-missing',
    `No usable PostgreSQL programs (${needed.join(', ')}). ` +
      `Looked in ${places.join(', ')}: ${faults.length > 0 ? faults.join('; ') : 'nothing there'}.`,
    {
      hint: `Install them: ${command}   (or set BERTH_PG_BIN to the folder that has them)`,
      details: { needed, lookedIn: places, refused: faults, installCommand: command },
    },
  );
}
