import { createHash, randomUUID } from 'node:crypto';
import {
  chmod,
  chown,
  link,
  lstat,
  mkdir,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  unlink,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { BerthError } from '@berth/domain';
import { isServerPurpose } from './server-settings.js';
import type { ServerPurpose, Settings } from './server-settings.js';
import type { RunAs } from './run-as.js';

/** What server.json remembers of a server between its runs. It holds no secret. */
export interface ServerRecord {
  readonly version: 1;
  readonly port: number;
  /** The programs' folder at creation; a start with programs of another major version comes back to it. */
  readonly bin: string;
  readonly major: number;
  readonly purpose: ServerPurpose;
  readonly settings: Settings;
}

/** The places of one server's files. */
export interface ServerFiles {
  readonly folder: string;
  readonly data: string;
  readonly log: string;
  readonly record: string;
  readonly socket: string;
}

/** sun_path holds 108 bytes with its closing zero; PostgreSQL adds `/.s.PGSQL.<port>` to the folder. */
const longestSocketFolder = 107 - '/.s.PGSQL.65535'.length;

export function serverFiles(folder: string): ServerFiles {
  const own = path.join(folder, 'socket');
  const hash = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  return {
    folder,
    data: path.join(folder, 'data'),
    log: path.join(folder, 'log'),
    record: path.join(folder, 'server.json'),
    socket: Buffer.byteLength(own) <= longestSocketFolder ? own : `/tmp/berth-${hash}`,
  };
}

/** Makes the socket's folder. Below /tmp anybody could have made it first, to read what passes: then it is refused. */
export async function ensureSocketFolder(files: ServerFiles, runAs: RunAs): Promise<void> {
  const created = await mkdir(files.socket, { mode: 0o700 }).then(
    () => true,
    (error: unknown) => {
      if (isErrno(error, 'EEXIST')) return false;
      throw error;
    },
  );
  if (created && runAs.drops) await chown(files.socket, runAs.uid, runAs.gid);
  const present = await lstat(files.socket);
  // Root's own: a crash between mkdir and chown leaves it so.
  if (present.isDirectory() && present.uid === 0 && runAs.drops) await chown(files.socket, runAs.uid, runAs.gid);
  else if (!present.isDirectory() || present.uid !== runAs.uid) {
    throw new BerthError('local-server-failed', `${files.socket} is there already and belongs to somebody else`, {
      hint: `Remove it: rm -r ${files.socket}`,
    });
  }
  await chmod(files.socket, 0o700);
}

export async function readRecord(files: ServerFiles): Promise<ServerRecord | undefined> {
  const text = await readFile(files.record, 'utf8').catch((error: unknown) => {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const record = parseRecord(text);
  if (record !== undefined) return record;
  throw new BerthError('local-server-failed', `${files.record} is damaged or was written by a newer version of Berth`, {
    hint: 'Move it away and create the server again: the data stays, only the port may change.',
  });
}

function parseRecord(text: string): ServerRecord | undefined {
  try {
    const value = JSON.parse(text) as Partial<ServerRecord> | null;
    const { version, port, bin, major, purpose, settings } = value ?? {};
    if (version !== 1 || typeof port !== 'number' || typeof bin !== 'string' || typeof major !== 'number')
      return undefined;
    if (purpose === undefined || !isServerPurpose(purpose)) return undefined;
    return { version, port, bin, major, purpose, settings: settings ?? {} };
  } catch {
    return undefined;
  }
}

/** Replaces the record in one rename: a crash leaves the old one or the new one, never a half. */
export async function writeRecord(files: ServerFiles, record: ServerRecord, runAs: RunAs): Promise<void> {
  await rename(await writeAside(files, record, runAs), files.record);
}

/** Writes the record unless there is one: of two creators at once the first chooses the port. */
export async function writeFirstRecord(files: ServerFiles, record: ServerRecord, runAs: RunAs): Promise<void> {
  const aside = await writeAside(files, record, runAs);
  await link(aside, files.record).catch((error: unknown) => {
    if (!isErrno(error, 'EEXIST')) throw error;
  });
  await unlink(aside);
}

async function writeAside(files: ServerFiles, record: ServerRecord, runAs: RunAs): Promise<string> {
  const aside = `${files.record}.${randomUUID()}`;
  await writeFile(aside, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  if (runAs.drops) await chown(aside, runAs.uid, runAs.gid);
  return aside;
}

/** `whole`: made to its end. `damaged`: there, but not a data folder that initdb finished; never made by us. */
export async function dataState(files: ServerFiles): Promise<'absent' | 'whole' | 'damaged'> {
  const entries: readonly string[] = await readdir(files.data).catch((error: unknown) => {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) return [];
    throw error;
  });
  if (entries.length === 0) return 'absent';
  const control = await stat(path.join(files.data, 'global', 'pg_control')).catch(() => undefined);
  return control !== undefined && entries.includes('PG_VERSION') ? 'whole' : 'damaged';
}

/** Removes what belongs to a server and nothing else, so that a wrongly named folder loses nothing. */
export async function removeServerFiles(files: ServerFiles): Promise<void> {
  const names = await readdir(files.folder).catch(() => []);
  const ours = /^(data|data\.making-.*|log|log\.1|server\.json(\..*)?|socket|origin)$/;
  // The record goes last: until then a crash leaves a folder that still says what it is.
  const ordered = names
    .filter((name) => ours.test(name))
    .sort((left, right) => Number(left === 'server.json') - Number(right === 'server.json'));
  for (const name of ordered)
    await rm(path.join(files.folder, name), { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  if (!files.socket.startsWith(`${files.folder}/`))
    await rm(files.socket, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

/** True for an error of the system with this code; `instanceof` would miss the errors of another realm, as test runners have. */
export function isErrno(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
