import 'reflect-metadata';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Config } from '@berth/config';
import { OperationDesk, type Tools } from '@berth/operations';
import {
  ClusterCatalog,
  IdempotencyCatalog,
  Infrastructure,
  JobQueue,
  OperationCatalog,
  PlacementCatalog,
  PoolerCatalog,
  SecretStore,
  TenantCatalog,
  TenantRouter,
} from '@berth/ports';
import { Journal, noFailpoints, type Failpoints } from '@berth/saga';
import { type FencedTools, FencedToolsToken, SystemModule, ToolsToken } from '@berth/system';
import { HealthServer } from '@berth/telemetry';
import type { Logger } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { OperationsProcessor } from './operations.processor.js';
import { runLog } from './run-log.js';
import { createSagaRunner } from './saga-runner.js';
import { Schedules } from './schedules.js';

@Module({})
class WorkerModule {}

export interface RunningWorker {
  readonly healthPort: number;
  /** Takes no further job, stops what can stop, hands leases back. */
  stop(): Promise<void>;
}

/** Starts one worker. Failpoints are for tests, whose own program passes them; the worker's `main.ts` cannot. */
export async function startWorker(
  config: Config,
  log: Logger,
  failpoints: Failpoints = noFailpoints,
): Promise<RunningWorker> {
  const onQueueError = (error: Error): void => {
    log.warn({ err: error }, 'the queue has a trouble; the sweep goes on');
  };
  const app = await NestFactory.createApplicationContext(
    { module: WorkerModule, imports: [SystemModule.forRoot(config, onQueueError)] },
    { logger: false, abortOnError: false },
  );
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  const runner = createSagaRunner({
    tools: app.get<Tools>(ToolsToken),
    fenced: app.get<FencedTools>(FencedToolsToken),
    journal: app.get(Journal),
    observer: runLog(log, metrics),
    leaseMs: config.BERTH_LEASE_MS,
    failpoints,
  });
  const processor = new OperationsProcessor(app.get(JobQueue), runner, log);
  const schedules = schedulesOf(app, log);
  const health = healthServerOf(app, config, metrics);
  // First: a worker that may not have its port must not have taken an operation.
  const healthPort = await health.start();
  await processor.start(config.BERTH_WORKER_CONCURRENCY);
  schedules.start(config.BERTH_SWEEP_MS);
  return {
    healthPort,
    async stop() {
      // At the same time: a duty that takes long must not keep leases from being handed back.
      await Promise.all([schedules.stop(), processor.stop()]);
      await health.stop();
      await app.close();
    },
  };
}

function schedulesOf(app: INestApplicationContext, log: Logger): Schedules {
  const ports = {
    operations: app.get(OperationCatalog),
    tenants: app.get(TenantCatalog),
    clusters: app.get(ClusterCatalog),
    placements: app.get(PlacementCatalog),
    idempotency: app.get(IdempotencyCatalog),
    infrastructure: app.get(Infrastructure),
    queue: app.get(JobQueue),
    desk: app.get(OperationDesk),
    poolers: app.get(PoolerCatalog),
    router: app.get(TenantRouter),
    secrets: app.get(SecretStore),
    now: () => new Date(),
  };
  return new Schedules(ports, log);
}

function healthServerOf(app: INestApplicationContext, config: Config, metrics: Registry): HealthServer {
  return new HealthServer({
    host: config.BERTH_API_HOST,
    port: config.BERTH_WORKER_HEALTH_PORT,
    metrics,
    checks: {
      catalog: async () => void (await app.get(OperationCatalog).countByState()),
      secrets: () => app.get(SecretStore).check(),
      queue: async () => void (await app.get(JobQueue).depth()),
    },
  });
}
