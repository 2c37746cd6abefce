import type { Tools } from '@berth/operations';
import {
  ClientReports,
  ClusterCatalog,
  ClusterDirectory,
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
} from '@berth/ports';

/** The token of {@link Tools}: what the steps of all sagas are given. */
export const ToolsToken = Symbol('Tools');

const tokens = {
  tenants: TenantCatalog,
  placements: PlacementCatalog,
  clusters: ClusterCatalog,
  moves: MoveCatalog,
  ledger: MigrationLedger,
  clients: ClientReports,
  announcements: PlaceAnnouncements,
  confirmations: Confirmations,
  secrets: SecretStore,
  directory: ClusterDirectory,
  probe: ClusterProbe,
  database: TenantDatabase,
  adoption: TenantAdoption,
  migrations: TenantMigrations,
  fence: TenantFence,
  copy: TenantCopy,
  comparison: TenantComparison,
  replication: TenantReplication,
  lag: StreamLag,
  onlineCopy: OnlineCopy,
  gate: TenantGate,
  switchover: TenantSwitch,
  infrastructure: Infrastructure,
  poolers: PoolerCatalog,
  router: TenantRouter,
} as const satisfies Record<keyof Tools, unknown>;

const names = Object.keys(tokens);

export const toolsProvider = {
  provide: ToolsToken,
  inject: Object.values(tokens),
  useFactory: (...ports: readonly unknown[]) => Object.fromEntries(names.map((name, index) => [name, ports[index]])),
};
