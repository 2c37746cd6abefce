import { RequestCounter, type RequestCount } from '@berth/ports';

/** Counts in memory, by a clock that a test may move. */
export class FakeRequestCounter extends RequestCounter {
  readonly #windows = new Map<string, { count: number; readonly endsAt: number }>();

  constructor(private readonly now: () => number = () => performance.now()) {
    super();
  }

  async add(caller: string): Promise<RequestCount> {
    const window = this.#open(caller) ?? { count: 0, endsAt: this.now() + RequestCounter.windowSeconds * 1000 };
    window.count += 1;
    this.#windows.set(caller, window);
    return await this.look(caller);
  }

  async look(caller: string): Promise<RequestCount> {
    const window = this.#open(caller);
    return { count: window?.count ?? 0, windowEndsInMs: (window?.endsAt ?? this.now()) - this.now() };
  }

  async close(): Promise<void> {}

  #open(caller: string) {
    const window = this.#windows.get(caller);
    return window !== undefined && window.endsAt > this.now() ? window : undefined;
  }
}
