import { parseTenantId } from '@berth/domain';
import { FakeSystem } from '@berth/testing';
import { startTestApi, type TestApi } from '../testing/test-api.js';

const acme = parseTenantId('acme');
let system: FakeSystem;
let api: TestApi;

beforeEach(async () => {
  system = new FakeSystem();
  await system.addCluster('eu-1', { labels: { region: 'eu' } });
  await system.addCluster('us-1', { labels: { region: 'us' } });
  const { desk, probe, queue, secrets } = system;
  api = await startTestApi({ ...system.catalog, desk, probe, queue, secrets });
});
afterEach(() => api.close());

const explain = () => api.call('GET', '/v1/tenants/acme/placement');

async function provision(plan = 'free') {
  return await system.perform({
    kind: 'provision-tenant',
    tenantId: acme,
    plan,
    constraints: { labels: { region: 'eu' } },
  });
}

it('tells what was decided, by which operation, and what refused the others', async () => {
  const operation = await provision();
  const { status, body } = await explain();
  expect(status).toBe(200);
  expect(body).toMatchObject({
    tenantId: 'acme',
    placement: { clusterId: 'eu-1', generation: 1, state: 'current' },
    decidedBy: { operationId: operation.id, kind: 'provision-tenant', state: 'succeeded', requestedBy: 'test' },
    decision: {
      chosen: 'eu-1',
      because: 'the only one that fits',
      considered: [
        { clusterId: 'eu-1', tenants: 0, room: null, refusal: null },
        {
          clusterId: 'us-1',
          refusal: { code: 'constraint-broken', details: { label: 'region', wanted: 'eu', found: 'us' } },
        },
      ],
    },
  });
});

it('tells what would be chosen now, without counting the tenant against itself', async () => {
  await provision();
  await system.catalog.clusters.update('eu-1', { maxTenants: 1 });
  expect((await explain()).body['now']).toMatchObject({ chosen: 'eu-1' });
  await system.catalog.clusters.update('eu-1', { state: 'cordoned' });
  expect((await explain()).body).toMatchObject({
    decision: { chosen: 'eu-1' },
    now: { chosen: null, considered: [{ clusterId: 'eu-1', refusal: { code: 'cluster-cordoned' } }, {}] },
  });
});

it('explains a move by its own decision, and an instance of its own', async () => {
  await provision();
  const target = { tier: 'dedicated' } as const;
  const move = await system.perform({
    kind: 'move-tenant',
    tenantId: acme,
    target,
    strategy: 'dump',
    switchMode: 'auto',
  });
  const { body } = await explain();
  expect(body).toMatchObject({
    placement: { tier: 'dedicated', generation: 2 },
    decidedBy: { operationId: move.id, kind: 'move-tenant' },
    decision: { because: 'an instance of its own', considered: [] },
    now: { because: 'an instance of its own' },
  });
});

it('answers 404 for nobody, and shows a key that is bound to the tenant no other cluster', async () => {
  expect((await explain()).body['code']).toBe('tenant-not-found');
  await provision();
  const key = await api.keyWith({ scopes: ['tenants:read'], tenantId: 'acme' });
  const { status, text } = await api.call('GET', '/v1/tenants/acme/placement', { key });
  expect(status).toBe(200);
  expect(text).toContain('eu-1');
  expect(text).not.toContain('us-1');
});
