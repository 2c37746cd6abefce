import { CatalogMemory } from './catalog-memory.js';
import { InMemoryApiKeyCatalog, InMemoryAuditLog, InMemoryIdempotencyCatalog } from './in-memory-access.js';
import { InMemoryClientReports } from './in-memory-client-reports.js';
import { InMemoryClusterCatalog, InMemoryPlanCatalog } from './in-memory-cluster-catalog.js';
import { InMemoryConfirmations } from './in-memory-confirmations.js';
import { InMemoryDrainCatalog } from './in-memory-drain-catalog.js';
import { InMemoryIsolationProofs } from './in-memory-isolation-proofs.js';
import { InMemoryJournal } from './in-memory-journal.js';
import { InMemoryMigrationLedger } from './in-memory-migration-ledger.js';
import { InMemoryMoveCatalog } from './in-memory-move-catalog.js';
import { InMemoryOperationCatalog } from './in-memory-operation-catalog.js';
import { InMemoryPlaceAnnouncements } from './in-memory-place-announcements.js';
import { InMemoryPlacementCatalog } from './in-memory-placement-catalog.js';
import { InMemoryPoolerCatalog } from './in-memory-pooler-catalog.js';
import { InMemoryTenantCatalog } from './in-memory-tenant-catalog.js';

/** The whole catalog in memory, for one test: its parts see each other's writes, as over one database. */
export class InMemoryCatalog {
  /** The rows themselves, for a test that looks or meddles. */
  readonly memory: CatalogMemory;
  readonly tenants: InMemoryTenantCatalog;
  readonly placements: InMemoryPlacementCatalog;
  readonly clusters: InMemoryClusterCatalog;
  readonly drains: InMemoryDrainCatalog;
  readonly plans: InMemoryPlanCatalog;
  readonly moves: InMemoryMoveCatalog;
  readonly operations: InMemoryOperationCatalog;
  readonly journal: InMemoryJournal;
  readonly ledger: InMemoryMigrationLedger;
  readonly apiKeys: InMemoryApiKeyCatalog;
  readonly audit: InMemoryAuditLog;
  readonly idempotency: InMemoryIdempotencyCatalog;
  readonly clients: InMemoryClientReports;
  readonly announcements: InMemoryPlaceAnnouncements;
  readonly confirmations: InMemoryConfirmations;
  readonly poolers: InMemoryPoolerCatalog;
  readonly proofs: InMemoryIsolationProofs;

  /** `now` in ms since 1970: a test may bring its own clock. */
  constructor({ now = Date.now }: { readonly now?: () => number } = {}) {
    this.memory = new CatalogMemory(now);
    this.tenants = new InMemoryTenantCatalog(this.memory);
    this.placements = new InMemoryPlacementCatalog(this.memory);
    this.clusters = new InMemoryClusterCatalog(this.memory);
    this.drains = new InMemoryDrainCatalog(this.memory);
    this.plans = new InMemoryPlanCatalog(this.memory);
    this.moves = new InMemoryMoveCatalog(this.memory);
    this.operations = new InMemoryOperationCatalog(this.memory);
    this.journal = new InMemoryJournal(this.memory);
    this.ledger = new InMemoryMigrationLedger(this.memory);
    this.apiKeys = new InMemoryApiKeyCatalog(this.memory);
    this.audit = new InMemoryAuditLog(this.memory);
    this.idempotency = new InMemoryIdempotencyCatalog(this.memory);
    this.clients = new InMemoryClientReports(this.memory);
    this.announcements = new InMemoryPlaceAnnouncements(this.memory);
    this.confirmations = new InMemoryConfirmations(this.memory);
    this.poolers = new InMemoryPoolerCatalog(this.memory);
    this.proofs = new InMemoryIsolationProofs(this.memory);
  }
}
