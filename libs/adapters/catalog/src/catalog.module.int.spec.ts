import 'reflect-metadata';
import { ClusterCatalog, OperationCatalog, TenantCatalog } from '@berth/ports';
import { Journal } from '@berth/saga';
import { startPostgres, type TestPostgres } from '@berth/testing';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CatalogModule } from './catalog.module.js';

describe('the catalog in a Nest application', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(async () => {
    await server.stop();
  });

  it('is there by the ports, migrated, and closes with it', async () => {
    const database = await server.createDatabase();
    const url = server.adminUrl(database);
    @Module({ imports: [CatalogModule.forRoot({ url, poolSize: 3 })] })
    class App {}
    const app = await NestFactory.createApplicationContext(App, { logger: false });
    expect(await app.get(TenantCatalog).countByState()).toEqual({});
    expect(await app.get(ClusterCatalog).list()).toEqual([]);
    expect(await app.get(OperationCatalog).get('none')).toBeNull();
    expect(await app.get(Journal).claim('none', { owner: 'w', leaseMs: 1_000 })).toEqual({ kind: 'absent' });
    await app.close();
    const left = await server.psql(`SELECT count(*) FROM pg_stat_activity WHERE datname = '${database}'`);
    expect(left).toBe('0');
  });
});
