import { createHash } from 'node:crypto';
import { chmod, chown, lstat, mkdir, readdir, readlink, realpath, rmdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { BerthError } from '@berth/domain';
import { isErrno } from './server-files.js';
import { runProgram } from './run-program.js';
import type { RunAs } from './run-as.js';

/** Where folders go that the server's user cannot reach at their own place. */
export const defaultReachableRoot = '/var/lib/berth';

export interface ReachableOptions {
  readonly runAs: RunAs;
  readonly reachableRoot?: string;
}

/**
 * Makes the folder (mode 0700, owned by the server's user) and answers its real path. Root may keep its things below a
 * folder that nobody else may enter, a clone in /root say; the server's user could not get in there. Then the real folder
 * is `/var/lib/berth/<name>-<hash of the path>`, and a symbolic link stands in the place of the folder.
 */
export async function ensureReachable(folder: string, options: ReachableOptions): Promise<string> {
  const wanted = path.resolve(folder);
  await mkdir(path.dirname(wanted), { recursive: true });
  const linked = await linkTarget(wanted);
  if (linked !== undefined) return ownFolder(await checkedTarget(wanted, linked, options), options);
  if (await mayEnter(path.dirname(wanted), options.runAs)) return ownFolder(wanted, options);
  const target = await substituteFor(wanted, options);
  await mkdir(path.dirname(target), { recursive: true, mode: 0o711 });
  const real = await ownFolder(target, options);
  await replaceByLink(wanted, target);
  return real;
}

/** The real folder as it is now, made by ensureReachable earlier; undefined when there is none. Changes nothing. */
export async function existingFolder(folder: string): Promise<string | undefined> {
  return realpath(path.resolve(folder)).catch(() => undefined);
}

/** Where a symbolic link points to, as an absolute path; undefined for anything else. */
export async function linkTarget(folder: string): Promise<string | undefined> {
  const target = await readlink(folder).catch(() => undefined);
  return target === undefined ? undefined : path.resolve(path.dirname(folder), target);
}

/** True when the server's user may enter the folder: tried by that user, so that ACLs and mount options count too. */
export async function mayEnter(folder: string, runAs: RunAs): Promise<boolean> {
  if (!runAs.drops) return true;
  const { code } = await runProgram('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { runAs, timeoutMs: 10_000 });
  return code === 0;
}

async function substituteFor(wanted: string, options: ReachableOptions): Promise<string> {
  const parent = await realpath(path.dirname(wanted));
  const place = path.join(parent, path.basename(wanted));
  const hash = createHash('sha256').update(place).digest('hex').slice(0, 12);
  return path.join(options.reachableRoot ?? defaultReachableRoot, `${path.basename(wanted)}-${hash}`);
}

/**
 * A link that we made keeps its target when the tree around it is moved. When the tree was *copied*, two places point at one
 * folder, and two systems would run on the same data: the copy is refused.
 */
async function checkedTarget(wanted: string, target: string, options: ReachableOptions): Promise<string> {
  const root = path.resolve(options.reachableRoot ?? defaultReachableRoot);
  if (path.dirname(target) !== root) return target; // The operator's own link: theirs to decide.
  const expected = await substituteFor(wanted, options);
  const origin = await linkTarget(path.join(target, originName));
  if (target !== expected && origin !== undefined && origin !== wanted && (await linkTarget(origin)) === target) {
    throw new BerthError('local-server-failed', `${wanted} points to ${target}, which belongs to ${origin}`, {
      hint: `It was copied from there. Remove the link ${wanted} to begin with an empty folder.`,
      details: { folder: wanted, target, origin },
    });
  }
  return target;
}

/** A link in the substitute folder back to the place it stands in for. */
export const originName = 'origin';

async function replaceByLink(wanted: string, target: string): Promise<void> {
  const present = await lstat(wanted).catch(() => undefined);
  if (present?.isDirectory() === true && (await readdir(wanted)).length > 0) {
    throw new BerthError('local-server-failed', `the server's user cannot reach ${wanted}, and it is not empty`, {
      hint: `Move what is in it away, or let others enter its parent folders (chmod a+x).`,
    });
  }
  if (present !== undefined) await rmdir(wanted);
  await symlink(wanted, path.join(target, originName)).catch(unlessThere);
  await symlink(target, wanted).catch(unlessThere);
}

function unlessThere(error: unknown): void {
  if (!isErrno(error, 'EEXIST')) throw error;
}

async function ownFolder(folder: string, { runAs }: ReachableOptions): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const real = await realpath(folder);
  await chmod(real, 0o700);
  if (runAs.drops) await chown(real, runAs.uid, runAs.gid);
  if (await mayEnter(real, runAs)) return real;
  throw new BerthError(
    'local-server-failed',
    `the user ${runAs.name} cannot enter ${real}, so no server can run there`,
    {
      hint: 'Let others enter its parent folders (chmod a+x), or choose another folder.',
    },
  );
}
