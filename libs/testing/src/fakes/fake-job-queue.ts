import { BerthError } from '@berth/domain';
import { JobQueue } from '@berth/ports';

/** A queue in memory. It may be told to be down, and to forget everything, as a real one may. */
export class FakeJobQueue extends JobQueue {
  #waiting: string[] = [];
  readonly #delayed = new Map<NodeJS.Timeout, string>();
  readonly #active = new Set<Promise<void>>();
  readonly #workers: { readonly handle: (operationId: string) => Promise<void>; room: number }[] = [];
  #closed = false;
  #down = false;

  async enqueue(operationId: string, { delayMs = 0 }: { readonly delayMs?: number } = {}): Promise<void> {
    this.#refuseWhenGone();
    if (delayMs <= 0) {
      this.#arrive(operationId);
      return;
    }
    const timer = setTimeout(() => {
      this.#delayed.delete(timer);
      this.#arrive(operationId);
    }, delayMs);
    this.#delayed.set(timer, operationId);
  }

  async work(
    handle: (operationId: string) => Promise<void>,
    { concurrency }: { readonly concurrency: number },
  ): Promise<void> {
    this.#refuseWhenGone();
    this.#workers.push({ handle, room: concurrency });
    this.#hand();
  }

  async depth(): Promise<{ readonly waiting: number; readonly active: number; readonly delayed: number }> {
    this.#refuseWhenGone();
    return { waiting: this.#waiting.length, active: this.#active.size, delayed: this.#delayed.size };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.loseEverything();
    await Promise.all(this.#active);
  }

  /** From now on everything is refused, until it is up again. */
  goDown(): void {
    this.#down = true;
  }

  comeUp(): void {
    this.#down = false;
  }

  /** Jobs that were not taken yet are gone. */
  loseEverything(): void {
    this.#waiting = [];
    for (const timer of this.#delayed.keys()) clearTimeout(timer);
    this.#delayed.clear();
  }

  #arrive(operationId: string): void {
    if (!this.#waiting.includes(operationId)) this.#waiting.push(operationId);
    this.#hand();
  }

  #hand(): void {
    for (const worker of this.#workers) {
      while (!this.#closed && worker.room > 0 && this.#waiting.length > 0) {
        const operationId = this.#waiting.shift();
        if (operationId !== undefined) this.#run(worker, operationId);
      }
    }
  }

  #run(worker: { readonly handle: (operationId: string) => Promise<void>; room: number }, operationId: string): void {
    worker.room -= 1;
    // In a turn of its own, as a real worker: whoever asks is answered before the handler runs.
    const running = Promise.resolve()
      .then(() => worker.handle(operationId))
      .catch(() => undefined)
      .then(() => {
        worker.room += 1;
        this.#active.delete(running);
        this.#hand();
      });
    this.#active.add(running);
  }

  #refuseWhenGone(): void {
    if (this.#closed || this.#down) throw new BerthError('queue-unavailable', 'The queue is gone.');
  }
}
