import { LeaseLost, type Journal, type Lease } from './journal.js';

export type StopReason = 'cancelled' | 'lease-lost' | 'shutdown';

/**
 * Keeps a lease alive while a step runs and turns what it hears into one abort signal. A lease that could not be renewed for
 * four fifths of its time counts as lost here before it runs out there, so that two workers never both believe they hold it.
 */
export class Heartbeat {
  readonly #abort = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #renewedAt = performance.now();
  #cancelRequested: boolean;

  constructor(
    private readonly journal: Journal,
    private readonly lease: Lease,
    private readonly leaseMs: number,
    private readonly options: {
      readonly cancellable: () => boolean;
      readonly cancelRequested: boolean;
      readonly shutdown: AbortSignal;
    },
  ) {
    this.#cancelRequested = options.cancelRequested;
    this.#timer = setInterval(() => void this.#beat(), leaseMs / 3);
    this.#timer.unref();
    if (options.shutdown.aborted) this.#stop('shutdown');
    options.shutdown.addEventListener('abort', this.#onShutdown);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get stopReason(): StopReason | null {
    return this.#abort.signal.aborted ? (this.#abort.signal.reason as StopReason) : null;
  }

  get cancelRequested(): boolean {
    return this.#cancelRequested;
  }

  /** Asks the journal at once: between two steps, so that a cancellation is honoured there. */
  async refresh(): Promise<void> {
    const { cancelRequested } = await this.journal.renew(this.lease, this.leaseMs);
    this.#renewedAt = performance.now();
    this.#heard(cancelRequested);
  }

  end(): void {
    clearInterval(this.#timer);
    this.options.shutdown.removeEventListener('abort', this.#onShutdown);
  }

  readonly #onShutdown = () => {
    this.#stop('shutdown');
  };

  async #beat(): Promise<void> {
    try {
      await this.refresh();
    } catch (error) {
      const stale = performance.now() - this.#renewedAt > this.leaseMs * 0.8;
      if (error instanceof LeaseLost || stale) this.#stop('lease-lost');
    }
  }

  #heard(cancelRequested: boolean): void {
    this.#cancelRequested ||= cancelRequested;
    if (this.#cancelRequested && this.options.cancellable()) this.#stop('cancelled');
  }

  #stop(reason: StopReason): void {
    if (!this.#abort.signal.aborted) this.#abort.abort(reason);
  }
}
