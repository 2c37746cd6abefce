import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { BerthError, type ClusterAccess } from '@berth/domain';
import { programFailure } from './program-failure.js';

export interface ClientProgram {
  /** Full path. */
  readonly program: string;
  readonly args: readonly string[];
  readonly access: ClusterAccess;
  readonly database: string;
  /** Shown by the server; what an orphan of a crash is found by. */
  readonly applicationName: string;
  /** File with the certificate authority; only with the modes that check it. */
  readonly caFile?: string;
  readonly signal: AbortSignal;
  /** Hears each line of the verbose output. */
  readonly onLine?: (line: string) => void;
}

/** How long a program may take to end its sessions after SIGTERM. */
const graceMs = 5_000;
const linesKept = 200;

/**
 * Settings of the sessions. A server's own timeouts are meant for tenants; more memory builds indexes faster; and commits need
 * not reach the disk one by one, since one synchronous commit at the end takes all of them there.
 */
const sessionOptions = [
  'statement_timeout=0',
  'idle_in_transaction_session_timeout=0',
  'lock_timeout=0',
  'maintenance_work_mem=256MB',
  'synchronous_commit=off',
]
  .map((setting) => `-c ${setting}`)
  .join(' ');

/**
 * Runs pg_dump or pg_restore to its end and answers with its standard output. Its workers share its process group, so that an
 * abort ends all of them: SIGTERM, later SIGKILL. @throws BerthError `cancelled`, `disk-full`, `copy-failed`
 */
export async function runClientProgram(run: ClientProgram): Promise<string> {
  if (run.signal.aborted) throw cancelled(run);
  const child = spawn(run.program, run.args, {
    cwd: '/',
    env: environment(run),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killGroup = (signal: NodeJS.Signals): void => {
    if (child.pid !== undefined) endGroup(child.pid, signal);
  };
  const killNow = (): void => killGroup('SIGKILL');
  let timer: NodeJS.Timeout | undefined;
  const abort = (): void => {
    killGroup('SIGTERM');
    timer = setTimeout(killNow, graceMs);
  };
  run.signal.addEventListener('abort', abort, { once: true });
  // In a group of its own it would outlive this process's normal end.
  process.once('exit', killNow);
  try {
    const { code, stdout, lines } = await outcome(child, run.onLine);
    killNow();
    if (run.signal.aborted) throw cancelled(run);
    if (code !== 0) throw programFailure(run.program, lines, run.access.clusterId);
    return stdout;
  } finally {
    clearTimeout(timer);
    process.off('exit', killNow);
    run.signal.removeEventListener('abort', abort);
  }
}

function outcome(
  child: ReturnType<typeof spawn>,
  onLine: ((line: string) => void) | undefined,
): Promise<{ readonly code: number | null; readonly stdout: string; readonly lines: readonly string[] }> {
  const lines: string[] = [];
  let stdout = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  if (child.stderr !== null) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      onLine?.(line);
      lines.push(line);
      if (lines.length > linesKept) lines.shift();
    });
  }
  return new Promise((resolve) => {
    child.on('error', (error) => {
      resolve({ code: null, stdout, lines: [`error: ${error.message}`] });
    });
    child.on('close', (code) => {
      resolve({ code, stdout, lines });
    });
  });
}

function endGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody is left in the group: that is what was wanted.
  }
}

/** All that the child sees. The password goes here and never into the arguments, which every user of the machine can read. */
function environment({ access, database, applicationName, caFile }: ClientProgram): Record<string, string> {
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LC_ALL: 'C',
    PGHOST: access.host,
    PGPORT: String(access.port),
    PGUSER: access.user,
    PGPASSWORD: access.password,
    PGDATABASE: database,
    PGSSLMODE: access.sslMode,
    ...(caFile === undefined ? {} : { PGSSLROOTCERT: caFile }),
    PGAPPNAME: applicationName,
    PGCONNECT_TIMEOUT: '10',
    PGOPTIONS: sessionOptions,
    PGCLIENTENCODING: 'UTF8',
  };
}

function cancelled({ program }: ClientProgram): BerthError {
  return new BerthError('cancelled', `${program.split('/').at(-1) ?? program} was stopped.`);
}
