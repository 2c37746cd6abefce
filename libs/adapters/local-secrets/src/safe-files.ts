import { randomBytes } from 'node:crypto';
import { link, mkdir, open, unlink } from 'node:fs/promises';
import path from 'node:path';
import { errnoOf } from './secret-faults.js';

export const privateFolder = 0o700;
const privateFile = 0o600;

/** Makes the entries of a folder survive a power cut; a rename or link alone lives in memory until then. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export async function ensureFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true, mode: privateFolder });
  if (made !== undefined) await syncFolder(path.dirname(made));
}

export function randomName(): string {
  return `${String(process.pid)}-${randomBytes(9).toString('base64url')}`;
}

/** Writes a new file wholly to the disk; nobody looks for it under this name. */
export async function writeSynced(file: string, contents: string | Buffer): Promise<void> {
  const handle = await open(file, 'wx', privateFile);
  try {
    await handle.writeFile(contents);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Creates `target` with its whole contents or not at all, and never over one that is there: link(2) fails with EEXIST, in
 * all processes alike. That is the compare-and-set that everything here stands on. False: the target was there.
 */
export async function createWhole(aside: string, target: string, contents: string | Buffer): Promise<boolean> {
  await writeSynced(aside, contents);
  try {
    await link(aside, target);
    await syncFolder(path.dirname(target));
    return true;
  } catch (thrown) {
    if (errnoOf(thrown) === 'EEXIST') return false;
    throw thrown;
  } finally {
    await unlink(aside).catch(() => undefined); // Swept later; the file itself is encrypted.
  }
}
