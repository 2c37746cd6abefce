import type {
  ApiKeyCatalog,
  AuditLog,
  ClientReports,
  ClusterCatalog,
  Confirmations,
  DrainCatalog,
  IdempotencyCatalog,
  IsolationProofs,
  MigrationLedger,
  MoveCatalog,
  OperationCatalog,
  PlaceAnnouncements,
  PlacementCatalog,
  PlanCatalog,
  PoolerCatalog,
  TenantCatalog,
} from '@berth/ports';
import type { Journal, Lease } from '@berth/saga';
import type { DataSource } from 'typeorm';
import { CatalogDatabase, type CatalogOptions, connect } from './catalog-database.js';
import { EntityClusterCatalog, EntityPlanCatalog } from './entity-catalogs.js';
import { FencedCatalogDatabase } from './fenced-database.js';
import { migrateCatalog } from './migrate.js';
import { SqlApiKeyCatalog } from './sql-api-key-catalog.js';
import { SqlAuditLog } from './sql-audit-log.js';
import { SqlClientReports } from './sql-client-reports.js';
import { SqlConfirmations } from './sql-confirmations.js';
import { SqlDrainCatalog } from './sql-drain-catalog.js';
import { SqlIdempotencyCatalog } from './sql-idempotency-catalog.js';
import { SqlIsolationProofs } from './sql-isolation-proofs.js';
import { SqlJournal } from './sql-journal.js';
import { SqlMigrationLedger } from './sql-migration-ledger.js';
import { SqlMoveCatalog } from './sql-move-catalog.js';
import { SqlOperationCatalog } from './sql-operation-catalog.js';
import { PoolerLocks } from './pooler-locks.js';
import { SqlPlaceAnnouncements } from './sql-place-announcements.js';
import { SqlPlacementCatalog } from './sql-placement-catalog.js';
import { SqlPoolerCatalog } from './sql-pooler-catalog.js';
import { SqlTenantCatalog } from './sql-tenant-catalog.js';

/** All doors to the catalog. */
export interface CatalogParts {
  readonly tenants: TenantCatalog;
  readonly placements: PlacementCatalog;
  readonly clusters: ClusterCatalog;
  readonly drains: DrainCatalog;
  readonly plans: PlanCatalog;
  readonly moves: MoveCatalog;
  readonly operations: OperationCatalog;
  readonly journal: Journal;
  readonly ledger: MigrationLedger;
  readonly apiKeys: ApiKeyCatalog;
  readonly audit: AuditLog;
  readonly idempotency: IdempotencyCatalog;
  readonly clients: ClientReports;
  readonly announcements: PlaceAnnouncements;
  readonly proofs: IsolationProofs;
  readonly confirmations: Confirmations;
  readonly poolers: PoolerCatalog;
}

export interface OpenCatalog extends CatalogParts {
  /** The same catalog for one lease. */
  fenced(lease: Lease): FencedCatalog;
  /** Brings the schema to the newest version; safe in many processes at once. */
  migrate(): Promise<void>;
  close(): Promise<void>;
}

/** The catalog without Nest. Connects, migrates nothing. @throws `catalog-unavailable` */
export async function openCatalog(url: string, options: Omit<CatalogOptions, 'url'> = {}): Promise<OpenCatalog> {
  const source = await connect({ url, ...options });
  return {
    ...partsOf(source),
    fenced: (lease) => fencedPartsOf(source, lease),
    migrate: () => migrateCatalog({ url, ...options }),
    close: () => source.destroy(),
  };
}

/** What steps change, as the lease allows it. */
export type FencedCatalog = Pick<
  CatalogParts,
  'tenants' | 'placements' | 'clusters' | 'moves' | 'ledger' | 'announcements'
>;

export function fencedPartsOf(source: DataSource, lease: Lease): FencedCatalog {
  const database = new FencedCatalogDatabase(source, lease);
  return {
    tenants: new SqlTenantCatalog(database),
    placements: new SqlPlacementCatalog(database),
    clusters: new EntityClusterCatalog(database),
    moves: new SqlMoveCatalog(database),
    ledger: new SqlMigrationLedger(database),
    announcements: new SqlPlaceAnnouncements(database),
  };
}

export function partsOf(source: DataSource): CatalogParts {
  const database = new CatalogDatabase(source);
  return {
    tenants: new SqlTenantCatalog(database),
    placements: new SqlPlacementCatalog(database),
    clusters: new EntityClusterCatalog(database),
    drains: new SqlDrainCatalog(database),
    plans: new EntityPlanCatalog(database),
    moves: new SqlMoveCatalog(database),
    operations: new SqlOperationCatalog(database),
    journal: new SqlJournal(database),
    ledger: new SqlMigrationLedger(database),
    apiKeys: new SqlApiKeyCatalog(database),
    audit: new SqlAuditLog(database),
    idempotency: new SqlIdempotencyCatalog(database),
    clients: new SqlClientReports(database),
    announcements: new SqlPlaceAnnouncements(database),
    proofs: new SqlIsolationProofs(database),
    confirmations: new SqlConfirmations(database),
    poolers: new SqlPoolerCatalog(database, new PoolerLocks(database)),
  };
}
