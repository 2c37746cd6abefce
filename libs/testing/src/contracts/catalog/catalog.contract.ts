import {
  describeApiKeyCatalogContract,
  describeAuditLogContract,
  describeIdempotencyCatalogContract,
  describeMigrationLedgerContract,
} from './access.contract.js';
import { describeClientReportsContract } from './client-reports.contract.js';
import type { MakeCatalog } from './catalog-subject.js';
import { describeClusterCatalogContract } from './cluster-catalog.contract.js';
import { describeConfirmationsContract } from './confirmations.contract.js';
import { describeDrainCatalogContract } from './drain-catalog.contract.js';
import { describeIsolationProofsContract } from './isolation-proofs.contract.js';
import { describeJournalContract } from './journal.contract.js';
import { describeMoveCatalogContract } from './move-catalog.contract.js';
import { describeOperationCatalogContract } from './operation-catalog.contract.js';
import { describePlaceAnnouncementsContract } from './place-announcements.contract.js';
import { describePlacementCatalogContract } from './placement-catalog.contract.js';
import { describePoolerCatalogContract } from './pooler-catalog.contract.js';
import { describeTenantCatalogContract } from './tenant-catalog.contract.js';

/** Every port of the catalog and the saga's journal, over one catalog: what one door writes, the others see. */
export function describeCatalogContract(name: string, makeCatalog: MakeCatalog): void {
  describeTenantCatalogContract(name, makeCatalog);
  describePlacementCatalogContract(name, makeCatalog);
  describeClusterCatalogContract(name, makeCatalog);
  describeDrainCatalogContract(name, makeCatalog);
  describeOperationCatalogContract(name, makeCatalog);
  describeJournalContract(name, makeCatalog);
  describeMoveCatalogContract(name, makeCatalog);
  describeApiKeyCatalogContract(name, makeCatalog);
  describeAuditLogContract(name, makeCatalog);
  describeIdempotencyCatalogContract(name, makeCatalog);
  describeMigrationLedgerContract(name, makeCatalog);
  describeClientReportsContract(name, makeCatalog);
  describePlaceAnnouncementsContract(name, makeCatalog);
  describeConfirmationsContract(name, makeCatalog);
  describePoolerCatalogContract(name, makeCatalog);
  describeIsolationProofsContract(name, makeCatalog);
}
