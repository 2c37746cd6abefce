import { parseTenantId } from '@berth/domain';
import { type Lease, LeaseLost } from '@berth/saga';
import { startPostgres, type TestPostgres } from '@berth/testing';
import pg from 'pg';
import { openCatalog, type OpenCatalog } from './open-catalog.js';

const tenantId = parseTenantId('acme-corp');
let server: TestPostgres;
let catalog: OpenCatalog;
let url: string;

beforeAll(async () => {
  server = await startPostgres();
  url = server.adminUrl(await server.createDatabase());
  catalog = await openCatalog(url);
  await catalog.migrate();
});
afterAll(async () => {
  await catalog.close();
  await server.stop();
});

async function leaseOf(leaseMs: number): Promise<Lease> {
  const answer = await catalog.journal.claim('op-1', { owner: 'test', leaseMs });
  if (answer.kind !== 'claimed') throw new Error(`not claimed but ${answer.kind}`);
  return answer.operation.lease;
}

it('changes nothing for a worker that wakes after another one took its operation over', async () => {
  await catalog.operations.create({
    id: 'op-1',
    kind: 'provision-tenant',
    saga: 'provision-tenant',
    sagaVersion: 1,
    tenantId,
    clusterIds: [],
    input: {},
    steps: [],
    requestedBy: 'test',
    newTenant: { plan: 'free', constraints: { labels: {} } },
  });
  const asleep = catalog.fenced(await leaseOf(0));
  const awake = catalog.fenced(await leaseOf(60_000));
  const ready = { from: ['provisioning'], to: 'ready', reason: null } as const;
  await expect(asleep.tenants.transition(tenantId, ready)).rejects.toBeInstanceOf(LeaseLost);
  await expect(asleep.tenants.update(tenantId, { plan: 'pro' })).rejects.toBeInstanceOf(LeaseLost);
  await expect(asleep.placements.retireAll(tenantId)).rejects.toBeInstanceOf(LeaseLost);
  await expect(asleep.clusters.remove('c1')).rejects.toBeInstanceOf(LeaseLost);
  await expect(asleep.ledger.recordFailure(tenantId, '001', 'It broke.')).rejects.toBeInstanceOf(LeaseLost);
  expect(await asleep.tenants.get(tenantId)).toMatchObject({ state: 'provisioning', plan: 'free', version: 1 });
  expect(await awake.tenants.transition(tenantId, ready)).toMatchObject({ state: 'ready' });
});

it('turns a second job of a running operation away at once, without waiting for what its step has locked', async () => {
  const step = new pg.Client({ connectionString: url });
  await step.connect();
  try {
    await step.query("BEGIN; SELECT 1 FROM berth.operations WHERE id = 'op-1' FOR SHARE");
    const answer = await catalog.journal.claim('op-1', { owner: 'another', leaseMs: 1_000 });
    expect(answer).toMatchObject({ kind: 'held' });
  } finally {
    await step.end();
  }
});
