import { randomUUID } from 'node:crypto';
import { appendFile, chown, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { BerthError } from '@berth/domain';
import type { PostgresPrograms } from './programs.js';
import type { RunAs } from './run-as.js';
import { runProgram } from './run-program.js';
import { dataState, isErrno } from './server-files.js';
import type { ServerFiles } from './server-files.js';
import { accessText, identityText, settingsFile, superuser } from './server-settings.js';

const initdbTimeoutMs = 120_000;

export interface NewData {
  readonly files: ServerFiles;
  readonly programs: PostgresPrograms;
  readonly runAs: RunAs;
  /** False for tests only: no checksums, and the new files are not forced to the disk. Half the time. */
  readonly durable: boolean;
}

/**
 * Makes the data folder unless it is there. It is made under another name and renamed when whole, so a data folder that has
 * its name is whole, whenever a crash came; of two creators at once one rename wins, and the other's work is thrown away.
 */
export async function ensureDataFolder(input: NewData): Promise<'created' | 'present'> {
  const { files } = input;
  await removeAbandoned(files);
  const state = await dataState(files);
  if (state === 'whole') return 'present';
  if (state === 'damaged') {
    throw new BerthError(
      'local-server-failed',
      `${files.data} holds something, but not a whole PostgreSQL data folder`,
      {
        hint: `If nothing in it is needed, remove it and try again: rm -r ${files.data}`,
      },
    );
  }
  const making = path.join(files.folder, `data.making-${String(process.pid)}-${randomUUID()}`);
  try {
    await initialise(making, input);
    await rename(making, files.data);
    if (input.durable) await syncFolder(files.folder);
    return 'created';
  } catch (error) {
    await rm(making, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    if (isErrno(error, 'ENOTEMPTY') || isErrno(error, 'EEXIST')) return 'present';
    throw error;
  }
}

async function initialise(making: string, { programs, runAs, durable }: NewData): Promise<void> {
  const locale = process.platform === 'linux' ? 'C.UTF-8' : 'C'; // The one UTF-8 locale that every Linux has; macOS lacks it.
  // Without TZ initdb compares every zone that the system knows with its clock: 0.25 s, for a setting that we set ourselves.
  const initdb = async (...args: readonly string[]): Promise<void> => {
    const all = [...args, '-D', making];
    const run = await runProgram(path.join(programs.bin, 'initdb'), all, {
      runAs,
      env: { TZ: 'UTC' },
      timeoutMs: initdbTimeoutMs,
    });
    if (run.code === 0) return;
    throw new BerthError(
      'local-server-failed',
      `initdb could not make ${making}: ${lastLines(run.stderr || run.stdout)}`,
    );
  };
  // Nobody gets a password here, so there is none to hide; access is what the files below say.
  const access = ['--auth-local=peer', '--auth-host=scram-sha-256', `--username=${superuser}`];
  const shape = ['--encoding=UTF8', `--locale=${locale}`, '--no-sync', '--no-instructions'];
  await initdb(...access, ...shape, ...(durable ? ['--data-checksums'] : []));
  await writeFile(path.join(making, 'pg_hba.conf'), accessText());
  await writeFile(path.join(making, 'pg_ident.conf'), identityText(runAs.name));
  await appendFile(path.join(making, 'postgresql.conf'), `\ninclude_if_exists '${settingsFile}'\n`);
  if (durable) await initdb('--sync-only');
}

/** What a crash in the middle of initdb left. A creator at work beside us is recognised by its process id. */
async function removeAbandoned(files: ServerFiles): Promise<void> {
  for (const name of await readdir(files.folder)) {
    const pid = /^data\.making-(\d+)-/.exec(name)?.[1];
    if (pid === undefined) continue;
    const folder = path.join(files.folder, name);
    const age = Date.now() - ((await stat(folder).catch(() => undefined))?.mtimeMs ?? 0);
    // Process ids come again, in containers soon; nothing that lives takes longer than initdb may.
    const abandoned = !isAlive(Number(pid)) || age > 2 * initdbTimeoutMs;
    if (abandoned) await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isErrno(error, 'EPERM');
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}

/** Writes a file of the data folder for the server's user, in one rename. */
export async function writeDataFile(files: ServerFiles, name: string, text: string, runAs: RunAs): Promise<void> {
  const target = path.join(files.data, name);
  const aside = `${target}.${randomUUID()}`;
  await writeFile(aside, text, { mode: 0o600 });
  if (runAs.drops) await chown(aside, runAs.uid, runAs.gid);
  await rename(aside, target);
}

export function lastLines(text: string, count = 8): string {
  const lines = text.trim().split('\n');
  return lines.slice(-count).join('\n');
}
