import type { TenantId } from '@berth/domain';
import { startPostgres, type TestPostgres } from '@berth/testing';
import { openCatalog, type OpenCatalog } from './open-catalog.js';

const seed = /* sql */ `
  INSERT INTO berth.tenants (id, state, plan, constraints, migrations_digest, quarantined_until)
  SELECT 't-' || lpad(i::text, 6, '0'),
    CASE WHEN i % 100 = 0 THEN 'quarantined' WHEN i % 10 = 0 THEN 'removed' ELSE 'ready' END,
    (ARRAY['free', 'pro', 'starter'])[1 + i % 3], '{"labels":{}}', encode(sha256('001=a'), 'hex'),
    CASE WHEN i % 100 = 0 THEN now() + interval '1 day' END
  FROM generate_series(1, 20000) AS i;
  INSERT INTO berth.placements (tenant_id, generation, state, tier, cluster_id, database_name, schema_name, owner_role,
    login_a, login_b, operation_id)
  SELECT id, 1, 'current', 'shared', 'c' || row_number() OVER () % 20, 'd', id, 'o', 'a', 'b', 'op' FROM berth.tenants;
  INSERT INTO berth.operations (id, kind, saga, saga_version, tenant_id, cluster_ids, state, input, requested_by, ended_at)
  SELECT 'op-' || i, CASE WHEN i % 7 = 0 THEN 'repair-tenant' ELSE 'provision-tenant' END, 's', 1,
    't-' || lpad((1 + i % 20000)::text, 6, '0'), ARRAY['c1'],
    CASE WHEN i % 500 = 0 THEN 'failed' ELSE 'succeeded' END, '{}', 'x', now()
  FROM generate_series(1, 60000) AS i;
  INSERT INTO berth.operation_steps (operation_id, number, name, description, point_of_no_return, state)
  SELECT 'op-' || i, n, 'step-' || n, 'd', false, 'done' FROM generate_series(1, 20000) AS i, generate_series(1, 3) AS n;
  ANALYZE;
`;

const scans = /* sql */ `
  SELECT relname || ' ' || seq_scan FROM pg_stat_user_tables
  WHERE schemaname = 'berth' AND relname IN ('tenants', 'placements', 'operations', 'operation_steps') ORDER BY 1
`;

/** Every list, sweep and step of the runner. */
async function ask({ tenants, placements, operations, journal, ledger }: OpenCatalog): Promise<void> {
  const page = { limit: 50 };
  const one = 't-010001' as TenantId;
  await tenants.get(one);
  for (const filter of [
    {},
    { state: 'quarantined' },
    { plan: 'pro', state: 'ready' },
    { prefix: 't-01' },
    { clusterId: 'c3' },
  ] as const) {
    const { next } = await tenants.list(filter, page);
    if (next !== null) await tenants.list(filter, { ...page, cursor: next });
  }
  await tenants.dueForRemoval(new Date(), 100);
  await placements.current(one);
  await placements.onCluster('c3');
  for (const filter of [
    {},
    { tenantId: one },
    { state: 'failed', kind: 'repair-tenant' },
    { state: 'queued' },
  ] as const) {
    await operations.list(filter, page);
  }
  await operations.due(new Date(), 100);
  await ledger.behind([{ version: '001', checksum: 'a' }], 100);
  const steps = [{ name: 'one', description: 'One.', pointOfNoReturn: false }];
  const common = {
    kind: 'repair-tenant',
    saga: 's',
    sagaVersion: 1,
    clusterIds: ['c1'],
    input: {},
    requestedBy: 'x',
  } as const;
  await operations.create({ ...common, id: 'new', tenantId: one, steps });
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
    await server.psql(seed, database);
    const before = await server.psql(scans, database);
    const catalog = await openCatalog(server.adminUrl(database));
    await ask(catalog);
    // A session tells the statistics what it did when it ends, at the latest.
    await catalog.close();
    const others = `SELECT count(*) FROM pg_stat_activity WHERE datname = '${database}' AND application_name = 'berth'`;
    while ((await server.psql(others)) !== '0');
    expect(await server.psql(scans, database)).toBe(before);
  });
});
