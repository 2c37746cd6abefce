import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { CatalogModule, FencedCatalogs } from '@berth/catalog';
import type { Config } from '@berth/config';
import {
  CatalogClusterDirectory,
  CatalogOperationDesk,
  IsolationPolicy,
  OperationDesk,
  type PlanningPorts,
  type Tools,
} from '@berth/operations';
import {
  ClientReports,
  ClusterCatalog,
  ClusterDirectory,
  ClusterProbe,
  Confirmations,
  Infrastructure,
  IsolationProber,
  IsolationProofs,
  JobQueue,
  MoveCatalog,
  OperationCatalog,
  PlacementCatalog,
  PlanCatalog,
  PoolerCatalog,
  RequestCounter,
  SecretStore,
  ServedCertificates,
  ServerExaminer,
  StreamLag,
  TenantAdoption,
  TenantCatalog,
  TenantComparison,
  TenantCopy,
  TenantDatabase,
  TenantFence,
  TenantGate,
  TenantReplication,
  TenantSwitch,
  OnlineCopy,
  TenantMigrations,
  TenantRouter,
} from '@berth/ports';
import { PgBouncerTenantRouter } from '@berth/pgbouncer';
import {
  ClusterConnections,
  PostgresClusterProbe,
  PostgresIsolationProber,
  PostgresServerExaminer,
  PostgresStreamLag,
  PostgresTenantAdoption,
  PostgresTenantComparison,
  PostgresTenantCopy,
  PostgresTenantDatabase,
  PostgresTenantFence,
  PostgresTenantGate,
  PostgresTenantReplication,
  PostgresTenantSwitch,
  PostgresOnlineCopy,
} from '@berth/postgres';
import { Journal } from '@berth/saga';
import { ConfiguredCertificates } from './configured-certificates.js';
import { doctorProvider } from './doctor.provider.js';
import { fencedTools, FencedToolsToken } from './fenced-tools.js';
import { proverFor } from './isolation.provider.js';
import { infrastructureFor } from './infrastructure.provider.js';
import { migrationsFor } from './migrations.provider.js';
import { rememberedPrograms } from './programs.provider.js';
import { ConfiguredRedis, jobQueueFor, redisFor, requestCounterFor } from './queue.provider.js';
import { secretsFor } from './secrets.provider.js';
import { toolsProvider, ToolsToken } from './tools.provider.js';

/** Each port with the adapter that the configuration names: the one place where they meet. */
@Module({})
export class SystemModule {
  /** `onQueueError` hears of the queue's troubles, for the log: it heals by itself, and the sweep brings what it lost. */
  static forRoot(config: Config, onQueueError: (error: Error) => void = () => undefined): DynamicModule {
    const providers = providersFor(config, onQueueError);
    return {
      module: SystemModule,
      global: true,
      imports: [CatalogModule.forRoot({ url: config.BERTH_CATALOG_URL })],
      providers,
      exports: [CatalogModule, ...tokensOf(providers)],
    };
  }
}

function providersFor(config: Config, onQueueError: (error: Error) => void): Provider[] {
  return [
    { provide: SecretStore, useFactory: () => secretsFor(config) },
    { provide: ConfiguredRedis, useFactory: () => redisFor(config, onQueueError) },
    {
      provide: JobQueue,
      inject: [ConfiguredRedis],
      useFactory: (redis: ConfiguredRedis) => jobQueueFor(config, redis, onQueueError),
    },
    {
      provide: RequestCounter,
      inject: [ConfiguredRedis],
      useFactory: (redis: ConfiguredRedis) => requestCounterFor(redis, onQueueError),
    },
    {
      provide: ClusterDirectory,
      inject: [ClusterCatalog, SecretStore],
      useFactory: (clusters: ClusterCatalog, secrets: SecretStore) => new CatalogClusterDirectory(clusters, secrets),
    },
    {
      provide: ClusterConnections,
      inject: [ClusterDirectory],
      useFactory: (directory: ClusterDirectory) => new ClusterConnections(directory),
    },
    overConnections(ClusterProbe, PostgresClusterProbe),
    overConnections(TenantDatabase, PostgresTenantDatabase),
    overConnections(TenantAdoption, PostgresTenantAdoption),
    overConnections(TenantFence, PostgresTenantFence),
    overConnections(TenantComparison, PostgresTenantComparison),
    overConnections(TenantReplication, PostgresTenantReplication),
    overConnections(StreamLag, PostgresStreamLag),
    overConnections(TenantGate, PostgresTenantGate),
    overConnections(TenantSwitch, PostgresTenantSwitch),
    overConnections(IsolationProber, PostgresIsolationProber),
    overConnections(ServerExaminer, PostgresServerExaminer),
    { provide: ServedCertificates, useFactory: () => new ConfiguredCertificates(config) },
    doctorProvider,
    {
      provide: IsolationPolicy,
      inject: [IsolationProofs],
      useFactory: (proofs: IsolationProofs) => new IsolationPolicy(proofs, config.BERTH_ISOLATION_POLICY === 'block'),
    },
    proverFor(config),
    {
      provide: TenantCopy,
      inject: [ClusterConnections],
      useFactory: (connections: ClusterConnections) =>
        new PostgresTenantCopy({
          connections,
          dumpsFolder: config.BERTH_DUMPS_DIR,
          programsFor: rememberedPrograms(config),
        }),
    },
    {
      provide: OnlineCopy,
      inject: [ClusterConnections, TenantCopy],
      useFactory: (connections: ClusterConnections, copy: PostgresTenantCopy) =>
        new PostgresOnlineCopy({ connections, copy }),
    },
    {
      provide: TenantMigrations,
      inject: [ClusterConnections],
      useFactory: (connections: ClusterConnections) => migrationsFor(config, connections),
    },
    { provide: Infrastructure, useFactory: () => infrastructureFor(config) },
    { provide: TenantRouter, useFactory: () => new PgBouncerTenantRouter() },
    deskProvider(config),
    toolsProvider,
    {
      provide: FencedToolsToken,
      inject: [ToolsToken, Journal, FencedCatalogs],
      useFactory: (tools: Tools, journal: Journal, catalogs: FencedCatalogs) =>
        fencedTools(tools, { journal, leaseMs: config.BERTH_LEASE_MS, catalog: (lease) => catalogs.of(lease) }),
    },
  ];
}

function overConnections(port: object, adapter: new (connections: ClusterConnections) => unknown): Provider {
  return {
    provide: port as never,
    inject: [ClusterConnections],
    useFactory: (connections: ClusterConnections) => new adapter(connections),
  };
}

function deskProvider(config: Config): Provider {
  const ports = {
    tenants: TenantCatalog,
    placements: PlacementCatalog,
    clusters: ClusterCatalog,
    plans: PlanCatalog,
    moves: MoveCatalog,
    poolers: PoolerCatalog,
    router: TenantRouter,
    secrets: SecretStore,
    database: TenantDatabase,
    migrations: TenantMigrations,
    copy: TenantCopy,
    comparison: TenantComparison,
    replication: TenantReplication,
    infrastructure: Infrastructure,
    directory: ClusterDirectory,
    probe: ClusterProbe,
    clients: ClientReports,
    confirmations: Confirmations,
    adoption: TenantAdoption,
    isolation: IsolationPolicy,
  } satisfies Record<keyof Omit<PlanningPorts, 'fitness' | 'now' | 'retentionDays'>, unknown>;
  const names = Object.keys(ports);
  return {
    provide: OperationDesk,
    inject: [OperationCatalog, JobQueue, ...Object.values(ports)],
    useFactory: (operations: OperationCatalog, queue: JobQueue, ...given: readonly unknown[]) => {
      const planning = Object.fromEntries(names.map((name, index) => [name, given[index]]));
      const settings = { retentionDays: config.BERTH_RETENTION_DAYS, now: () => new Date() };
      return new CatalogOperationDesk({ ...planning, ...settings } as never, operations, queue);
    },
  };
}

function tokensOf(providers: readonly Provider[]): NonNullable<DynamicModule['exports']> {
  return providers.map((provider) => (typeof provider === 'function' ? provider : provider.provide));
}

export { ToolsToken };
