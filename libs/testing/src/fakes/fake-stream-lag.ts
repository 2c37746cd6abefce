import { setTimeout as delay } from 'node:timers/promises';
import type { ReplicationStream } from '@berth/domain';
import { StreamLag } from '@berth/ports';
import type { FakeTenantReplication } from './fake-tenant-replication.js';

/** Markers come at once where somebody follows, and never elsewhere. */
export class FakeStreamLag extends StreamLag {
  /** What is told while somebody follows. */
  ms = 0;
  readonly #sentAtMs = new Map<string, number>();

  constructor(private readonly replication: Pick<FakeTenantReplication, 'state'>) {
    super();
  }

  async measure(
    stream: ReplicationStream,
    { timeoutMs }: { readonly timeoutMs: number },
  ): Promise<{ readonly ms: number }> {
    const { name } = stream;
    if ((await this.replication.state(stream)).subscription === 'enabled') {
      this.#sentAtMs.delete(name);
      return { ms: this.ms };
    }
    const sentAtMs = this.#sentAtMs.get(name) ?? performance.now();
    this.#sentAtMs.set(name, sentAtMs);
    await delay(timeoutMs);
    return { ms: performance.now() - sentAtMs };
  }
}
