import { randomBytes } from 'node:crypto';
import { open, readdir, readFile, rename, stat, unlink, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { isNativeError } from 'node:util/types';

export interface SafeFile {
  readonly file: string;
  readonly mode: number;
}

/** Null: there is no such file. */
export async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (thrown) {
    // Not `instanceof`: an error of Node's own need not be of the caller's realm.
    if (isNativeError(thrown) && 'code' in thrown && thrown.code === 'ENOENT') return null;
    throw thrown;
  }
}

const asideEnding = /-[0-9a-f]{12}$/;

/**
 * Replaces the file as a whole: a reader sees the old text or the new one, also after a power cut. It gets the group of its folder,
 * since the pooler is another user, and reads what its group may read. Whoever writes it is alone: what a killed one left aside, which
 * may have verifiers in it, goes first.
 */
export async function replaceFile({ file, mode }: SafeFile, text: string): Promise<void> {
  const folder = path.dirname(file);
  const beginning = `.${path.basename(file)}-`;
  for (const name of await readdir(folder))
    if (name.startsWith(beginning) && asideEnding.test(name))
      await unlink(path.join(folder, name)).catch(() => undefined);
  const aside = path.join(folder, `${beginning}${randomBytes(6).toString('hex')}`);
  try {
    await withFile(aside, 'wx', async (handle) => {
      await handle.writeFile(text);
      await handle.chmod(mode);
      await giveToGroup(handle, (await stat(folder)).gid);
      await handle.sync();
    });
    await rename(aside, file);
  } catch (thrown) {
    await unlink(aside).catch(() => undefined);
    throw thrown;
  }
  await withFile(folder, 'r', (handle) => handle.sync());
}

async function giveToGroup(handle: FileHandle, group: number): Promise<void> {
  const { uid, gid } = await handle.stat();
  if (gid !== group) await handle.chown(uid, group);
}

async function withFile(file: string, flags: string, use: (handle: FileHandle) => Promise<void>): Promise<void> {
  const handle = await open(file, flags, 0o600);
  try {
    await use(handle);
  } finally {
    await handle.close();
  }
}
