import type { BerthApi } from './placement/berth-api.js';
import type { TenantEntry } from './tenant-entry.js';
import type { TenantEvent } from './tenant-event.js';

/** Berth believes a report for five minutes; a service is to repeat it once a minute. */
const reportEveryMs = 60_000;

/**
 * How long a tenant that nobody uses is still looked after: one report's life and a bit, so that a rotation does not wait for
 * the last word of a client that has long ceased to work with the old login.
 */
const rememberMs = 360_000;
const atOnce = 8;

export interface WatchOptions {
  readonly pollMs: number;
  readonly api: BerthApi | null;
  /** The name under which this process reports itself. */
  readonly client: string;
  readonly onEvent: (event: TenantEvent) => void;
}

/** By the clock: looks for new secrets of the tenants in use, tells Berth with which login they are used, and forgets the others. */
export class Watch {
  readonly #reports = new Map<string, { readonly username: string; readonly at: number }>();
  #timer: NodeJS.Timeout | null = null;
  #round: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(
    private readonly entries: Map<string, TenantEntry>,
    private readonly options: WatchOptions,
  ) {
    this.#schedule();
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#round;
  }

  /** Which login, of which generation. Never fails: a report is help for a rotation, and no service waits for it. */
  async report({ tenantId, secret, readyFor }: TenantEntry): Promise<void> {
    const { api, client, onEvent } = this.options;
    if (api === null || secret === null || this.#closed) return;
    const { username, generation } = secret;
    this.#reports.set(tenantId, { username, at: performance.now() });
    try {
      await api.report(tenantId, { client, username, generation, readyFor }, AbortSignal.timeout(5_000));
    } catch (cause) {
      this.#reports.delete(tenantId);
      onEvent({ type: 'report-failed', tenantId, cause });
    }
  }

  #schedule(): void {
    if (this.#closed) return;
    // Not all pods of a fleet at the same instant.
    const pauseMs = this.options.pollMs * (0.75 + Math.random() / 2);
    this.#timer = setTimeout(() => {
      this.#round = this.#look().finally(() => this.#schedule());
    }, pauseMs).unref();
  }

  async #look(): Promise<void> {
    const due = [...this.entries.values()];
    const worker = async (): Promise<void> => {
      for (let entry = due.pop(); entry !== undefined && !this.#closed; entry = due.pop()) await this.#lookAt(entry);
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  }

  async #lookAt(entry: TenantEntry): Promise<void> {
    const { tenantId } = entry;
    if (entry.calls === 0 && performance.now() - entry.lastUsedAt > rememberMs) {
      this.entries.delete(tenantId);
      this.#reports.delete(tenantId);
      entry.drop();
      return;
    }
    const reading = await entry.look();
    if (reading.kind === 'failed') this.options.onEvent({ type: 'source-failed', tenantId, cause: reading.cause });
    const last = this.#reports.get(tenantId);
    const fresh = last !== undefined && performance.now() - last.at < reportEveryMs;
    if (!fresh || last.username !== entry.secret?.username) await this.report(entry);
  }
}
