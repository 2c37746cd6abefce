import {
  ApiKeyCatalog,
  AuditLog,
  ClientReports,
  ClusterCatalog,
  Confirmations,
  DrainCatalog,
  IdempotencyCatalog,
  IsolationProofs,
  MigrationLedger,
  MoveCatalog,
  OperationCatalog,
  PlaceAnnouncements,
  PlacementCatalog,
  PlanCatalog,
  PoolerCatalog,
  TenantCatalog,
} from '@berth/ports';
import { Journal, type Lease } from '@berth/saga';
import { type DynamicModule, type FactoryProvider, Module } from '@nestjs/common';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { type CatalogOptions, connect, dataSourceOptions } from './catalog-database.js';
import { migrateCatalog } from './migrate.js';
import { type CatalogParts, type FencedCatalog, fencedPartsOf, partsOf } from './open-catalog.js';

/** Gives the catalog of one lease: what a worker's steps change, they change through it. */
export class FencedCatalogs {
  constructor(private readonly source: DataSource) {}

  of(lease: Lease): FencedCatalog {
    return fencedPartsOf(this.source, lease);
  }
}

const partsToken = Symbol('catalog parts');

/** Which port is which part. */
const ports = [
  [TenantCatalog, 'tenants'],
  [PlacementCatalog, 'placements'],
  [ClusterCatalog, 'clusters'],
  [DrainCatalog, 'drains'],
  [PlanCatalog, 'plans'],
  [MoveCatalog, 'moves'],
  [OperationCatalog, 'operations'],
  [Journal, 'journal'],
  [MigrationLedger, 'ledger'],
  [ApiKeyCatalog, 'apiKeys'],
  [AuditLog, 'audit'],
  [IdempotencyCatalog, 'idempotency'],
  [ClientReports, 'clients'],
  [PlaceAnnouncements, 'announcements'],
  [IsolationProofs, 'proofs'],
  [Confirmations, 'confirmations'],
  [PoolerCatalog, 'poolers'],
] as const satisfies readonly (readonly [FactoryProvider['provide'], keyof CatalogParts])[];

/** Every port of the catalog, by its class as the token. Migrates before the application starts; closes with it. */
@Module({})
export class CatalogModule {
  static forRoot(options: CatalogOptions): DynamicModule {
    return {
      module: CatalogModule,
      global: true,
      imports: [
        TypeOrmModule.forRootAsync({
          useFactory: () => ({ ...dataSourceOptions(options), retryAttempts: 5, retryDelay: 1_000 }),
          dataSourceFactory: () => connectAndMigrate(options),
        }),
      ],
      providers: [
        { provide: partsToken, useFactory: (source: DataSource) => partsOf(source), inject: [getDataSourceToken()] },
        {
          provide: FencedCatalogs,
          useFactory: (source: DataSource) => new FencedCatalogs(source),
          inject: [getDataSourceToken()],
        },
        ...ports.map(([provide, part]) => ({
          provide,
          useFactory: (parts: CatalogParts) => parts[part],
          inject: [partsToken],
        })),
      ],
      exports: [FencedCatalogs, ...ports.map(([port]) => port)],
    };
  }
}

async function connectAndMigrate(options: CatalogOptions): Promise<DataSource> {
  await migrateCatalog(options);
  return await connect(options);
}
