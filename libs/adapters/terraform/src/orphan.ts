import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { identify, isAlive, type ProcessIdentity } from '@berth/local-postgres';
import { killGroup } from './terraform-runner.js';
import { writeWhole } from './working-folder.js';

interface RunningNote {
  readonly process: ProcessIdentity;
  readonly host: string;
  readonly verb: string;
  readonly startedAt: string;
}

const noteName = 'running.json';
const pollMs = 25;

/** Notes which Terraform works in a folder, so that the next run can tell an orphan from a stranger. */
export async function noteRunning(folder: string, pid: number, verb: string): Promise<void> {
  const process = await identify(pid);
  if (process === undefined) return; // Over already.
  const note: RunningNote = { process, host: hostname(), verb, startedAt: new Date().toISOString() };
  await writeWhole(path.join(folder, noteName), JSON.stringify(note));
}

export async function forgetRunning(folder: string): Promise<void> {
  await rm(path.join(folder, noteName), { force: true });
}

/**
 * Ends the Terraform that a dead worker left behind in this folder. Whoever calls holds the operation's lease, so nobody
 * waits for that run any more. It is interrupted first: then it writes its state, and its session in the state's database
 * ends, and with that session its lock. Nothing has to be unlocked by force.
 */
export async function endOrphan(folder: string, graceMs: number, say: (text: string) => void): Promise<void> {
  const note = await readNote(folder);
  if (note === null || note.host !== hostname() || !(await isAlive(note.process))) return;
  const { pid } = note.process;
  say(`a terraform ${note.verb} of ${note.startedAt} (process ${String(pid)}) was left behind: it is asked to end`);
  try {
    process.kill(pid, 'SIGINT');
  } catch {
    return; // It ended by itself.
  }
  const end = performance.now() + graceMs;
  while (await isAlive(note.process)) {
    if (performance.now() > end) killGroup(pid);
    await pause(pollMs);
  }
  await forgetRunning(folder);
}

async function readNote(folder: string): Promise<RunningNote | null> {
  const text = await readFile(path.join(folder, noteName), 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return JSON.parse(text) as RunningNote;
  } catch {
    return null;
  }
}
