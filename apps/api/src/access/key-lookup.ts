import { Injectable } from '@nestjs/common';
import { ApiKeyCatalog, type ApiKey } from '@berth/ports';

/** The longest that another process may go on taking a key that was revoked here, in ms. */
const keptMs = 1_000;
/** Far more keys than a product has; beyond it all are forgotten and looked up again. */
const mostKept = 10_000;

interface KeptKey {
  readonly key: ApiKey;
  /** When the lookup began: what it saw may be no older. */
  readonly asOf: number;
}

/**
 * Finds keys by their hash, and keeps what it found for a second: without it each request would pay a second query, which
 * halved the rate of small reads. A key that is revoked in this process stops with the next request, since the one who revokes
 * says so by {@link forget}; in other processes within that second. Expiry is compared with each request. Unknown keys are
 * not kept: whoever guesses must not fill the memory.
 */
@Injectable()
export class KeyLookup {
  private readonly kept = new Map<string, KeptKey>();
  private readonly running = new Map<string, Promise<ApiKey | null>>();
  private readonly touched = new Map<string, number>();
  /** Grows with each revocation: what a lookup saw before one is not kept after it. */
  private epoch = 0;

  constructor(private readonly keys: ApiKeyCatalog) {}

  async find(hash: string, now = Date.now()): Promise<ApiKey | null> {
    const kept = this.kept.get(hash);
    if (kept !== undefined && now - kept.asOf < keptMs) return kept.key;
    return this.running.get(hash) ?? this.lookUp(hash, now);
  }

  /** Nothing that was found before now is used any more. */
  forget(): void {
    this.epoch += 1;
    this.kept.clear();
    this.running.clear();
  }

  /** Once a minute a key and process: a hot key does not write on each call. A failure is no reason to refuse a request. */
  noteUse(keyId: string, now = Date.now()): void {
    if (now - (this.touched.get(keyId) ?? 0) < 60_000) return;
    this.touched.set(keyId, now);
    this.keys.touch(keyId).catch(() => this.touched.delete(keyId));
  }

  private lookUp(hash: string, asOf: number): Promise<ApiKey | null> {
    const { epoch } = this;
    const lookup = this.keys
      .findByHash(hash)
      .then((key) => {
        if (key !== null && epoch === this.epoch) this.keep(hash, { key, asOf });
        return key;
      })
      .finally(() => {
        if (this.running.get(hash) === lookup) this.running.delete(hash);
      });
    this.running.set(hash, lookup);
    return lookup;
  }

  private keep(hash: string, kept: KeptKey): void {
    if (this.kept.size >= mostKept) this.kept.clear();
    this.kept.set(hash, kept);
  }
}
