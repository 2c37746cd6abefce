import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import { BerthError } from '@berth/domain';

const execute = promisify(execFile);

/** The operating system's user that PostgreSQL's programs run as. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
  /** True where this process is root and must give its rights up for each child. */
  readonly drops: boolean;
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** PostgreSQL refuses to run as root: root becomes `postgres` where that user exists, else `nobody`; anybody else stays. */
export async function serverUser(): Promise<RunAs> {
  if (!isRoot()) return namedUser(ownUid());
  for (const name of ['postgres', 'nobody']) {
    const found = await lookUp(name);
    if (found !== undefined) return { ...found, drops: true };
  }
  throw new BerthError('local-server-failed', 'PostgreSQL refuses to run as root, and there is no user to run it as', {
    hint: 'Create one: useradd --system postgres',
  });
}

/** The user who owns an existing server's files; root becomes that user, anybody else must be that user. */
export async function ownerOfServer(owner: { readonly uid: number; readonly gid: number }): Promise<RunAs> {
  if (isRoot()) {
    const found = await lookUp(String(owner.uid));
    return { uid: owner.uid, gid: owner.gid, name: found?.name ?? String(owner.uid), drops: true };
  }
  if (owner.uid !== ownUid()) throw belongsToAnother('this server', owner.uid);
  return namedUser(ownUid());
}

/** Fails with the reason where this user may not read the folder; EACCES from somewhere inside would tell nobody anything. */
export async function refuseStrangers(folder: string): Promise<void> {
  const readable = await access(folder, constants.R_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!readable) throw belongsToAnother(folder, (await stat(folder)).uid);
}

function belongsToAnother(what: string, uid: number): BerthError {
  return new BerthError('local-server-failed', `${what} belongs to the user with the id ${String(uid)}`, {
    hint: 'Run the command as that user or as root.',
  });
}

function namedUser(uid: number): RunAs {
  // userInfo fails for a user id without a name, as containers have them; initdb needs a name too and says so itself.
  try {
    const { username, gid } = userInfo();
    return { uid, gid, name: username, drops: false };
  } catch (cause) {
    throw new BerthError('local-server-failed', `the user id ${String(uid)} has no name, and PostgreSQL needs one`, {
      cause,
      hint: 'Add the user to /etc/passwd, or run as another user.',
    });
  }
}

function ownUid(): number {
  const uid = process.getuid?.();
  if (uid === undefined) throw new BerthError('local-server-failed', 'local servers run on Linux and macOS only');
  return uid;
}

type User = Omit<RunAs, 'drops'>;

/** A fork of a large process takes tenths of a second, every act on a server asks, and users do not change meanwhile. */
const known = new Map<string, User>();

async function lookUp(user: string): Promise<User | undefined> {
  const before = known.get(user);
  if (before !== undefined) return before;
  try {
    const [uid, gid, name] = await Promise.all(
      ['-u', '-g', '-un'].map(async (flag) => (await execute('id', [flag, user])).stdout.trim()),
    );
    const found = { uid: Number(uid), gid: Number(gid), name: name ?? user };
    known.set(user, found);
    return found;
  } catch {
    return undefined; // `id` fails for a user that does not exist: that is an answer, not a fault.
  }
}
