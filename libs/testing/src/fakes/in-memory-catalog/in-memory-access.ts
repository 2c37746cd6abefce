import { createHash } from 'node:crypto';
import { BerthError } from '@berth/domain';
import {
  type ApiKey,
  ApiKeyCatalog,
  type AuditEntry,
  AuditLog,
  IdempotencyCatalog,
  type KeptAnswer,
  type Page,
  type PageRequest,
  type RecordedAuditEntry,
} from '@berth/ports';
import { asJson, type CatalogMemory, type KeyRecord, newestFirst, pageOf } from './catalog-memory.js';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

export class InMemoryApiKeyCatalog extends ApiKeyCatalog {
  constructor(private readonly memory: CatalogMemory) {
    super();
  }

  async create(key: Omit<ApiKey, 'lastUsedAt' | 'revokedAt' | 'createdAt'>, hash: string): Promise<ApiKey> {
    const present = [...this.memory.apiKeys.values()].find((other) => other.id === key.id || other.hash === hash);
    if (present !== undefined) {
      if (present.id === key.id && present.hash === hash) return keyOf(present);
      throw new BerthError('internal', `The API key ${key.id} cannot be made: its id or its hash is taken.`);
    }
    const made = { lastUsedAt: null, revokedAt: null, createdAt: this.memory.now() };
    const record: KeyRecord = { ...key, ...made, hash, seq: this.memory.nextSeq() };
    this.memory.apiKeys.set(key.id, record);
    return keyOf(record);
  }

  async findByHash(hash: string): Promise<ApiKey | null> {
    const record = [...this.memory.apiKeys.values()].find((key) => key.hash === hash);
    return record === undefined ? null : keyOf(record);
  }

  async get(id: string): Promise<ApiKey | null> {
    const record = this.memory.apiKeys.get(id);
    return record === undefined ? null : keyOf(record);
  }

  async list(page: PageRequest): Promise<Page<ApiKey>> {
    const rows = [...this.memory.apiKeys.values()].sort((left, right) => right.seq - left.seq);
    return pageOf(rows, page, newestFirst('k', keyOf));
  }

  async revoke(id: string): Promise<ApiKey> {
    const record = this.memory.apiKeys.get(id);
    if (record === undefined) throw new BerthError('api-key-not-found', `There is no API key ${id}.`);
    const revoked = { ...record, revokedAt: record.revokedAt ?? this.memory.now() };
    this.memory.apiKeys.set(id, revoked);
    return keyOf(revoked);
  }

  async touch(id: string): Promise<void> {
    const record = this.memory.apiKeys.get(id);
    const isFresh = Number(record?.lastUsedAt ?? 0) >= Number(this.memory.now(-minuteMs));
    if (record !== undefined && !isFresh) this.memory.apiKeys.set(id, { ...record, lastUsedAt: this.memory.now() });
  }
}

export class InMemoryAuditLog extends AuditLog {
  constructor(private readonly memory: CatalogMemory) {
    super();
  }

  async append(entry: AuditEntry): Promise<void> {
    const { audit } = this.memory;
    const recorded = { ...asJson(entry), number: audit.length + 1, at: this.memory.now() };
    audit.push({ ...recorded, hash: hashOf(audit.at(-1)?.hash ?? '', recorded) });
  }

  async list(
    filter: { readonly tenantId?: string; readonly actor?: string },
    page: PageRequest,
  ): Promise<Page<RecordedAuditEntry>> {
    const rows = this.memory.audit
      .filter((row) => filter.tenantId === undefined || row.tenantId === filter.tenantId)
      .filter((row) => filter.actor === undefined || row.actor === filter.actor)
      .map((row) => ({ ...row, seq: row.number }))
      .reverse();
    return pageOf(
      rows,
      page,
      newestFirst('a', ({ seq: _seq, ...row }) => row),
    );
  }

  async verify(): Promise<{ readonly entries: number; readonly brokenAt: number | null }> {
    let before = '';
    for (const [index, entry] of this.memory.audit.entries()) {
      if (entry.number !== index + 1 || entry.hash !== hashOf(before, entry))
        return { entries: index, brokenAt: index + 1 };
      before = entry.hash;
    }
    return { entries: this.memory.audit.length, brokenAt: null };
  }
}

export class InMemoryIdempotencyCatalog extends IdempotencyCatalog {
  constructor(private readonly memory: CatalogMemory) {
    super();
  }

  async begin(key: string, owner: string, requestHash: string): ReturnType<IdempotencyCatalog['begin']> {
    const present = this.memory.idempotency.get(nameOf(key, owner));
    const now = this.memory.now();
    const isLive = present !== undefined && present.expiresAt > now;
    if (isLive && present.requestHash !== requestHash) {
      throw new BerthError('idempotency-key-reused', 'This Idempotency-Key was used with another request.');
    }
    if (isLive && present.answer !== null) return { kind: 'kept', answer: present.answer };
    if (isLive && present.lockedUntil > now) {
      throw new BerthError('idempotency-key-in-use', 'The first request with this key has not been answered yet.');
    }
    const [lockedUntil, expiresAt] = [this.memory.now(minuteMs), this.memory.now(dayMs)];
    this.memory.idempotency.set(nameOf(key, owner), { requestHash, answer: null, lockedUntil, expiresAt });
    return { kind: 'new' };
  }

  async keep(key: string, owner: string, answer: KeptAnswer): Promise<void> {
    const present = this.memory.idempotency.get(nameOf(key, owner));
    const kept = asJson({ ...answer, body: answer.body ?? null });
    if (present !== undefined) this.memory.idempotency.set(nameOf(key, owner), { ...present, answer: kept });
  }

  async forget(key: string, owner: string): Promise<void> {
    const present = this.memory.idempotency.get(nameOf(key, owner));
    if (present?.answer === null) this.memory.idempotency.delete(nameOf(key, owner));
  }

  async deleteExpired(now: Date): Promise<number> {
    const expired = [...this.memory.idempotency].filter(([, { expiresAt }]) => expiresAt <= now);
    for (const [name] of expired) this.memory.idempotency.delete(name);
    return expired.length;
  }
}

function nameOf(key: string, owner: string): string {
  return JSON.stringify([owner, key]);
}

function keyOf({ seq: _seq, hash: _hash, ...key }: KeyRecord): ApiKey {
  return key;
}

function hashOf(before: string, entry: Omit<RecordedAuditEntry, 'hash'>): string {
  const { number, at, actor, action, tenantId, object, from, answer, operationId } = entry;
  const text = JSON.stringify([number, at, actor, action, tenantId, object, from, answer, operationId]);
  return createHash('sha256').update(`${before}\n${text}`).digest('hex');
}
