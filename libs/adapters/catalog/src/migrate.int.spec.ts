import { startPostgres, type TestPostgres } from '@berth/testing';
import { openCatalog } from './open-catalog.js';

describe('the migration of the catalog', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(async () => {
    await server.stop();
  });

  it('is made once by five that come at once, and found done by the next', async () => {
    const database = await server.createDatabase();
    const url = server.adminUrl(database);
    const catalogs = await Promise.all(Array.from({ length: 5 }, () => openCatalog(url, { poolSize: 2 })));
    await Promise.all(catalogs.map((catalog) => catalog.migrate()));
    await catalogs[0]?.migrate();
    expect(await server.psql('SELECT count(*) FROM berth.catalog_migrations', database)).toBe('1');
    expect(await catalogs[0]?.plans.list()).toHaveLength(4);
    await Promise.all(catalogs.map((catalog) => catalog.close()));
  });

  it('frees its lock when the one who holds it dies', async () => {
    const database = await server.createDatabase();
    const url = server.adminUrl(database);
    const dying = await openCatalog(url);
    const migrating = dying.migrate().catch(() => undefined);
    await server.psql(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${database}' AND usename = '${server.admin.user}'`,
    );
    await migrating;
    const next = await openCatalog(url);
    await next.migrate();
    expect(await next.tenants.countByState()).toEqual({});
    await Promise.all([dying.close(), next.close()]);
  });
});
