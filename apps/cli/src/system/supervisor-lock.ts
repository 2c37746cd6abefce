import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { identify, isAlive, type ProcessIdentity } from '@berth/local-postgres';
import { isErrno } from './errno.js';
import type { Home } from './home.js';

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

const guardLifeMs = 10_000;

/**
 * One at a time looks again and removes: else a slow one would remove the lock that a quick one has just taken. The guard
 * that a crash left in these few microseconds is in the way for ten seconds.
 */
async function removeStale(lock: string): Promise<void> {
  const guard = `${lock}.guard`;
  const guarded = await mkdir(guard).then(
    () => true,
    () => false,
  );
  if (!guarded) {
    const made = (await stat(guard).catch(() => undefined))?.mtimeMs ?? Date.now();
    if (Date.now() - made > guardLifeMs) await rmdir(guard).catch(() => undefined);
    await pause(5);
    return;
  }
  try {
    if (!(await isAlive(await holderOf(lock)))) await rm(lock, { force: true });
  } finally {
    await rmdir(guard);
  }
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
