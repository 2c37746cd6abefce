import { BerthError } from '@berth/domain';
import { IdempotencyCatalog, type KeptAnswer } from '@berth/ports';
import type { CatalogDatabase } from './catalog-database.js';

interface IdempotencyRow {
  readonly request_hash: string;
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/**
 * A first call that gave no answer within a minute died with its process: the next one takes its place, if it asks for the
 * same. What a key's time has ended for is as if it were not there, whether or not it was deleted yet.
 */
const begin = /* sql */ `
  INSERT INTO berth.idempotency_keys AS k (key, owner, request_hash, locked_until, expires_at)
  VALUES ($1, $2, $3, now() + interval '1 minute', now() + interval '24 hours')
  ON CONFLICT (owner, key) DO UPDATE
    SET request_hash = excluded.request_hash, status = NULL, headers = NULL, body = NULL,
      locked_until = excluded.locked_until, expires_at = excluded.expires_at
    WHERE k.expires_at <= now()
      OR (k.status IS NULL AND k.locked_until <= now() AND k.request_hash = excluded.request_hash)
  RETURNING 1
`;

const keep = /* sql */ `
  UPDATE berth.idempotency_keys SET status = $3, headers = $4, body = $5 WHERE key = $1 AND owner = $2
`;

export class SqlIdempotencyCatalog extends IdempotencyCatalog {
  constructor(private readonly database: CatalogDatabase) {
    super();
  }

  async begin(key: string, owner: string, requestHash: string): ReturnType<IdempotencyCatalog['begin']> {
    if ((await this.database.one(begin, [key, owner, requestHash])) !== null) return { kind: 'new' };
    const present = await this.database.one<IdempotencyRow>(
      'SELECT request_hash, status, headers, body FROM berth.idempotency_keys WHERE key = $1 AND owner = $2',
      [key, owner],
    );
    if (present !== null && present.request_hash !== requestHash) throw reused();
    // Forgotten between the two statements: the caller may try again at once.
    if (present === null || present.status === null) throw inUse();
    return { kind: 'kept', answer: { status: present.status, headers: present.headers, body: present.body } };
  }

  async keep(key: string, owner: string, { status, headers, body }: KeptAnswer): Promise<void> {
    await this.database.rows(keep, [key, owner, status, JSON.stringify(headers), JSON.stringify(body ?? null)]);
  }

  async forget(key: string, owner: string): Promise<void> {
    await this.database.rows('DELETE FROM berth.idempotency_keys WHERE key = $1 AND owner = $2 AND status IS NULL', [
      key,
      owner,
    ]);
  }

  async deleteExpired(now: Date): Promise<number> {
    const deleted = await this.database.rows('DELETE FROM berth.idempotency_keys WHERE expires_at <= $1 RETURNING 1', [
      now,
    ]);
    return deleted.length;
  }
}

function reused(): BerthError {
  return new BerthError('idempotency-key-reused', 'This Idempotency-Key was used with another request.', {
    hint: 'Use a new key for a new request.',
  });
}

function inUse(): BerthError {
  return new BerthError(
    'idempotency-key-in-use',
    'The first request with this Idempotency-Key has not been answered yet.',
    {
      hint: 'Wait for its answer, or repeat the request later.',
    },
  );
}
