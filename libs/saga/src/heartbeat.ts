import { LeaseLost, type Journal, type Lease } from './journal.js';

export type StopReason = 'cancelled' | 'lease-lost' | 'shutdown';

/**
 * Keeps a lease alive while a step runs and turns what it hears into one abort signal. A lease that was not renewed for four
 * fifths of its time, whether the journal refused or never answered, counts as lost here before it runs out there, so that
 * two workers never both believe they hold it.
 */
export class Heartbeat {
  readonly #abort = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #deadline: NodeJS.Timeout | undefined;
  #asking = false;
  #ended = false;
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
    this.#renewed(performance.now());
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
    const askedAt = performance.now();
    const { cancelRequested } = await this.journal.renew(this.lease, this.leaseMs);
    this.#renewed(askedAt);
    this.#heard(cancelRequested);
  }

  end(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
    this.#ended = true;
    this.options.shutdown.removeEventListener('abort', this.#onShutdown);
  }

  readonly #onShutdown = () => {
    this.#stop('shutdown');
  };

  async #beat(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      await this.refresh();
    } catch (error) {
      // Any other failure may pass before the deadline does.
      if (error instanceof LeaseLost) this.#stop('lease-lost');
    } finally {
      this.#asking = false;
    }
  }

  /** The new lease counts from the question: the journal wrote it some time between question and answer. */
  #renewed(askedAt: number): void {
    if (this.#ended) return;
    clearTimeout(this.#deadline);
    const left = askedAt + this.leaseMs * 0.8 - performance.now();
    this.#deadline = setTimeout(() => {
      this.#stop('lease-lost');
    }, left);
    this.#deadline.unref();
  }

  #heard(cancelRequested: boolean): void {
    this.#cancelRequested ||= cancelRequested;
    if (this.#cancelRequested && this.options.cancellable()) this.#stop('cancelled');
  }

  #stop(reason: StopReason): void {
    if (!this.#abort.signal.aborted) this.#abort.abort(reason);
  }
}
