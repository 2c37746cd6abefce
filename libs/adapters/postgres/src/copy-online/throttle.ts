import { Transform } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

/** Bytes that may pass at once after a pause: otherwise a slow moment would be made good by a burst. */
const burstMs = 200;
/** The rate may change while somebody waits. */
const mostNapMs = 50;

/** One for all lanes: what passes through any of its streams counts. */
export class Throttle {
  #bytesPerMs: number | null;
  #held = false;
  #asked = 0;
  #granted = 0;
  #at = Number.NEGATIVE_INFINITY;

  constructor(bytesPerSecond: number | null) {
    this.#bytesPerMs = bytesPerSecond === null ? null : bytesPerSecond / 1_000;
  }

  /** From now on, also for what waits already; 0 lets nothing pass, null everything. */
  set bytesPerSecond(bytes: number | null) {
    this.#grant();
    this.#bytesPerMs = bytes === null ? null : bytes / 1_000;
  }

  /** While true nothing passes, at whatever rate. */
  set held(held: boolean) {
    this.#grant();
    this.#held = held;
  }

  get held(): boolean {
    return this.#held;
  }

  get #rate(): number | null {
    return this.#held ? 0 : this.#bytesPerMs;
  }

  /** Passes bytes on, no faster than allowed, and tells `onBytes` of each piece. */
  stream(onBytes: (bytes: number) => void, signal: AbortSignal): Transform {
    return new Transform({
      transform: (chunk: Buffer, _encoding, callback) => {
        onBytes(chunk.length);
        this.#wait(chunk.length, signal).then(
          () => {
            callback(null, chunk);
          },
          (error: unknown) => {
            // Only ever an AbortError, whose class another realm may have made.
            callback(error as Error);
          },
        );
      },
    });
  }

  /** In the order in which they ask. */
  async #wait(bytes: number, signal: AbortSignal): Promise<void> {
    this.#grant();
    this.#asked += bytes;
    const ticket = this.#asked;
    for (let rate = this.#rate; rate !== null && this.#grant() < ticket; rate = this.#rate) {
      const leftMs = rate === 0 ? mostNapMs : (ticket - this.#granted) / rate;
      await delay(Math.min(mostNapMs, leftMs), undefined, { signal });
    }
  }

  #grant(): number {
    const now = performance.now();
    const rate = this.#rate;
    const most = this.#asked + (rate ?? 0) * burstMs;
    this.#granted =
      rate === null ? most : Math.min(most, rate === 0 ? this.#granted : this.#granted + rate * (now - this.#at));
    this.#at = now;
    return this.#granted;
  }
}
