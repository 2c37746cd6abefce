import type { JobQueue } from '@berth/ports';
import type { SagaRunner, RunReport } from '@berth/saga';
import type { Logger } from 'pino';

/** Takes operations from the queue, runs each as far as it goes now, and asks the queue for the rest. */
export class OperationsProcessor {
  readonly #shutdown = new AbortController();
  /** Until when an operation that waits for room is asked for already, on the clock of `performance.now()`. */
  readonly #asked = new Map<string, number>();

  constructor(
    private readonly queue: JobQueue,
    private readonly runner: Pick<SagaRunner<never>, 'run'>,
    private readonly log: Logger,
  ) {}

  async start(concurrency: number): Promise<void> {
    await this.queue.work((operationId) => this.process(operationId), { concurrency });
  }

  /** Steps that can stop do so, leases are handed back, no further job is taken. */
  async stop(): Promise<void> {
    this.#shutdown.abort();
    await this.queue.close();
  }

  async process(operationId: string): Promise<void> {
    const report = await this.runner.run(operationId, this.#shutdown.signal);
    const delayMs = this.#again(operationId, report);
    // What the queue refuses now, the sweep brings back.
    if (delayMs !== null) await this.queue.enqueue(operationId, { delayMs }).catch(() => undefined);
  }

  /** When to look at the operation again; null: not by us. */
  #again(operationId: string, report: RunReport): number | null {
    if (report.kind !== 'not-claimed' || report.answer.kind !== 'busy') this.#asked.delete(operationId);
    switch (report.kind) {
      case 'settled':
        return report.settlement.state === 'waiting' ? report.settlement.retryAfterMs : null;
      case 'not-claimed':
        return report.answer.kind === 'busy' ? this.#askForRoom(operationId, report.answer.retryAfterMs) : null;
      case 'lease-lost':
        this.log.warn({ operationId }, 'another worker has taken over this operation');
        return null;
      case 'abandoned':
        this.log.error(
          { operationId, err: report.error },
          'the catalog failed in the middle of the operation; the sweep brings it back',
        );
        return null;
    }
  }

  /** One job in the queue is enough: each sweep brings the operation too, and every job would leave another one behind. */
  #askForRoom(operationId: string, retryAfterMs: number): number | null {
    const now = performance.now();
    if ((this.#asked.get(operationId) ?? 0) > now) return null;
    // A little less than the wait: clocks differ, and the very job that was asked for may come a moment early.
    this.#asked.set(operationId, now + retryAfterMs * 0.8);
    return retryAfterMs;
  }
}
