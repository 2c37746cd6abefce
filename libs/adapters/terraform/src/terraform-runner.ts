import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { BerthError } from '@berth/domain';
import { cleanEnvironment } from '@berth/local-postgres';
import { parseEvent, type Diagnostic, type PlannedChange } from './terraform-events.js';

export interface TerraformRun {
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  /** The child's whole environment, on top of a bare one. Secrets go here and nowhere else. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Called for each event worth telling, and every `heartbeatMs` while nothing happens. */
  readonly onProgress: (text: string) => void;
  readonly heartbeatMs: number;
  /** How long an interrupted Terraform may take to write its state before it is killed. */
  readonly graceMs: number;
  readonly onStart?: (pid: number) => Promise<void>;
}

export interface TerraformResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly faults: readonly Diagnostic[];
  readonly changes: readonly PlannedChange[];
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** For the rest of an ended program's output to arrive. */
const longestDrainMs = 2_000;

interface Gathered {
  stdout: string;
  stderr: string;
  lastText: string;
  outputs: Readonly<Record<string, unknown>>;
  readonly faults: Diagnostic[];
  readonly changes: PlannedChange[];
}

/** Runs Terraform to its end. @throws `cancelled` when the signal ended it; every other end is a result. */
export async function runTerraform(run: TerraformRun): Promise<TerraformResult> {
  if (run.signal.aborted) throw cancelled();
  const child = spawn(run.program, run.args, {
    cwd: run.folder,
    env: cleanEnvironment(run.env),
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C in a terminal is for the worker, which then decides; and a kill reaches the whole group.
    detached: true,
  });
  const gathered: Gathered = { stdout: '', stderr: '', lastText: '', outputs: {}, faults: [], changes: [] };
  const ended = endOf(child, gathered);
  const started = performance.now();
  gather(child, gathered, run.onProgress);
  const heartbeat = setInterval(() => {
    const seconds = Math.round((performance.now() - started) / 1000);
    run.onProgress(`${gathered.lastText || 'terraform is at work'} (${String(seconds)} s)`);
  }, run.heartbeatMs);
  const dismiss = endOnAbort(child, run);
  try {
    if (child.pid !== undefined) await run.onStart?.(child.pid);
    const code = await ended;
    if (run.signal.aborted && code !== 0) throw cancelled();
    return { ...gathered, code };
  } finally {
    clearInterval(heartbeat);
    dismiss();
  }
}

/** Its exit code; null for a signal, or when it did not start. Resolves when its output has been read to the end too. */
async function endOf(child: ChildProcess, gathered: Gathered): Promise<number | null> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      gathered.stderr += error.message;
      resolve(null);
    });
    child.once('close', resolve);
    // A grandchild that outlives a killed Terraform may hold the pipe open for as long as it likes.
    child.once('exit', (code) => {
      setTimeout(resolve, longestDrainMs, code).unref();
    });
  });
}

function gather(child: ChildProcess, gathered: Gathered, onProgress: (text: string) => void): void {
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (gathered.stderr += chunk));
  if (child.stdout === null) return;
  createInterface({ input: child.stdout }).on('line', (line) => {
    gathered.stdout += `${line}\n`;
    const event = parseEvent(line);
    if (event?.kind === 'fault') gathered.faults.push(event.diagnostic);
    else if (event?.kind === 'change') gathered.changes.push(event.change);
    else if (event?.kind === 'outputs') gathered.outputs = event.outputs;
    else if (event?.kind === 'progress') {
      gathered.lastText = event.text;
      onProgress(event.text);
    }
  });
}

/** An interrupt lets Terraform write its state and give its lock back; only one that ignores it is killed. */
function endOnAbort(child: ChildProcess, { signal, graceMs }: TerraformRun): () => void {
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => {
    child.kill('SIGINT');
    timer = setTimeout(() => {
      if (child.pid !== undefined) killGroup(child.pid);
    }, graceMs);
  };
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  return () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  };
}

export function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

function cancelled(): BerthError {
  return new BerthError('cancelled', 'The work was cancelled; Terraform was ended.');
}
