import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { isErrno } from './errno.js';
import type { Home } from './home.js';
import { identify, isAlive, type ProcessIdentity } from './process-identity.js';

/** The supervisor of this folder that lives, if one does. */
export async function livingSupervisor(home: Home): Promise<ProcessIdentity | undefined> {
  const holder = await holderOf(home.lock);
  return holder !== undefined && (await isAlive(holder)) ? holder : undefined;
}

/** Makes this process the one supervisor of the folder, or answers who is it already. */
export async function takeSupervision(home: Home): Promise<{ readonly heldBy?: ProcessIdentity }> {
  const self = await identify(process.pid);
  const mine = `${home.lock}.${randomUUID()}`;
  await writeFile(mine, JSON.stringify(self), { mode: 0o600 });
  try {
    for (;;) {
      // A link is made whole or not at all, and never over an existing name.
      if (await linked(mine, home.lock)) return {};
      const holder = await livingSupervisor(home);
      if (holder !== undefined) return { heldBy: holder };
      await removeStale(home.lock);
    }
  } finally {
    await rm(mine, { force: true });
  }
}

export async function releaseSupervision(home: Home): Promise<void> {
  if ((await holderOf(home.lock))?.pid === process.pid) await rm(home.lock, { force: true });
}

/** Between looking and removing somebody may have taken over: what was removed is looked at again, and put back. */
async function removeStale(lock: string): Promise<void> {
  const aside = `${lock}.${randomUUID()}`;
  const moved = await rename(lock, aside).then(
    () => true,
    () => false,
  );
  if (!moved) return;
  if (await isAlive(await holderOf(aside))) await linked(aside, lock);
  await rm(aside, { force: true });
}

async function linked(from: string, to: string): Promise<boolean> {
  return link(from, to).then(
    () => true,
    (error: unknown) => {
      if (isErrno(error, 'EEXIST')) return false;
      throw error;
    },
  );
}

async function holderOf(lock: string): Promise<ProcessIdentity | undefined> {
  const text = await readFile(lock, 'utf8').catch(() => '');
  try {
    return JSON.parse(text) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
