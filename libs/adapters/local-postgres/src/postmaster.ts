import { readFile, readlink, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { runProgram } from './run-program.js';
import { isAlive, writeDataFile } from './data-folder.js';
import { isErrno } from './server-files.js';
import type { ServerFiles } from './server-files.js';
import type { RunAs } from './run-as.js';

/** How often a condition is looked at; a start takes 50 to 100 ms. */
const pollMs = 15;
const youngMs = 2_000;
const pidFileName = 'postmaster.pid';
const pidFile = (files: ServerFiles): string => path.join(files.data, pidFileName);

/** What PostgreSQL writes into postmaster.pid. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  /** It accepts connections; before that it starts, recovers, or stops. */
  readonly ready: boolean;
}

/**
 * The server that runs on this data folder now. A pid file alone proves nothing: after kill -9 or a reboot it names a process
 * that is gone or is somebody else, so the process itself is asked what it is.
 */
export async function runningPostmaster(files: ServerFiles): Promise<Postmaster | undefined> {
  const noted = await notedPostmaster(files);
  return noted !== undefined && (await isServerOf(files.data, noted.pid)) ? noted : undefined;
}

async function notedPostmaster(files: ServerFiles): Promise<Postmaster | undefined> {
  const text = await readFile(pidFile(files), 'utf8').catch((error: unknown) => {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) return undefined;
    throw error;
  });
  // Lines: pid, data folder, start time, port, socket folder, address, shared memory, status.
  const lines = text?.split('\n') ?? [];
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
}

/** True when this process is the postmaster of this data folder. A zombie has no command line left, so it does not count. */
async function isServerOf(data: string, pid: number): Promise<boolean> {
  if (process.platform === 'linux') {
    // /proc/<pid>/cwd would be nicer, but root in a container may not read it of another user's process; this it may.
    const words = (await readFile(`/proc/${String(pid)}/cmdline`, 'utf8').catch(() => '')).split('\0');
    if (words.includes(data)) return true;
    return words[0] !== '' && (await readlink(`/proc/${String(pid)}/cwd`).catch(() => '')) === data;
  }
  const { stdout } = await runProgram('ps', ['-o', 'stat=,args=', '-p', String(pid)]);
  return stdout.includes(data) && !stdout.startsWith('Z');
}

/**
 * PostgreSQL takes a stale pid file over when its pid is free, but refuses to start when the pid lives again as any other
 * process of the same user, another PostgreSQL server say. Removing the file would remove the number of its shared memory too,
 * by which PostgreSQL notices orphans of the killed server that still write. So the file stays and names *this* process:
 * a server never takes its own parent for a rival.
 */
export async function disarmStalePidFile(files: ServerFiles, runAs: RunAs): Promise<void> {
  await removeEmptyPidFile(files);
  const noted = await notedPostmaster(files);
  // A free pid is PostgreSQL's own affair: touching the file then could only hit a rival that starts at this very moment.
  if (noted === undefined || !isAlive(noted.pid) || (await isServerOf(files.data, noted.pid))) return;
  const text = await readFile(pidFile(files), 'utf8').catch(() => '');
  if (text.startsWith(`${String(noted.pid)}\n`)) {
    await writeDataFile(files, pidFileName, text.replace(/^\d+/, String(process.pid)), runAs);
  }
}

/** A crash between making the file and writing it; no shared memory was there yet. PostgreSQL would refuse it for ever. */
async function removeEmptyPidFile(files: ServerFiles): Promise<void> {
  const found = await stat(pidFile(files)).catch(() => undefined);
  const age = found === undefined ? 0 : Date.now() - found.mtimeMs;
  // Young, it belongs to a server that starts beside us and writes it within a millisecond.
  if (found?.size === 0 && age > youngMs) await rm(pidFile(files), { force: true });
}

/** Waits for a condition; false when the deadline came first. */
export async function waitUntil(condition: () => Promise<boolean>, deadlineMs: number): Promise<boolean> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    if (await condition()) return true;
    if (performance.now() >= end) return false;
    await pause(pollMs);
  }
}

/** Sends a signal; a process that is gone already is what the sender wanted. */
export function signal(pid: number, name: 'SIGINT' | 'SIGQUIT' | 'SIGKILL' | 'SIGHUP'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}

export async function acceptsConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
