import { advisoryLocks } from '@berth/domain';
import { startPostgres, type TestPostgres } from '@berth/testing';
import pg from 'pg';
import { migrations } from './migrations/index.js';
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
    expect(await server.psql('SELECT count(*) FROM berth.catalog_migrations', database)).toBe(
      String(migrations.length),
    );
    expect(await catalogs[0]?.plans.list()).toHaveLength(4);
    await Promise.all(catalogs.map((catalog) => catalog.close()));
  });

  it('waits for another that migrates, and goes on when that one dies', async () => {
    const database = await server.createDatabase();
    const url = server.adminUrl(database);
    const dying = new pg.Client(url);
    dying.on('error', () => undefined);
    await dying.connect();
    await dying.query('SELECT pg_advisory_lock($1, $2)', [...advisoryLocks.migrateCatalog]);
    const catalog = await openCatalog(url);
    let migrated = false;
    const migrating = catalog.migrate().then(() => {
      migrated = true;
    });
    const waits = `SELECT count(*) FROM pg_stat_activity WHERE datname = '${database}' AND wait_event = 'advisory'`;
    while ((await server.psql(waits)) !== '1');
    expect(migrated).toBe(false);
    await server.psql(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${database}' AND application_name <> 'berth'`,
    );
    await migrating;
    expect(await catalog.tenants.countByState()).toEqual({});
    await catalog.close();
  });
});
