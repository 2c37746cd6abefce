import { existsSync, realpathSync } from 'node:fs';
import { lstat, mkdir, readdir, readlink, realpath, rm, symlink, unlink } from 'node:fs/promises';
import path from 'node:path';
import { ensureReachable, serverUser } from '@berth/local-postgres';
import { CommandFault, exitCodes } from '../exit-codes.js';
import { readJson, writeJson } from './json-file.js';

export const sharedClusterId = 'shared-1';

/** The places of one local system. Everything of it lies in one folder. */
export interface Home {
  /** As it was named: what people are told. */
  readonly folder: string;
  /**
   * Where it really is. A folder that the servers' user cannot reach is a link to one that it can (see ensureReachable), and
   * all places below are named by that one: on the way through the link each would be found unreachable again.
   */
  readonly real: string;
  readonly marker: string;
  readonly catalogServer: string;
  readonly sharedServer: string;
  readonly secrets: string;
  readonly instances: string;
  readonly dumps: string;
  readonly logs: string;
  readonly ports: string;
  readonly apiKey: string;
  readonly state: string;
  readonly lock: string;
}

/** What is decided once for a system and kept: its marker file, so that nothing else is ever taken for a system. */
export interface HomeRecord {
  readonly version: 1;
  readonly createdAt: string;
  readonly infrastructure: 'local' | 'terraform';
  readonly migrationsDir: string | null;
}

const folderName = '.berth';
const markerName = 'berth.json';

/** The folder that was named, else the nearest `.berth` upwards from here, else `.berth` here. */
export function findHome(named: string | undefined, from = process.cwd()): Home {
  if (named !== undefined) return homeAt(path.resolve(named));
  for (let folder = from; ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, folderName, markerName))) return homeAt(path.join(folder, folderName));
    if (path.dirname(folder) === folder) return homeAt(path.join(from, folderName));
  }
}

export function homeAt(folder: string): Home {
  const real = realPath(folder);
  const inside = (...parts: readonly string[]): string => path.join(real, ...parts);
  return {
    folder,
    real,
    marker: inside(markerName),
    catalogServer: inside('postgres', 'catalog'),
    sharedServer: inside('postgres', sharedClusterId),
    secrets: inside('secrets'),
    instances: inside('instances'),
    dumps: inside('dumps'),
    logs: inside('logs'),
    ports: inside('ports.json'),
    apiKey: inside('api-key'),
    state: inside('state.json'),
    lock: inside('supervisor.lock'),
  };
}

function realPath(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder; // Not made yet; prepareHome answers the places again.
  }
}

export async function readHomeRecord(home: Home): Promise<HomeRecord | undefined> {
  return readJson<HomeRecord>(home.marker);
}

export interface PreparedHome {
  /** The places as they are now that the folder is there. */
  readonly home: Home;
  readonly record: HomeRecord;
}

/** Makes what is missing of the folder. @throws when the folder holds somebody else's files */
export async function prepareHome(
  named: Home,
  settings: Omit<HomeRecord, 'version' | 'createdAt'>,
): Promise<PreparedHome> {
  const before = await readHomeRecord(named);
  if (before === undefined) await refuseForeignFiles(named);
  const runAs = await serverUser();
  // The servers run as another user where we are root: the way down to their folders is theirs.
  await ensureReachable(named.folder, { runAs });
  const home = homeAt(named.folder);
  for (const folder of [path.dirname(home.catalogServer), home.instances]) await ensureReachable(folder, { runAs });
  for (const folder of [home.dumps, home.logs]) await mkdir(folder, { recursive: true, mode: 0o700 });
  const record = { version: 1, createdAt: before?.createdAt ?? new Date().toISOString(), ...settings } as const;
  await writeJson(home.marker, record);
  return { home, record };
}

async function refuseForeignFiles({ folder }: Home): Promise<void> {
  const present = await readdir(folder).catch(() => []);
  // What a first start that was killed leaves behind is ours as well.
  const ours = ['postgres', 'instances', 'dumps', 'logs', 'origin'];
  const foreign = present.filter((name) => !ours.includes(name));
  if (foreign.length === 0) return;
  throw new CommandFault(
    exitCodes.usage,
    `${folder} holds other files (${foreign.slice(0, 3).join(', ')}), and is no folder of a Berth system.`,
    'Name an empty or a new folder: berth up --home DIR',
  );
}

/** One folder for all logs: the servers write theirs beside their data. */
export async function linkServerLogs(home: Home): Promise<void> {
  for (const server of [home.catalogServer, home.sharedServer]) {
    const link = path.join(home.logs, `postgres-${path.basename(server)}.log`);
    const target = path.relative(home.logs, path.join(await realpath(server), 'log'));
    if ((await readlink(link).catch(() => undefined)) === target) continue;
    await rm(link, { force: true });
    await symlink(target, link);
  }
}

/** Removes the folder itself, the real one behind a link as well. Its servers must be gone before. */
export async function removeHome(home: Home): Promise<void> {
  if ((await readHomeRecord(home)) === undefined) {
    throw new CommandFault(exitCodes.usage, `${home.folder} is no folder of a Berth system: nothing was removed.`);
  }
  const { real } = home;
  // The marker goes last: until then a second try knows what this folder is.
  for (const name of (await readdir(real)).filter((one) => one !== markerName))
    await rm(path.join(real, name), { recursive: true, force: true });
  await rm(real, { recursive: true, force: true });
  const link = await lstat(home.folder).catch(() => undefined);
  if (link?.isSymbolicLink() === true) await unlink(home.folder);
}
