import 'reflect-metadata';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Config } from '@berth/config';
import { Doctor, DrainDriver, IsolationProver, OperationDesk, type Tools } from '@berth/operations';
import {
  AuditLog,
  ClusterCatalog,
  ClusterDirectory,
  ClusterProbe,
  DrainCatalog,
  IdempotencyCatalog,
  Infrastructure,
  JobQueue,
  MoveCatalog,
  OperationCatalog,
  PlacementCatalog,
  PoolerCatalog,
  SecretStore,
  TenantCatalog,
  StreamLag,
  TenantReplication,
  TenantRouter,
  type QueueName,
} from '@berth/ports';
import { Journal, noFailpoints } from '@berth/saga';
import { type FencedTools, FencedToolsToken, ToolsToken } from '@berth/system';
import { HealthServer } from '@berth/telemetry';
import type { Logger } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { DoctorWatch } from './doctor-watch.js';
import { OperationsProcessor } from './operations.processor.js';
import { runLog } from './run-log.js';
import { createSagaRunner } from './saga-runner.js';
import { Schedules } from './schedules.js';
import { StreamWatch } from './stream-watch.js';
import { WorkerModule } from './worker.module.js';

export interface RunningWorker {
  readonly healthPort: number;
  /** Takes no further job, stops what can stop, hands leases back. */
  stop(): Promise<void>;
}

/** Starts one worker. It has no failpoints: the crash tests, which want some, have a program of their own. */
export async function startWorker(config: Config, log: Logger): Promise<RunningWorker> {
  const onQueueError = (error: Error): void => {
    log.warn({ err: error }, 'the queue has a trouble; the sweep goes on');
  };
  const app = await NestFactory.createApplicationContext(WorkerModule.forRoot(config, onQueueError), {
    logger: false,
    abortOnError: false,
  });
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  const runner = createSagaRunner({
    tools: app.get<Tools>(ToolsToken),
    fenced: app.get<FencedTools>(FencedToolsToken),
    journal: app.get(Journal),
    observer: runLog(log, metrics),
    leaseMs: config.BERTH_LEASE_MS,
    failpoints: noFailpoints,
  });
  const processors: Readonly<Record<QueueName, OperationsProcessor>> = {
    operations: new OperationsProcessor(app.get(JobQueue), runner, log),
  };
  const schedules = schedulesOf(app, log, metrics);
  const health = healthServerOf(app, config, metrics);
  // First: a worker that may not have its port must not have taken an operation.
  const healthPort = await health.start();
  for (const one of Object.values(processors)) await one.start(config.BERTH_WORKER_CONCURRENCY);
  schedules.start(config.BERTH_SWEEP_MS, config.BERTH_INFRASTRUCTURE === 'aws' ? 300_000 : undefined);
  return {
    healthPort,
    async stop() {
      // At the same time: a duty that takes long must not keep leases from being handed back.
      await Promise.all([schedules.stop(), ...Object.values(processors).map((one) => one.stop())]);
      await health.stop();
      await app.close();
    },
  };
}

/** The duties of a worker over an application's ports. */
export function schedulesOf(app: INestApplicationContext, log: Logger, metrics = new Registry()): Schedules {
  const operations = app.get(OperationCatalog);
  const placements = app.get(PlacementCatalog);
  const desk = app.get(OperationDesk);
  const moves = app.get(MoveCatalog);
  const drains = new DrainDriver({
    drains: app.get(DrainCatalog),
    moves,
    placements,
    operations,
    desk,
  });
  const ports = {
    ...{ operations, placements, desk, drains },
    streams: new StreamWatch(
      { moves, placements, operations, replication: app.get(TenantReplication), lag: app.get(StreamLag) },
      metrics,
      log,
    ),
    doctor: new DoctorWatch(app.get(Doctor), metrics, log),
    prover: app.get(IsolationProver),
    tenants: app.get(TenantCatalog),
    clusters: app.get(ClusterCatalog),
    idempotency: app.get(IdempotencyCatalog),
    infrastructure: app.get(Infrastructure),
    probe: app.get(ClusterProbe),
    directory: app.get(ClusterDirectory),
    queue: app.get(JobQueue),
    audit: app.get(AuditLog),
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
      catalog: async () => void (await app.get(OperationCatalog).countOpen()),
      secrets: () => app.get(SecretStore).check(),
      queue: async () => void (await app.get(JobQueue).depth()),
    },
  });
}
