import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import type { Logger } from 'pino';
import {
  AuditLog,
  ClientReports,
  IdempotencyCatalog,
  IsolationProofs,
  JobQueue,
  MoveCatalog,
  OperationCatalog,
  RequestCounter,
  TenantCatalog,
} from '@berth/ports';
import { Authentication } from './access/authenticate.js';
import { KeyLookup } from './access/key-lookup.js';
import { RateLimits } from './access/rate-limits.js';
import { AnnouncementController } from './announcements/announcement.controller.js';
import { ApiKeyController } from './api-keys/api-key.controller.js';
import { AuditController } from './audit/audit.controller.js';
import { AuditTrail } from './audit/audit-trail.js';
import { ClientController } from './clients/client.controller.js';
import { ClusterController } from './clusters/cluster.controller.js';
import { LiveCluster } from './clusters/live-cluster.js';
import { DoctorController } from './doctor/doctor.controller.js';
import { DrainController } from './clusters/drain.controller.js';
import { DrainPlanning } from './clusters/drain-planning.js';
import { IsolationController } from './clusters/isolation.controller.js';
import { ClusterRegistration } from './clusters/register-cluster.js';
import { IdempotentWrites } from './idempotency/idempotent-writes.js';
import { MoveController } from './moves/move.controller.js';
import { OperationController } from './operations/operation.controller.js';
import { OperationWatch } from './operations/operation-watch.js';
import { StartOperation } from './operations/start-operation.js';
import { PlacementExplanations } from './placements/explain-placement.js';
import { PlacementController } from './placements/placement.controller.js';
import { PlanController } from './plans/plan.controller.js';
import { PoolerController } from './poolers/pooler.controller.js';
import { PoolerRegistration } from './poolers/register-pooler.js';
import { SecretController } from './secrets/secret.controller.js';
import { ApiMetrics } from './telemetry/metrics.js';
import { RequestTelemetry } from './telemetry/request-telemetry.js';
import { TenantController } from './tenants/tenant.controller.js';

export interface ApiSettings {
  readonly log: Logger;
  readonly requestsPerMinute: number;
  /** Only tests change them. */
  readonly watchTimes?: { readonly pollMs: number; readonly heartbeatMs: number };
}

/** The API over whatever gives the ports: the real system in `main.ts`, fakes in tests. */
@Module({})
export class ApiModule {
  static with(ports: DynamicModule, settings: ApiSettings): DynamicModule {
    return {
      module: ApiModule,
      imports: [ports],
      controllers: [
        TenantController,
        MoveController,
        OperationController,
        ClusterController,
        DoctorController,
        DrainController,
        IsolationController,
        PlacementController,
        PlanController,
        PoolerController,
        ApiKeyController,
        AuditController,
        SecretController,
        ClientController,
        AnnouncementController,
      ],
      providers: providersFor(settings),
    };
  }
}

function providersFor({ log, requestsPerMinute, watchTimes }: ApiSettings): Provider[] {
  return [
    StartOperation,
    ClusterRegistration,
    LiveCluster,
    DrainPlanning,
    PlacementExplanations,
    PoolerRegistration,
    KeyLookup,
    Authentication,
    {
      provide: RateLimits,
      inject: [RequestCounter],
      useFactory: (counter: RequestCounter) => new RateLimits(counter, requestsPerMinute),
    },
    {
      provide: IdempotentWrites,
      inject: [IdempotencyCatalog],
      useFactory: (catalog: IdempotencyCatalog) => new IdempotentWrites(catalog, log),
    },
    { provide: AuditTrail, inject: [AuditLog], useFactory: (audit: AuditLog) => new AuditTrail(audit, log) },
    {
      provide: OperationWatch,
      inject: [OperationCatalog, MoveCatalog],
      useFactory: (operations: OperationCatalog, moves: MoveCatalog) =>
        new OperationWatch(operations, moves, log, watchTimes),
    },
    {
      provide: ApiMetrics,
      inject: [TenantCatalog, OperationCatalog, MoveCatalog, JobQueue, IsolationProofs, ClientReports, OperationWatch],
      useFactory: (
        tenants: TenantCatalog,
        operations: OperationCatalog,
        moves: MoveCatalog,
        queue: JobQueue,
        proofs: IsolationProofs,
        clients: ClientReports,
        watch: OperationWatch,
      ) => new ApiMetrics({ tenants, operations, moves, queue, proofs, clients, watchers: () => watch.watchers }),
    },
    {
      provide: RequestTelemetry,
      inject: [ApiMetrics],
      useFactory: (metrics: ApiMetrics) => new RequestTelemetry(log, metrics),
    },
  ];
}
