import { FakeSystem } from '@berth/testing';
import { ApiMetrics } from '../telemetry/metrics.js';
import { startTestApi, type TestApi } from '../testing/test-api.js';

let system: FakeSystem;
let api: TestApi;

beforeEach(async () => {
  system = new FakeSystem();
  await system.addCluster('shared-1');
  for (const id of ['acme', 'bakery']) await system.readyTenant(id);
  const { desk, probe, queue, secrets, isolation } = system;
  api = await startTestApi({ ...system.catalog, desk, probe, queue, secrets, isolation });
});
afterEach(() => api.close());

const url = '/v1/clusters/shared-1/isolation';
const work = () => system.prover().work(new AbortController().signal);

it('asks for a proof once, and shows it with every pair when it has ended', async () => {
  expect((await api.call('GET', url)).body['code']).toBe('proof-not-found');
  const asked = await api.call('POST', url);
  expect([asked.status, asked.headers['location']]).toEqual([202, url]);
  expect(asked.body).toMatchObject({ state: 'waiting', verdict: null, report: null, before: null });
  expect((await api.call('POST', url)).body['id']).toBe(asked.body['id']);
  system.prober.holes.set('acme>bakery', ['select']);
  await work();
  const { status, body } = await api.call('GET', url);
  expect(status).toBe(200);
  expect(body).toMatchObject({ id: asked.body['id'], state: 'ended', verdict: 'broken', before: null });
  expect(body['report']).toMatchObject({
    pairs: 2,
    rows: [
      { from: 'acme', to: 'bakery', pooler: null, others: [{ attempt: 'select', verdict: 'reached' }] },
      { from: 'bakery', to: 'acme', pooler: null, others: [] },
    ],
  });
});

it('tells the last one while the next is under way', async () => {
  const first = await api.call('POST', url);
  await work();
  const second = await api.call('POST', url);
  expect(second.body['id']).not.toBe(first.body['id']);
  expect((await api.call('GET', url)).body).toMatchObject({
    id: second.body['id'],
    report: null,
    before: { id: first.body['id'], verdict: 'isolated' },
  });
});

it('refuses a cluster that is not there, and one that is no more', async () => {
  await system.addCluster('old', { state: 'retired' });
  for (const id of ['none', 'old'])
    for (const method of ['GET', 'POST'] as const) {
      const { status, body } = await api.call(method, `/v1/clusters/${id}/isolation`);
      expect([status, body['code']]).toEqual([404, 'cluster-not-found']);
    }
});

it('is told by the metrics: the verdict of each cluster and how old it is', async () => {
  system.prober.holes.set('acme>bakery', ['select']);
  await api.call('POST', url);
  await work();
  const text = await api.app.get(ApiMetrics).registry.metrics();
  expect(text).toContain('berth_isolation_proof{cluster="shared-1",verdict="broken"} 1');
  expect(text).toContain('berth_isolation_proof{cluster="shared-1",verdict="isolated"} 0');
  expect(text).toMatch(/berth_isolation_proof_age_seconds\{cluster="shared-1"\} [0-9]/);
});
