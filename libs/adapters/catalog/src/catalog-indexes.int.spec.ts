import type { TenantId } from '@berth/domain';
import { catalogQuestions, fillCatalog, startPostgres, type TestPostgres } from '@berth/testing';
import { openCatalog, type OpenCatalog } from './open-catalog.js';

const size = { tenants: 10_000, operations: 30_000 };

const scans = /* sql */ `
  SELECT relname || ' ' || seq_scan FROM pg_stat_user_tables
  WHERE schemaname = 'berth' AND n_live_tup > 5000 ORDER BY 1
`;

/** A tenant's operation from its start to its end, as desk and runner write it. */
async function runOne({ operations, journal }: OpenCatalog): Promise<void> {
  const steps = [{ name: 'one', description: 'One.', pointOfNoReturn: false }];
  const common = { kind: 'repair-tenant', saga: 's', sagaVersion: 1, clusterIds: ['c1'], input: {} } as const;
  const tenantId = 't-0005001' as TenantId;
  await operations.create({ ...common, id: 'new', tenantId, requestedBy: 'x', steps });
  const answer = await journal.claim('new', { owner: 'w', leaseMs: 60_000 });
  if (answer.kind !== 'claimed') throw new Error(answer.kind);
  await journal.renew(answer.operation.lease, 60_000);
  await journal.recordStep(answer.operation.lease, 'one', { kind: 'started' });
  await operations.requestCancel('new');
  await journal.settle(answer.operation.lease, { state: 'queued' });
}

describe('a catalog with many tenants and operations', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(async () => {
    await server.stop();
  });

  it('reads no big table from end to end', async () => {
    const database = await server.createDatabase();
    const making = await openCatalog(server.adminUrl(database));
    await making.migrate();
    await making.close();
    await server.psql(fillCatalog(size), database);
    await server.psql('VACUUM ANALYZE', database);
    const before = await server.psql(scans, database);
    const catalog = await openCatalog(server.adminUrl(database));
    for (const ask of Object.values(catalogQuestions(catalog, size))) await ask(1);
    await runOne(catalog);
    // A session tells the statistics what it did when it ends, at the latest.
    await catalog.close();
    const others = `SELECT count(*) FROM pg_stat_activity WHERE datname = '${database}' AND application_name = 'berth'`;
    while ((await server.psql(others)) !== '0');
    expect(await server.psql(scans, database)).toBe(before);
  });
});
