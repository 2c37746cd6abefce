import { spawn } from 'node:child_process';
import type { RunAs } from './run-as.js';

export interface ProgramRun {
  readonly runAs?: RunAs;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

export interface ProgramResult {
  /** null: ended by a signal, not started at all (see stderr), or over its time. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The whole environment of a child. Nothing is inherited: a server lives for months and shows its environment in /proc, and
 * the caller's may hold secrets, or a PGOPTIONS that changes what a program does.
 */
export function cleanEnvironment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', ...more };
}

/** Options for spawn that give root's rights up. Node clears the supplementary groups itself when it is root. */
export function identityOf(runAs: RunAs | undefined): { uid?: number; gid?: number } {
  return runAs?.drops === true ? { uid: runAs.uid, gid: runAs.gid } : {};
}

/** Runs a program to its end. Never rejects: a program that cannot be started is a result with code null. */
export async function runProgram(
  program: string,
  args: readonly string[],
  run: ProgramRun = {},
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    // The working folder must be one that the other user may enter; the caller's may not be.
    const child = spawn(program, args, {
      cwd: '/',
      env: cleanEnvironment(run.env),
      stdio: ['pipe', 'pipe', 'pipe'],
      ...identityOf(run.runAs),
    });
    // Not spawn's own timeout: its timer goes on after a program that could not be started, and holds this process.
    const timer = run.timeoutMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), run.timeoutMs);
    const settle = (result: ProgramResult): void => {
      clearTimeout(timer);
      resolve(result);
    };
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    child.on('error', (error) => {
      settle({ code: null, stdout, stderr: error.message });
    });
    child.on('close', (code) => {
      settle({ code, stdout, stderr });
    });
    child.stdin.on('error', () => undefined); // A program that ends without reading closes the pipe; its code tells the rest.
    child.stdin.end(run.input ?? '');
  });
}
