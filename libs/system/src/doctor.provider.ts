import { Doctor, type DoctorPorts, OperationDesk } from '@berth/operations';
import {
  ClusterCatalog,
  ClusterDirectory,
  ClusterProbe,
  Infrastructure,
  JobQueue,
  MoveCatalog,
  OperationCatalog,
  PlacementCatalog,
  PlanCatalog,
  PoolerCatalog,
  SecretStore,
  ServedCertificates,
  ServerExaminer,
  TenantCatalog,
  TenantRouter,
} from '@berth/ports';

const tokens = {
  tenants: TenantCatalog,
  placements: PlacementCatalog,
  clusters: ClusterCatalog,
  plans: PlanCatalog,
  moves: MoveCatalog,
  operations: OperationCatalog,
  poolers: PoolerCatalog,
  secrets: SecretStore,
  directory: ClusterDirectory,
  probe: ClusterProbe,
  examiner: ServerExaminer,
  infrastructure: Infrastructure,
  router: TenantRouter,
  certificates: ServedCertificates,
  desk: OperationDesk,
  queue: JobQueue,
} as const satisfies Record<keyof Omit<DoctorPorts, 'now'>, unknown>;

/** Who examines the whole system. */
export const doctorProvider = {
  provide: Doctor,
  inject: Object.values(tokens),
  useFactory: (...given: readonly unknown[]): Doctor => {
    const ports = Object.fromEntries(Object.keys(tokens).map((name, index) => [name, given[index]]));
    return new Doctor({ ...ports, now: () => new Date() } as unknown as DoctorPorts);
  },
};
