import { setTimeout as pause } from 'node:timers/promises';
import type { Home } from './home.js';
import { dedicatedServers, systemServers, type NamedServer } from './postgres-servers.js';
import { RestartPolicy } from './restart-policy.js';

const lookEveryMs = 500;
/**
 * A dedicated server is stopped on purpose while it is made or destroyed, and that is over in seconds: one that stands still
 * for this long crashed.
 */
const dedicatedGraceMs = 10_000;

/** Sees that a PostgreSQL server ended by itself, and starts it again. */
export class ServerWatch {
  private readonly policies = new Map<string, RestartPolicy>();
  private readonly given = new Set<string>();
  private readonly stillSince = new Map<string, number>();
  private readonly ended = new AbortController();
  private readonly running: Promise<void>;

  constructor(
    private readonly home: Home,
    private readonly say: (sentence: string) => void,
  ) {
    this.running = this.watch();
  }

  async end(): Promise<void> {
    this.ended.abort();
    await this.running;
  }

  private async watch(): Promise<void> {
    const { signal } = this.ended;
    while (!signal.aborted) {
      await pause(lookEveryMs, undefined, { signal }).catch(() => undefined);
      await Promise.allSettled([this.lookAt(systemServers(this.home), 0), this.lookAtDedicated()]);
    }
  }

  private async lookAt(servers: readonly NamedServer[], graceMs: number): Promise<void> {
    await Promise.allSettled(servers.map((one) => this.look(one, graceMs)));
  }

  private async lookAtDedicated(): Promise<void> {
    await this.lookAt(await dedicatedServers(this.home), dedicatedGraceMs);
  }

  private async look(one: NamedServer, graceMs: number): Promise<void> {
    const { name, server } = one;
    const { state } = await server.status();
    if (state !== 'stopped') this.stillSince.delete(name);
    if (state !== 'stopped' || this.given.has(name) || this.ended.signal.aborted) return;
    const since = this.stillSince.get(name) ?? performance.now();
    this.stillSince.set(name, since);
    if (performance.now() - since >= graceMs) await this.restart(one);
  }

  private async restart({ name, server }: NamedServer): Promise<void> {
    const policy = this.policies.get(name) ?? new RestartPolicy();
    this.policies.set(name, policy);
    const delayMs = policy.next();
    if (delayMs === 'give-up') {
      this.given.add(name);
      this.say(`the PostgreSQL server ${name} ended again and is not started any more`);
      return;
    }
    this.say(`the PostgreSQL server ${name} ended by itself; starting it again`);
    await pause(delayMs, undefined, { signal: this.ended.signal }).catch(() => undefined);
    if (this.ended.signal.aborted) return;
    try {
      await server.start();
      this.say(`the PostgreSQL server ${name} is ready again`);
    } catch (error) {
      this.say(
        `the PostgreSQL server ${name} could not be started: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
}
