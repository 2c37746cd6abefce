import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { AnnouncedPlace } from '@berth/client';
import type { TenantSecret } from '@berth/domain';
import { pinProcess } from './apart.js';

export const tenantId = 'acme';

export interface Load {
  /** Of the tenant, through the client library; together they begin `rate` transactions a second. */
  readonly writers: number;
  readonly rate: number;
  /** Where neighbours connect to who write much. */
  readonly neighbours?: readonly string[];
  /** Where one connects to who writes little, and whose times are kept. */
  readonly probed?: readonly string[];
}

export type LoadOrder = { readonly secret: TenantSecret | null } & (
  | { readonly order: 'secret' | 'tell' | 'stop' }
  | { readonly order: 'announce'; readonly places: readonly AnnouncedPlace[] }
  | ({ readonly order: 'start' } & Required<Load>)
);

/** What happened since it was asked last. */
export interface LoadAnswer {
  /** Longest time between two acknowledged commits of all writers together, in ms. */
  readonly longestMs: number;
  /** From the new secret to the first commit by it, in ms; null: there was none. */
  readonly thereMs: number | null;
  /** Commits a second. */
  readonly rate: number;
  /** Since the beginning. */
  readonly count: number;
  readonly repeats: number;
  /** How long each transaction of the probed neighbour took, in ms. */
  readonly probes: readonly number[];
  readonly errors: readonly string[];
  /** Numbers of all acknowledged rows; only at the end. */
  readonly acknowledged: readonly number[];
}

/** The process that writes. */
export class SwitchLoad {
  readonly #ended: Promise<never>;

  private constructor(
    private readonly child: ChildProcess,
    private secret: TenantSecret | null,
  ) {
    this.#ended = once(child, 'exit').then(() => Promise.reject(new Error('the writers ended before they answered')));
    this.#ended.catch(() => undefined);
  }

  /** `secret`: null where there are no writers. */
  static start(secret: TenantSecret | null, load: Load): SwitchLoad {
    const loader = path.join(import.meta.dirname, '../../scripts/ts.mjs');
    const script = path.join(import.meta.dirname, 'switch-load.main.ts');
    const child = spawn(process.execPath, ['--import', loader, script], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    child.send({ order: 'start', secret, neighbours: [], probed: [], ...load });
    return new SwitchLoad(child, secret);
  }

  /** From now on the client's secret says this. */
  moved(secret: TenantSecret): void {
    this.secret = secret;
    this.child.send({ order: 'secret', secret });
  }

  /** Ends when the client's connections there are open. */
  async announce(from: TenantSecret, to: TenantSecret): Promise<void> {
    this.child.send({ order: 'announce', secret: this.secret, places: [{ tenantId, from, to }] });
    await Promise.race([once(this.child, 'message'), this.#ended]);
  }

  tell(): Promise<LoadAnswer> {
    return this.#ask('tell');
  }

  /** Lets every writer end its transaction. */
  stop(): Promise<LoadAnswer> {
    return this.#ask('stop');
  }

  /** Where it runs: {@link cores}. */
  pin(core: number): Promise<void> {
    return pinProcess(this.child.pid ?? Number.NaN, core);
  }

  /** Ends it, whatever it does. */
  kill(): void {
    this.child.kill('SIGKILL');
  }

  async #ask(order: 'tell' | 'stop'): Promise<LoadAnswer> {
    this.child.send({ order, secret: this.secret });
    const answered = once(this.child, 'message');
    const [answer] = (await Promise.race([answered, this.#ended])) as [LoadAnswer];
    return answer;
  }
}
