import { BerthError } from '@berth/domain';
import { type ApiKey, ApiKeyCatalog, type Page, type PageRequest, type Scope } from '@berth/ports';
import type { CatalogDatabase } from './catalog-database.js';
import { apiKeyCursor, keyOf, pageOf } from './page-cursor.js';

interface ApiKeyRow {
  readonly id: string;
  readonly seq: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly tenant_id: string | null;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly last_used_at: Date | null;
  readonly revoked_at: Date | null;
}

/** Never the hash: nobody but the search for it needs it. */
const columns = 'id, seq, name, scopes, tenant_id, created_at, expires_at, last_used_at, revoked_at';

const insertKey = /* sql */ `
  INSERT INTO berth.api_keys (id, hash, name, scopes, tenant_id, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT DO NOTHING
  RETURNING ${columns}
`;

const touch = /* sql */ `
  UPDATE berth.api_keys SET last_used_at = now()
  WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
`;

export class SqlApiKeyCatalog extends ApiKeyCatalog {
  constructor(private readonly database: CatalogDatabase) {
    super();
  }

  /** The same key under the same id again is no error: two processes may make the first key known at once. */
  async create(key: Omit<ApiKey, 'lastUsedAt' | 'revokedAt' | 'createdAt'>, hash: string): Promise<ApiKey> {
    const parameters = [key.id, hash, key.name, key.scopes, key.tenantId, key.expiresAt];
    const made = await this.database.one<ApiKeyRow>(insertKey, parameters);
    if (made !== null) return apiKeyOf(made);
    const present = await this.findByHash(hash);
    if (present?.id === key.id) return present;
    throw new BerthError('internal', `The API key ${key.id} cannot be made: its id or its hash is taken.`);
  }

  async findByHash(hash: string): Promise<ApiKey | null> {
    return await this.#find('hash', hash);
  }

  async get(id: string): Promise<ApiKey | null> {
    return await this.#find('id', id);
  }

  async list(page: PageRequest): Promise<Page<ApiKey>> {
    const before = keyOf(apiKeyCursor, page);
    const where = before === null ? '' : 'WHERE seq < $2';
    const rows = await this.database.rows<ApiKeyRow>(
      `SELECT ${columns} FROM berth.api_keys ${where} ORDER BY seq DESC LIMIT $1`,
      [page.limit + 1, ...(before === null ? [] : [before])],
    );
    return pageOf(apiKeyCursor, page, rows, { item: apiKeyOf, key: (row) => row.seq });
  }

  async revoke(id: string): Promise<ApiKey> {
    const row = await this.database.one<ApiKeyRow>(
      `UPDATE berth.api_keys SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1 RETURNING ${columns}`,
      [id],
    );
    if (row !== null) return apiKeyOf(row);
    throw new BerthError('api-key-not-found', `There is no API key ${id}.`, { details: { keyId: id } });
  }

  async touch(id: string): Promise<void> {
    await this.database.rows(touch, [id]);
  }

  async #find(column: 'id' | 'hash', value: string): Promise<ApiKey | null> {
    const row = await this.database.one<ApiKeyRow>(`SELECT ${columns} FROM berth.api_keys WHERE ${column} = $1`, [
      value,
    ]);
    return row === null ? null : apiKeyOf(row);
  }
}

function apiKeyOf(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    scopes: row.scopes,
    tenantId: row.tenant_id,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
    createdAt: row.created_at,
  };
}
