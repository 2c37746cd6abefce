import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { awaitEnd, endProcess, identify, type ProcessIdentity } from '@berth/local-postgres';
import { CommandFault, exitCodes } from '../exit-codes.js';
import type { Home } from './home.js';
import { logFile, openLog } from './logs.js';
import { RestartPolicy } from './restart-policy.js';
import type { ProgramName, ProgramRecord, ProgramState } from './state.js';

export interface ProgramSpec {
  readonly name: ProgramName;
  /** The built entry point. */
  readonly script: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Answers 200 when the program can work. */
  readonly readyUrl: string;
  /** How long it may take to end: the worker hands its leases back in that time. */
  readonly graceMs: number;
}

export interface ProgramWatcher {
  readonly say: (sentence: string) => void;
  readonly changed: (record: ProgramRecord) => Promise<void>;
}

/** In MiB, half of Node's own: what the start leaves behind is given back sooner. The idle API took about 15 MB less. */
const nodeFlags = ['--max-semi-space-size=8'];
const readyDeadlineMs = 60_000;
const pollMs = 25;

/** One of Berth's own processes: started, watched, started again when it ends by itself, stopped. */
export class SupervisedProgram {
  private child: ChildProcess | undefined;
  private identity: ProcessIdentity | null = null;
  private stopping = false;
  private restarts = 0;
  private wasReady = false;
  private readonly policy = new RestartPolicy();

  constructor(
    private readonly home: Home,
    private readonly spec: ProgramSpec,
    private readonly watcher: ProgramWatcher,
  ) {}

  /** Starts it and waits until it is ready. @throws with the end of its log when it ends instead */
  async start(): Promise<void> {
    await this.launch('starting');
    const ready = await this.awaitReady();
    if (ready !== 'ready') throw await this.failure(ready);
    await this.tell('running');
  }

  async stop(): Promise<'ended' | 'killed' | 'absent'> {
    this.stopping = true;
    const result = await endProcess(this.identity, this.spec.graceMs);
    this.identity = null;
    await this.tell('stopped');
    return result;
  }

  kill(): void {
    this.stopping = true;
    this.child?.kill('SIGKILL');
  }

  private async launch(state: ProgramState): Promise<void> {
    const log = openLog(this.home, this.spec.name);
    const child = spawn(process.execPath, [...nodeFlags, this.spec.script], {
      cwd: '/',
      env: this.spec.environment,
      // A group of its own: Ctrl-C in the terminal reaches the supervisor alone, which stops all in order.
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.child = child;
    child.once('exit', (code, signal) => void this.ended(child, signal ?? `exit code ${String(code)}`));
    // A process that was never made (no memory, no process numbers left) has no exit: it counts as one, so that it is tried again.
    child.once('error', (error) => void this.ended(child, error.message));
    this.identity = child.pid === undefined ? null : ((await identify(child.pid)) ?? null);
    await this.tell(state);
  }

  private async awaitReady(): Promise<'ready' | 'ended' | 'deadline'> {
    const child = this.child;
    const deadline = performance.now() + readyDeadlineMs;
    while (performance.now() < deadline) {
      if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null || this.stopping)
        return 'ended';
      if (await answersOk(this.spec.readyUrl)) return 'ready';
      await pause(pollMs);
    }
    return 'deadline';
  }

  private async ended(child: ChildProcess, how: string): Promise<void> {
    if (this.stopping || child !== this.child || !this.wasReady) return; // `start` itself reports a failed start.
    const { name } = this.spec;
    const delayMs = this.policy.next();
    this.identity = null;
    if (delayMs === 'give-up') {
      this.watcher.say(`${name} ended again (${how}) and is not started any more; see ${logFile(this.home, name)}`);
      await this.tell('given-up');
      return;
    }
    this.restarts += 1;
    this.watcher.say(`${name} ended by itself (${how}); starting it again`);
    await this.tell('restarting');
    await pause(delayMs);
    if (this.stopping) return;
    await this.launch('restarting');
    if ((await this.awaitReady()) !== 'ready') return;
    this.watcher.say(`${name} is ready again`);
    await this.tell('running');
  }

  private async tell(state: ProgramState): Promise<void> {
    this.wasReady ||= state === 'running';
    await this.watcher.changed({ state, process: this.identity, restarts: this.restarts });
  }

  private async failure(why: 'ended' | 'deadline'): Promise<CommandFault> {
    const { name } = this.spec;
    const log = logFile(this.home, name);
    this.stopping = true;
    if (this.identity !== null) {
      this.child?.kill('SIGKILL');
      await awaitEnd(this.identity, 5_000);
    }
    await this.tell('stopped');
    const what =
      why === 'ended' ? 'ended instead of starting' : `was not ready after ${String(readyDeadlineMs / 1_000)} s`;
    const lines = (await readFile(log, 'utf8').catch(() => '')).trim().split('\n').slice(-12).map(readable).join('\n');
    return new CommandFault(
      exitCodes.unhealthy,
      `${name} ${what}. The end of its log:\n${lines}`,
      `The whole log: ${log}`,
    );
  }
}

/** A log line is JSON for programs; a person wants its sentence. */
function readable(line: string): string {
  try {
    const { msg, err } = JSON.parse(line) as { msg?: string; err?: { message?: string } };
    return `  ${[msg, err?.message].filter((part) => part !== undefined).join(': ')}`;
  } catch {
    return `  ${line}`;
  }
}

async function answersOk(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
    async (response) => {
      await response.body?.cancel();
      return response.ok;
    },
    () => false,
  );
}
