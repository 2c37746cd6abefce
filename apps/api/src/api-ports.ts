import { Doctor, IsolationPolicy, OperationDesk } from '@berth/operations';
import {
  ApiKeyCatalog,
  AuditLog,
  ClientReports,
  ClusterCatalog,
  ClusterProbe,
  DrainCatalog,
  IdempotencyCatalog,
  Infrastructure,
  IsolationProofs,
  JobQueue,
  MoveCatalog,
  OperationCatalog,
  PlacementCatalog,
  PlanCatalog,
  PoolerCatalog,
  RequestCounter,
  SecretStore,
  TenantCatalog,
  TenantDatabase,
  TenantRouter,
} from '@berth/ports';

/** All that the API asks of the rest of Berth, for those who start it with something else behind. */
export const apiPorts = [
  ...[ApiKeyCatalog, AuditLog, ClusterCatalog, ClusterProbe, DrainCatalog, IdempotencyCatalog],
  ...[Infrastructure, JobQueue, MoveCatalog],
  ...[OperationCatalog, OperationDesk, PlacementCatalog, PlanCatalog, RequestCounter, SecretStore, TenantCatalog],
  ...[ClientReports, TenantDatabase, PoolerCatalog, TenantRouter, IsolationProofs, IsolationPolicy, Doctor],
];
