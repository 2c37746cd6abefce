import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isErrno } from './server-files.js';

const execute = promisify(execFile);

/** A process, recognisable: numbers come again after a reboot or a long night, the start time beside them does not. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly started: string;
}

export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const started = process.platform === 'linux' ? await linuxStart(pid) : await psStart(pid);
  return started === undefined ? undefined : { pid, started };
}

export async function isAlive(identity: ProcessIdentity | null | undefined): Promise<boolean> {
  if (identity === null || identity === undefined) return false;
  return (await identify(identity.pid))?.started === identity.started;
}

let bootId: Promise<string> | undefined;

/** Clock ticks since boot, with the boot's own id. A zombie has ended: it only waits for its parent to look. */
async function linuxStart(pid: number): Promise<string | undefined> {
  const fields = await linuxFields(pid);
  if (fields === undefined || fields[0] === 'Z' || fields[0] === 'X') return undefined;
  bootId ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    (text) => text.trim(),
    () => '',
  );
  return `${await bootId}/${fields[19] ?? ''}`;
}

/** The fields of /proc/<pid>/stat from the third on: the second, the name in parentheses, may hold anything. */
async function linuxFields(pid: number): Promise<readonly string[] | undefined> {
  const text = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => undefined);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

async function psStart(pid: number): Promise<string | undefined> {
  const answer = await execute('ps', ['-o', 'stat=,lstart=', '-p', String(pid)]).catch(() => undefined);
  const [, state, started] = /^(\S+)\s+(.*)$/.exec(answer?.stdout.trim() ?? '') ?? [];
  return state?.startsWith('Z') === false ? started : undefined;
}

/** When the process began, for the uptime; undefined when it is gone. */
export async function startedAt(pid: number): Promise<Date | undefined> {
  if (process.platform !== 'linux') {
    const text = await psStart(pid);
    return text === undefined ? undefined : new Date(text);
  }
  const ticks = Number((await linuxFields(pid))?.[19]);
  const boot = /^btime (\d+)$/m.exec(await readFile('/proc/stat', 'utf8'))?.[1];
  const ticksPerSecond = 100; // USER_HZ, the same on every Linux that Node runs on.
  return Number.isFinite(ticks) ? new Date((Number(boot) + ticks / ticksPerSecond) * 1_000) : undefined;
}

/** Sends a signal to exactly this process; one that ended meanwhile is no error. */
export async function signalTo(identity: ProcessIdentity, name: NodeJS.Signals): Promise<void> {
  if (!(await isAlive(identity))) return;
  try {
    process.kill(identity.pid, name);
  } catch (error) {
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}

export async function awaitEnd(identity: ProcessIdentity, deadlineMs: number): Promise<boolean> {
  const end = performance.now() + deadlineMs;
  while (await isAlive(identity)) {
    if (performance.now() >= end) return false;
    await pause(20);
  }
  return true;
}

/** Asks a process to end, and kills it when it does not. */
export async function endProcess(
  identity: ProcessIdentity | null | undefined,
  graceMs: number,
): Promise<'ended' | 'killed' | 'absent'> {
  if (identity === null || identity === undefined || !(await isAlive(identity))) return 'absent';
  await signalTo(identity, 'SIGTERM');
  if (await awaitEnd(identity, graceMs)) return 'ended';
  await signalTo(identity, 'SIGKILL');
  await awaitEnd(identity, 5_000);
  return 'killed';
}
