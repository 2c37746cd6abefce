import { setTimeout as pause } from 'node:timers/promises';
import type { Config } from '@berth/config';
import { runChildScript, type ChildScript } from '@berth/testing';
import type { Place } from './breakable-runner.js';

/** Where the worker dies, for one of its operations. */
export interface CrashOrder extends Place {
  readonly operationId: string;
  /** It is cancelled when the act of this step is done; null: it is not. */
  readonly cancelAfter: string | null;
}

const program = `
  const { crash } = await import('./test/crash/crash-worker.main.js');
  await crash(JSON.parse(process.argv[1]));
`;

/** On a slow machine a batch takes minutes; one that waits for what never comes would keep a run until it is cut off, unnamed. */
const patienceMs = 600_000;

/**
 * A worker process that dies by SIGKILL with many operations at once, each at a place of its own: a process takes seconds of
 * processor time to start, an operation much less. It starts before the operations exist, so that nobody waits for it.
 */
export class CrashWorker {
  readonly #script: ChildScript;

  constructor(config: Config) {
    this.#script = runChildScript(program, config);
    // It may be dead already when it is given its orders; `dieAt` finds that out.
    this.#script.process.stdin?.on('error', () => undefined);
  }

  /** Takes all operations to their places, and dies there. Answers what became of those that went past theirs, by id. */
  async dieAt(orders: readonly CrashOrder[]): Promise<ReadonlyMap<string, string>> {
    const lost = this.#losePatience(orders);
    await Promise.race([this.#script.line('ready'), lost]);
    this.#script.process.stdin?.write(`${JSON.stringify(orders)}\n`);
    const { signal } = await Promise.race([this.#script.ended, lost]);
    const said = this.#script.lines.join('\n');
    if (signal !== 'SIGKILL') throw new Error(`the worker was not killed: ${said} ${this.#script.stderr()}`);
    const survived = [...said.matchAll(/^survived (.*)$/gm)].map(([, line]) => line ?? '');
    return new Map(survived.map((line) => [(JSON.parse(line) as CrashOrder).operationId, line]));
  }

  async #losePatience(orders: readonly CrashOrder[]): Promise<never> {
    await pause(patienceMs, undefined, { ref: false });
    const there = this.#script.lines.join('\n');
    const missing = orders.filter(({ operationId }) => !there.includes(operationId));
    // Not waited for: its end would look like the one that it was ordered to.
    void this.#script.kill9();
    throw new Error(`the worker never came to these places: ${JSON.stringify(missing)} ${this.#script.stderr()}`);
  }

  /** Of one that was not needed. */
  async end(): Promise<void> {
    await this.#script.kill9();
  }
}
