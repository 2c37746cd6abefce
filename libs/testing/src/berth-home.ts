import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { identify, Watchdog } from '@berth/local-postgres';

const berthCommand = fileURLToPath(new URL('../../../berth', import.meta.url));

export interface CommandRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** A command that goes on: what it has said so far, and how to wait for a word of it. */
export interface RunningCommand {
  readonly child: ChildProcess;
  readonly ended: Promise<CommandRun>;
  /** Resolves when stdout and stderr together hold the text. @throws when the command ends before */
  said(text: string | RegExp): Promise<void>;
}

/** Arguments: the command, its PATH, its home, and the folder around that. */
const destroyAll = `
PATH=$2 BERTH_HOME=$3 "$1" down --destroy --yes
rm -rf -- "$4"
`;

/** A folder for one local system, which ends with the Jest process, however that ends; driven by the real `berth` command in processes of their own. */
export class BerthHome {
  readonly #watchdog: Watchdog;

  private constructor(
    private readonly top: string,
    private readonly environment: Readonly<Record<string, string>>,
  ) {
    this.#watchdog = Watchdog.run(destroyAll, [berthCommand, process.env['PATH'] ?? '', this.folder, top]);
  }

  static async create(environment: Readonly<Record<string, string>> = {}): Promise<BerthHome> {
    // The server's user must pass through this folder; what lies in it is 0700.
    const top = await mkdtemp(path.join(tmpdir(), 'berth-e2e-'));
    await chmod(top, 0o711);
    return new BerthHome(top, environment);
  }

  get folder(): string {
    return path.join(this.top, 'home');
  }

  /** For files beside the system: migrations, keys. */
  file(...parts: readonly string[]): string {
    return path.join(this.top, ...parts);
  }

  start(args: readonly string[], options: CommandOptions = {}): RunningCommand {
    const started = performance.now();
    const child = spawn(berthCommand, args, {
      cwd: this.top,
      env: { PATH: process.env['PATH'], HOME: this.top, BERTH_HOME: this.folder, ...this.environment, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    const ended = new Promise<CommandRun>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        resolve({ code, stdout, stderr, ms: performance.now() - started });
      });
    });
    const said = (text: string | RegExp): Promise<void> =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const all = stdout + stderr;
          if (typeof text === 'string' ? all.includes(text) : text.test(all)) resolve();
        };
        child.stdout.on('data', look);
        child.stderr.on('data', look);
        child.once('close', () => {
          look();
          reject(new Error(`the command ended without saying ${String(text)}:\n${stdout}\n${stderr}`));
        });
        look();
      });
    return { child, ended, said };
  }

  async run(args: readonly string[], options: CommandOptions = {}): Promise<CommandRun> {
    return this.start(args, options).ended;
  }

  /** Runs with --json and answers the document. @throws unless the command ends with the code */
  async json<T>(args: readonly string[], code = 0, options: CommandOptions = {}): Promise<T> {
    const run = await this.run([...args, '--json'], options);
    if (run.code === code) return JSON.parse(run.stdout) as T;
    throw new Error(`berth ${args.join(' ')} ended with ${String(run.code)}:\n${run.stdout}\n${run.stderr}`);
  }

  async up(options: CommandOptions = {}): Promise<CommandRun> {
    const run = await this.run(['up', '--detach'], options);
    if (run.code !== 0) throw new Error(`berth up ended with ${String(run.code)}:\n${run.stderr}`);
    return run;
  }

  /** Stops and removes all of it; for afterAll. */
  async remove(): Promise<void> {
    await this.run(['down', '--destroy', '--yes']);
    await rm(this.top, { recursive: true, force: true });
    this.#watchdog.dismiss();
  }

  /** Command lines of living processes that name this folder, but for those of the test itself. */
  async processes(): Promise<readonly string[]> {
    const own = [process.pid, this.#watchdog.pid];
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && !own.includes(Number(name)));
    const lines = await Promise.all(
      pids.map(async (pid) => (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ')),
    );
    return lines.filter((line) => line.includes(this.top));
  }
}

/** False for a zombie too: it has ended, and only waits for its parent to look. */
export async function isProcessAlive(pid: number): Promise<boolean> {
  return (await identify(pid)) !== undefined;
}
