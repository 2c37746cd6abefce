import { type AppliedMigration, type Migration, MigrationLedger } from '@berth/ports';
import type { CatalogDatabase } from './catalog-database.js';

/** One hash over versions and checksums in order; the same words for what is there and for what is wanted. */
const digest = `encode(sha256(convert_to(
  coalesce(string_agg(version || '=' || checksum, E'\\n' ORDER BY version COLLATE "C"), ''), 'UTF8')), 'hex')`;

const upsert = /* sql */ `
  INSERT INTO berth.migration_ledger (tenant_id, version, checksum, applied_at, ms)
  SELECT $1, * FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::double precision[])
  ON CONFLICT (tenant_id, version)
    DO UPDATE SET checksum = excluded.checksum, applied_at = excluded.applied_at, ms = excluded.ms
`;

const stand = /* sql */ `
  UPDATE berth.tenants SET migrations_digest =
    (SELECT ${digest} FROM berth.migration_ledger WHERE tenant_id = $1)
  WHERE id = $1
`;

const recordFailure = /* sql */ `
  INSERT INTO berth.migration_failures (tenant_id, version, message, at) VALUES ($1, $2, $3, now())
  ON CONFLICT (tenant_id) DO UPDATE SET version = excluded.version, message = excluded.message, at = excluded.at
`;

/** Two ranges instead of "is not": each is a range of the index (the order makes the planner take it), and "nobody is behind" reads no row. */
const behind = /* sql */ `
  WITH wanted AS MATERIALIZED (
    SELECT ${digest} AS digest FROM unnest($1::text[], $2::text[]) AS w (version, checksum)
  )
  SELECT id FROM (
    (SELECT id FROM berth.tenants
      WHERE state IN ('ready', 'suspended') AND migrations_digest < (SELECT digest FROM wanted)
      ORDER BY migrations_digest LIMIT $3)
    UNION ALL
    (SELECT id FROM berth.tenants
      WHERE state IN ('ready', 'suspended') AND migrations_digest > (SELECT digest FROM wanted)
      ORDER BY migrations_digest LIMIT $3)
  ) AS found
  ORDER BY id LIMIT $3
`;

export class SqlMigrationLedger extends MigrationLedger {
  constructor(private readonly database: CatalogDatabase) {
    super();
  }

  async record(tenantId: string, applied: readonly AppliedMigration[]): Promise<void> {
    await this.database.transaction(async (statements) => {
      await statements.rows(upsert, [
        tenantId,
        applied.map(({ version }) => version),
        applied.map(({ checksum }) => checksum),
        applied.map(({ appliedAt }) => appliedAt),
        applied.map(({ ms }) => ms),
      ]);
      await statements.rows(stand, [tenantId]);
      await statements.rows('DELETE FROM berth.migration_failures WHERE tenant_id = $1', [tenantId]);
    });
  }

  async recordFailure(tenantId: string, version: string, message: string): Promise<void> {
    await this.database.rows(recordFailure, [tenantId, version, message]);
  }

  async of(tenantId: string): ReturnType<MigrationLedger['of']> {
    const applied = await this.database.rows<AppliedMigration>(
      'SELECT version, checksum, applied_at AS "appliedAt", ms FROM berth.migration_ledger WHERE tenant_id = $1 ORDER BY version',
      [tenantId],
    );
    const failure = await this.database.one<{ readonly version: string; readonly message: string; readonly at: Date }>(
      'SELECT version, message, at FROM berth.migration_failures WHERE tenant_id = $1',
      [tenantId],
    );
    return { applied, failure };
  }

  async behind(migrations: readonly Migration[], limit: number): Promise<readonly string[]> {
    const rows = await this.database.rows<{ readonly id: string }>(behind, [
      migrations.map(({ version }) => version),
      migrations.map(({ checksum }) => checksum),
      limit,
    ]);
    return rows.map(({ id }) => id);
  }
}
