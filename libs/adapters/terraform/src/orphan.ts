import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { runProgram } from '@berth/local-postgres';
import { killGroup } from './terraform-runner.js';
import { writeWhole } from './working-folder.js';

interface RunningNote {
  readonly pid: number;
  readonly host: string;
  /** Tells this process from a later one with the same number. */
  readonly born: string;
  readonly verb: string;
  readonly startedAt: string;
}

const noteName = 'running.json';
const pollMs = 25;

/** Notes which Terraform works in a folder, so that the next run can tell an orphan from a stranger. */
export async function noteRunning(folder: string, pid: number, verb: string): Promise<void> {
  const born = await birthOf(pid);
  if (born === null) return; // Over already.
  const note: RunningNote = { pid, host: hostname(), born, verb, startedAt: new Date().toISOString() };
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
  if (note === null || note.host !== hostname() || (await birthOf(note.pid)) !== note.born) return;
  say(
    `a terraform ${note.verb} of ${note.startedAt} (process ${String(note.pid)}) was left behind: it is asked to end`,
  );
  try {
    process.kill(note.pid, 'SIGINT');
  } catch {
    return; // It ended by itself.
  }
  const end = performance.now() + graceMs;
  while ((await birthOf(note.pid)) === note.born) {
    if (performance.now() > end) killGroup(note.pid);
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

/** When a process was born, in the system's own words; null when it is gone or a zombie. */
async function birthOf(pid: number): Promise<string | null> {
  if (process.platform === 'linux') {
    const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => null);
    // The program's name stands in brackets and may hold anything; the 20th field after it is the start time.
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  }
  const { code, stdout } = await runProgram('ps', ['-o', 'stat=,lstart=', '-p', String(pid)]);
  const text = stdout.trim();
  return code !== 0 || text === '' || text.startsWith('Z') ? null : text.replace(/^\S+\s+/, '');
}
