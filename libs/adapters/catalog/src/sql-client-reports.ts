import { type ClientReport, clientReportLifeMs, type ClientWord, type TenantId } from '@berth/domain';
import { ClientReports } from '@berth/ports';
import type { CatalogDatabase } from './catalog-database.js';

const columns = `client, username, generation, ready_for AS "readyFor", first_seen_at AS "firstSeenAt", last_seen_at AS "lastSeenAt"`;
const isOld = `last_seen_at <= now() - ${String(clientReportLifeMs)} * interval '1 millisecond'`;

/** The client's own old row is renewed as a new one; those of others, which ended, are taken away by the way. */
const report = /* sql */ `
  WITH gone AS (
    DELETE FROM berth.client_reports WHERE tenant_id = $1 AND client <> $2 AND ${isOld}
  )
  INSERT INTO berth.client_reports AS known (tenant_id, client, username, generation, ready_for) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (tenant_id, client) DO UPDATE
    SET username = excluded.username, generation = excluded.generation, ready_for = excluded.ready_for, last_seen_at = excluded.last_seen_at,
      first_seen_at = CASE WHEN known.${isOld} THEN excluded.first_seen_at ELSE known.first_seen_at END
  RETURNING ${columns}
`;

const live = /* sql */ `
  SELECT ${columns} FROM berth.client_reports WHERE tenant_id = $1 AND NOT ${isOld} ORDER BY client
`;

export class SqlClientReports extends ClientReports {
  constructor(private readonly database: CatalogDatabase) {
    super();
  }

  async report(
    tenantId: TenantId,
    { client, username, generation, readyFor = null }: ClientWord,
  ): Promise<ClientReport> {
    const kept = await this.database.one<ClientReport>(report, [tenantId, client, username, generation, readyFor]);
    if (kept === null) throw new Error('an upsert always gives its row');
    return kept;
  }

  async live(tenantId: TenantId): Promise<readonly ClientReport[]> {
    return await this.database.rows<ClientReport>(live, [tenantId]);
  }
}
