import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { open, readFile, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BerthError } from '@berth/domain';
import { lastLines } from './data-folder.js';
import { acceptsConnections, runningPostmaster } from './postmaster.js';
import type { Postmaster } from './postmaster.js';
import type { RunAs } from './run-as.js';
import { cleanEnvironment, identityOf } from './run-program.js';
import type { ServerFiles } from './server-files.js';

const longestLog = 10 * 1024 * 1024;
const pollMs = 15;

export interface Launch {
  readonly files: ServerFiles;
  readonly bin: string;
  readonly runAs: RunAs;
  readonly deadlineMs: number;
}

/** Why a server that was started did not come up, as far as the caller can do something about it. */
export type LaunchFailure = 'port-taken' | 'orphans' | 'rival' | 'other' | 'deadline';

export type LaunchResult =
  | { readonly up: true; readonly postmaster: Postmaster }
  | { readonly up: false; readonly why: LaunchFailure; readonly log: string };

/** Starts the server in a session of its own, so that neither Ctrl-C nor the end of this process reaches it. */
export async function launch(input: Launch): Promise<LaunchResult> {
  const { files, bin, runAs } = input;
  await rotateLog(files);
  const log = await open(files.log, 'a', 0o600);
  const logStart = (await log.stat()).size;
  if (runAs.drops) await log.chown(runAs.uid, runAs.gid);
  const child = spawn(path.join(bin, 'postgres'), ['-D', files.data], {
    cwd: '/',
    env: cleanEnvironment(),
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    ...identityOf(runAs),
  });
  const ended = endOf(child);
  await log.close();
  const postmaster = await firstReady(input, child, ended);
  if (typeof postmaster === 'object') {
    child.unref();
    return { up: true, postmaster };
  }
  const text = (await readFile(files.log)).subarray(logStart).toString('utf8');
  const why = postmaster === 'ended' ? failureIn(text) : 'deadline';
  return { up: false, why, log: lastLines(text) };
}

/** Holds the fate of a child from its first moment on: a program that is missing ends before anybody listens. */
function endOf(child: ChildProcess): { done: boolean } {
  const end = { done: false };
  child.once('exit', () => (end.done = true));
  child.once('error', () => (end.done = true));
  return end;
}

async function firstReady(
  { files, deadlineMs }: Launch,
  child: ChildProcess,
  end: { readonly done: boolean },
): Promise<Postmaster | 'ended' | 'deadline'> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    if (end.done) return 'ended';
    const running = await runningPostmaster(files);
    if (running?.pid === child.pid && running?.ready === true && (await acceptsConnections(running.port)))
      return running;
    if (performance.now() >= deadline) {
      child.kill('SIGQUIT');
      return 'deadline';
    }
    await pause(pollMs);
  }
}

function failureIn(log: string): LaunchFailure {
  if (/could not create any TCP\/IP sockets|Address already in use/.test(log)) return 'port-taken';
  // Children of a server that was killed go on for a moment; PostgreSQL refuses to start beside them, and is right.
  if (/pre-existing shared memory block/.test(log)) return 'orphans';
  if (/lock file "[^"]*" (already exists|is empty)/.test(log)) return 'rival';
  return 'other';
}

async function rotateLog(files: ServerFiles): Promise<void> {
  const size = (await stat(files.log).catch(() => undefined))?.size ?? 0;
  if (size > longestLog) await rename(files.log, `${files.log}.1`);
}

export function launchError(files: ServerFiles, why: LaunchFailure, log: string, deadlineMs: number): BerthError {
  const what = {
    'port-taken': 'its port is taken by somebody else',
    orphans: 'processes of the killed server before it still run',
    rival: 'another server holds its data folder',
    other: 'it ended at once',
    deadline: `it accepted no connection within ${String(deadlineMs)} ms`,
  }[why];
  const lines = log === '' ? 'Its log is empty.' : `The last lines of its log:\n${log}`;
  return new BerthError(
    'local-server-failed',
    `the PostgreSQL server in ${files.folder} did not start: ${what}. ${lines}`,
    {
      hint: `The whole log: ${files.log}`,
      details: { folder: files.folder, log: files.log, why },
    },
  );
}
