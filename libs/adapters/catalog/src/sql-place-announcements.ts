import type { AnnouncedPlace, TenantId } from '@berth/domain';
import { PlaceAnnouncements } from '@berth/ports';
import type { CatalogDatabase } from './catalog-database.js';

const columns = `tenant_id AS "tenantId", operation_id AS "operationId", leaves AS "from", reaches AS "to", announced_at AS "announcedAt"`;

const announce = /* sql */ `
  INSERT INTO berth.announced_places AS known (tenant_id, operation_id, generation, leaves, reaches)
  VALUES ($1, $2, $3, $4::jsonb, $5::jsonb)
  ON CONFLICT (tenant_id) DO UPDATE
    SET operation_id = excluded.operation_id, generation = excluded.generation, leaves = excluded.leaves, reaches = excluded.reaches,
      announced_at = CASE WHEN known.operation_id = excluded.operation_id THEN known.announced_at ELSE excluded.announced_at END
  RETURNING extract(epoch FROM now() - announced_at)::float8 * 1000 AS "ageMs"
`;

/** What leads away from another place than the tenant's present one has become moot: by the switch, above all. */
const live = /* sql */ `
  SELECT ${columns} FROM berth.announced_places a
  WHERE ($1::text IS NULL OR a.tenant_id = $1) AND EXISTS (
    SELECT FROM berth.placements p WHERE p.tenant_id = a.tenant_id AND p.generation = a.generation AND p.state = 'current'
  )
  ORDER BY a.tenant_id
`;

export class SqlPlaceAnnouncements extends PlaceAnnouncements {
  constructor(private readonly database: CatalogDatabase) {
    super();
  }

  async announce({ tenantId, operationId, from, to }: Omit<AnnouncedPlace, 'announcedAt'>): Promise<number> {
    const values = [tenantId, operationId, from.generation, JSON.stringify(from), JSON.stringify(to)];
    const kept = await this.database.one<{ readonly ageMs: number }>(announce, values);
    if (kept === null) throw new Error('an upsert always gives its row');
    return Math.max(0, kept.ageMs);
  }

  async withdraw(tenantId: TenantId, operationId: string): Promise<void> {
    const sql = 'DELETE FROM berth.announced_places WHERE tenant_id = $1 AND operation_id = $2';
    await this.database.rows(sql, [tenantId, operationId]);
  }

  live(tenantId?: TenantId): Promise<readonly AnnouncedPlace[]> {
    return this.database.rows<AnnouncedPlace>(live, [tenantId ?? null]);
  }
}
