import { Injectable } from '@nestjs/common';
import { ApiKeyCatalog, type ApiKey } from '@berth/ports';

interface Lookups {
  running: Promise<ApiKey | null>;
  next: Promise<ApiKey | null> | undefined;
}

/**
 * Finds keys by their hash. Nothing is cached: a request is answered by a lookup that began after it arrived, so a revoked key
 * stops with the very next request, in every process. Under load the requests of one key share a lookup: those that arrive
 * while one runs wait together for the next.
 */
@Injectable()
export class KeyLookup {
  private readonly lookups = new Map<string, Lookups>();
  private readonly touched = new Map<string, number>();

  constructor(private readonly keys: ApiKeyCatalog) {}

  find(hash: string): Promise<ApiKey | null> {
    const present = this.lookups.get(hash);
    if (present === undefined) return this.start(hash);
    present.next ??= present.running.then(
      () => this.start(hash),
      () => this.start(hash),
    );
    return present.next;
  }

  private start(hash: string): Promise<ApiKey | null> {
    const running = this.keys.findByHash(hash);
    const lookups: Lookups = { running, next: undefined };
    this.lookups.set(hash, lookups);
    const finish = (): void => {
      if (lookups.next === undefined && this.lookups.get(hash) === lookups) this.lookups.delete(hash);
    };
    running.then(finish, finish);
    return running;
  }

  /** Once a minute a key and process: a hot key does not write on each call. A failure is no reason to refuse a request. */
  noteUse(keyId: string, now = Date.now()): void {
    if (now - (this.touched.get(keyId) ?? 0) < 60_000) return;
    this.touched.set(keyId, now);
    this.keys.touch(keyId).catch(() => this.touched.delete(keyId));
  }
}
