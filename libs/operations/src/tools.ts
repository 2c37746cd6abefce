import {
  BerthError,
  secretRefs,
  type Actor,
  type Place,
  type TenantId,
  type TenantLimits,
  type TenantLogins,
} from '@berth/domain';
import type {
  ClientReports,
  ClusterCatalog,
  ClusterProbe,
  Confirmations,
  Infrastructure,
  MigrationLedger,
  MoveCatalog,
  OnlineCopy,
  PlaceAnnouncements,
  PlacementCatalog,
  PoolerCatalog,
  SecretStore,
  StoredSecret,
  StreamLag,
  TenantAdoption,
  TenantCatalog,
  TenantComparison,
  TenantCopy,
  TenantDatabase,
  TenantFence,
  TenantGate,
  TenantMigrations,
  TenantReplication,
  TenantRouter,
  TenantSwitch,
  WantedTenant,
  ClusterDirectory,
} from '@berth/ports';

/** The ports that steps use. Each step names the ones it needs; the composition gives them all. */
export interface Tools {
  readonly tenants: TenantCatalog;
  readonly placements: PlacementCatalog;
  readonly clusters: ClusterCatalog;
  readonly moves: MoveCatalog;
  readonly ledger: MigrationLedger;
  readonly clients: ClientReports;
  readonly announcements: PlaceAnnouncements;
  readonly confirmations: Confirmations;
  readonly secrets: SecretStore;
  readonly directory: ClusterDirectory;
  readonly probe: ClusterProbe;
  readonly database: TenantDatabase;
  readonly adoption: TenantAdoption;
  readonly migrations: TenantMigrations;
  readonly fence: TenantFence;
  readonly copy: TenantCopy;
  readonly comparison: TenantComparison;
  readonly replication: TenantReplication;
  readonly lag: StreamLag;
  readonly onlineCopy: OnlineCopy;
  readonly gate: TenantGate;
  readonly switchover: TenantSwitch;
  readonly infrastructure: Infrastructure;
  readonly poolers: PoolerCatalog;
  readonly router: TenantRouter;
}

/** The part of a step's context that tells who acts. */
export function actorOf(context: {
  readonly operationId: string;
  readonly fence: number;
  readonly input: { readonly tenantId: TenantId };
}): Actor {
  return { operationId: context.operationId, tenantId: context.input.tenantId, fence: context.fence };
}

/** Of the secret store all that is needed to look something up. */
export interface SecretReader {
  readonly secrets: Pick<SecretStore, 'read'>;
}

/** What the tenant's objects should be at this place, with the verifiers that Berth keeps. @throws `secret-missing` */
export async function wantedAt(
  tools: SecretReader,
  place: Place,
  limits: TenantLimits,
  logins: 'open' | 'closed',
): Promise<WantedTenant> {
  const { a, b } = await loginsOf(tools, place.tenantId);
  const verifiers = { ...(a && { a: a.verifier }), ...(b && { b: b.verifier }) };
  return { place, limits, logins, verifiers };
}

/** @throws `secret-missing` */
export async function loginsOf(tools: SecretReader, tenantId: TenantId): Promise<TenantLogins> {
  return (await storedLogins(tools, tenantId)).document;
}

/** The same with its version, for whoever writes the next one. @throws `secret-missing` */
export async function storedLogins(tools: SecretReader, tenantId: TenantId): Promise<StoredSecret<TenantLogins>> {
  const stored = await tools.secrets.read(secretRefs.tenantLogins(tenantId));
  if (stored !== null) return stored;
  throw new BerthError('secret-missing', `The logins of tenant ${tenantId} are not in the secret store.`, {
    hint: `Restore the secret ${secretRefs.tenantLogins(tenantId)} from a backup of the store, then retry the operation.`,
  });
}
