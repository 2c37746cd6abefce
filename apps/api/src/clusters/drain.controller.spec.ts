import { parseTenantId } from '@berth/domain';
import { FakeSystem } from '@berth/testing';
import { startTestApi, type TestApi } from '../testing/test-api.js';

let system: FakeSystem;
let api: TestApi;

beforeEach(async () => {
  system = new FakeSystem();
  await system.addCluster('old');
  await system.readyTenant('acme', { clusterId: 'old' });
  await system.readyTenant('bakery', { clusterId: 'old' });
  await system.addCluster('new');
  const { desk, probe, queue, secrets } = system;
  api = await startTestApi({ ...system.catalog, desk, probe, queue, secrets });
});
afterEach(() => api.close());

const drain = (query = '', body: object = { strategy: 'dump' }) =>
  api.call('POST', `/v1/clusters/old/drain${query}`, { body });

it('answers the dry run with a target or a reason for every tenant, and does nothing', async () => {
  await system.perform({ kind: 'suspend-tenant', tenantId: parseTenantId('bakery'), reason: 'unpaid' });
  const reply = await drain('?dryRun=true');
  expect(reply.status).toBe(200);
  expect(reply.body['tenants']).toMatchObject([
    { tenantId: 'acme', target: 'new', refusal: null },
    { tenantId: 'bakery', target: null, refusal: { code: 'tenant-state' } },
  ]);
  expect(await system.catalog.clusters.get('old')).toMatchObject({ state: 'active' });
  expect((await api.call('GET', '/v1/clusters/old/drain')).body['code']).toBe('drain-not-found');
});

it('cordons the cluster, writes the drain down, and starts no move itself', async () => {
  const reply = await drain('', { strategy: 'dump', atOnce: 3, complete: true });
  expect([reply.status, reply.headers['location']]).toEqual([202, '/v1/clusters/old/drain']);
  expect(reply.body).toMatchObject({ state: 'running', atOnce: 3, complete: true, counts: { waiting: 2 } });
  expect(await system.catalog.clusters.get('old')).toMatchObject({ state: 'cordoned' });
  expect((await system.catalog.moves.list({}, { limit: 10 })).items).toEqual([]);
  expect((await api.call('GET', '/v1/clusters/old/drain')).body).toEqual(reply.body);
});

it('wants the strategy by name', async () => {
  const reply = await drain('', {});
  expect([reply.status, reply.body['code']]).toEqual([400, 'invalid-request']);
});

it('drains once at a time, keeps the cluster cordoned meanwhile, and stops', async () => {
  await drain();
  expect((await drain()).body['code']).toBe('cluster-draining');
  expect((await api.call('POST', '/v1/clusters/old/uncordon')).body['code']).toBe('cluster-draining');
  const stopped = await api.call('POST', '/v1/clusters/old/drain/stop');
  expect([stopped.status, stopped.body['state']]).toEqual([200, 'stopping']);
  await system.catalog.drains.end(String(stopped.body['id']));
  expect((await api.call('POST', '/v1/clusters/old/drain/stop')).body['code']).toBe('drain-not-found');
  expect((await api.call('POST', '/v1/clusters/old/uncordon')).body['state']).toBe('active');
});

it('refuses clusters that are not there, or that belong to one tenant', async () => {
  await system.addCluster('own', { tier: 'dedicated' });
  for (const [id, code] of [
    ['none', 'cluster-not-found'],
    ['own', 'cluster-in-use'],
  ]) {
    const reply = await api.call('POST', `/v1/clusters/${String(id)}/drain`, { body: { strategy: 'dump' } });
    expect(reply.body['code']).toBe(code);
  }
  expect((await api.call('GET', '/v1/clusters/none/drain')).body['code']).toBe('cluster-not-found');
});
