/**
 * Ever longer pauses, each between half and all of the last bound: 10, 20, 40 … ms, one second at most. The first ones are short
 * because a switch takes that long; the last ones because a copy takes minutes and a whole fleet waits for it.
 */
export class Backoff {
  #boundMs: number;

  constructor(firstMs = 10) {
    this.#boundMs = firstMs;
  }

  next(): number {
    const bound = this.#boundMs;
    this.#boundMs = Math.min(1_000, bound * 2);
    return bound * (0.5 + Math.random() / 2);
  }
}

/** Ends after `ms`, or before that when `wake` does. @throws the signal's reason when it is aborted */
export function pause(ms: number, options: { readonly signal?: AbortSignal; readonly wake?: Promise<void> } = {}) {
  const { signal, wake } = options;
  return new Promise<void>((resolve, reject) => {
    if (signal?.aborted === true) return reject(reasonOf(signal));
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      resolve();
    };
    const abort = (): void => {
      clearTimeout(timer);
      if (signal !== undefined) reject(reasonOf(signal));
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', abort, { once: true });
    void wake?.then(end, end);
  });
}

export function reasonOf(signal: AbortSignal): Error {
  const { reason } = signal as { readonly reason: unknown };
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}

/**
 * Who has no more patience leaves at once, whether or not what is under way listens to the signal; what comes after that is for `late`.
 * @throws the signal's reason
 */
export function orLeave<T>(
  coming: Promise<T>,
  signal: AbortSignal | undefined,
  late: (value: T) => void = () => undefined,
): Promise<T> {
  if (signal === undefined) return coming;
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(reasonOf(signal));
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    const arrive = (): void => signal.removeEventListener('abort', leave);
    coming.then(
      (value) => [arrive(), signal.aborted ? late(value) : resolve(value)],
      (error: unknown) => [arrive(), reject(error as Error)],
    );
  });
}
