import { Transform } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

/** Bytes that may pass at once after a pause: otherwise a slow moment would be made good by a burst. */
const burstMs = 200;

/** One for all lanes: what passes through any of its streams counts. */
export class Throttle {
  readonly #bytesPerMs: number | null;
  #freeAt = 0;

  constructor(bytesPerSecond: number | null) {
    this.#bytesPerMs = bytesPerSecond === null ? null : bytesPerSecond / 1_000;
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

  async #wait(bytes: number, signal: AbortSignal): Promise<void> {
    if (this.#bytesPerMs === null) return;
    const now = performance.now();
    this.#freeAt = Math.max(this.#freeAt, now - burstMs) + bytes / this.#bytesPerMs;
    const left = this.#freeAt - now;
    if (left > 0) await delay(left, undefined, { signal });
  }
}
