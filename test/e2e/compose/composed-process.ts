import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { appendFileSync, closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface ProcessOrder {
  readonly name: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** The health check of its service, translated. Null: it has none. */
  readonly health: readonly string[] | null;
  readonly stopSignal: NodeJS.Signals;
  readonly runAs?: { readonly uid: number; readonly gid: number };
}

const pollMs = 100;

/** One container's process, without the container. */
export class ComposedProcess {
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;

  constructor(
    private readonly order: ProcessOrder,
    private readonly folder: string,
  ) {
    const [program = '', ...args] = order.command;
    appendFileSync(this.#logFile, `# ${order.command.join(' ')}\n`);
    const log = openSync(this.#logFile, 'a');
    this.#child = spawn(program, args, {
      cwd: order.cwd,
      env: order.environment,
      stdio: ['ignore', log, log],
      ...order.runAs,
    });
    closeSync(log);
    this.ended = new Promise((resolve) => {
      this.#child.once('error', () => resolve(null));
      this.#child.once('exit', (code) => resolve(code));
    });
  }

  /** As Docker asks it, only more often. @throws with its log when it ends before it is healthy */
  async healthy(): Promise<void> {
    let end: { readonly code: number | null } | undefined;
    void this.ended.then((code) => (end = { code }));
    while (!this.isHealthy()) {
      if (end !== undefined) throw new Error(`${this.order.name} ended with ${String(end.code)}:\n${this.log()}`);
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }

  isHealthy(): boolean {
    const [program, ...args] = this.order.health ?? ['true'];
    if (program === undefined) return true;
    return spawnSync(program, args, { cwd: this.order.cwd, env: this.order.environment }).status === 0;
  }

  log(): string {
    return readFileSync(this.#logFile, 'utf8');
  }

  /** As `docker compose stop` does. */
  async stop(): Promise<number | null> {
    this.#child.kill(this.order.stopSignal);
    return await this.ended;
  }

  async kill9(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  get #logFile(): string {
    return path.join(this.folder, `${this.order.name}.log`);
  }
}
