import { spawn } from 'node:child_process';

export interface CommandEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it could not be started. */
  readonly fault: string | null;
  readonly aborted: boolean;
  /** The last lines of both outputs. */
  readonly output: string;
}

const outputKept = 4_096;

/**
 * Runs a program without a shell, in a process group of its own. An abort asks the whole group to stop (SIGTERM), and kills it
 * when it is still there after `graceMs`: a tool like npx has children that would live on.
 */
export async function runCommand(run: {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly graceMs: number;
}): Promise<CommandEnd> {
  const [program, ...args] = run.command;
  const child = spawn(program, args, {
    cwd: run.cwd,
    env: { ...run.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString('utf8')).slice(-outputKept);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  let killer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    signalGroup(child.pid, 'SIGTERM');
    killer = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), run.graceMs);
  };
  if (run.signal.aborted) stop();
  run.signal.addEventListener('abort', stop, { once: true });
  return new Promise((resolve) => {
    const finish = (end: Pick<CommandEnd, 'code' | 'signal' | 'fault'>): void => {
      clearTimeout(killer);
      run.signal.removeEventListener('abort', stop);
      // What the program started and left behind still holds the tenant's login.
      if (run.signal.aborted) signalGroup(child.pid, 'SIGKILL');
      resolve({ ...end, aborted: run.signal.aborted, output });
    };
    child.once('error', (error) => finish({ code: null, signal: null, fault: error.message }));
    child.once('close', (code, signal) => finish({ code, signal, fault: null }));
  });
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended by itself.
  }
}
