import type { DynamicModule } from '@nestjs/common';
import { pino } from 'pino';
import { OperationDesk } from '@berth/operations';
import {
  ApiKeyCatalog,
  AuditLog,
  ClusterCatalog,
  ClusterProbe,
  IdempotencyCatalog,
  JobQueue,
  MoveCatalog,
  OperationCatalog,
  PlacementCatalog,
  PlanCatalog,
  PoolerCatalog,
  SecretStore,
  TenantCatalog,
  TenantRouter,
} from '@berth/ports';
import { createApi } from '../create-api.js';
import { openApiDocument } from './openapi-document.js';

const ports = [
  ...[ApiKeyCatalog, AuditLog, ClusterCatalog, ClusterProbe, IdempotencyCatalog, JobQueue, MoveCatalog],
  ...[OperationCatalog, OperationDesk, PlacementCatalog, PlanCatalog, SecretStore, TenantCatalog],
  ...[PoolerCatalog, TenantRouter],
];

/** `openapi.json` as it is checked in. The document comes from the routes alone: behind the ports is nothing. */
export async function documentText(): Promise<string> {
  const module: DynamicModule = {
    module: class NoPorts {},
    providers: ports.map((port) => ({ provide: port, useValue: {} })),
    exports: [...ports],
  };
  const { app, routes } = await createApi(module, {
    log: pino({ level: 'silent' }),
    requestsPerMinute: 1,
    trustedProxies: [],
  });
  try {
    return `${JSON.stringify(openApiDocument(routes), null, 2)}\n`;
  } finally {
    await app.close();
  }
}
