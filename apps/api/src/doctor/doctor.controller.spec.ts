import { secretRefs } from '@berth/domain';
import { FakeSystem } from '@berth/testing';
import { startTestApi, type TestApi } from '../testing/test-api.js';

let system: FakeSystem;
let api: TestApi;

beforeEach(async () => {
  system = new FakeSystem();
  await system.addCluster('shared-1');
  const { desk, probe, queue, secrets, isolation } = system;
  api = await startTestApi({ ...system.catalog, desk, probe, queue, secrets, isolation, doctor: system.doctor() });
});
afterEach(() => api.close());

it('says that all is well, of the whole system and of one cluster', async () => {
  await system.readyTenant('acme');
  for (const url of ['/v1/doctor', '/v1/doctor?cluster=shared-1']) {
    const { status, body } = await api.call('GET', url);
    expect([status, body]).toMatchObject([200, { verdict: 'healthy', clusters: 1, tenants: 1, findings: [] }]);
  }
});

it('tells what was found, lists what a fix would do, and does it', async () => {
  const { tenantId } = await system.readyTenant('acme');
  await system.secrets.remove(secretRefs.tenantDb(tenantId));
  const { body } = await api.call('GET', '/v1/doctor');
  expect(body).toMatchObject({
    verdict: 'errors',
    findings: [{ check: 'secrets', code: 'secret-missing', object: 'tenant acme', safeToFix: true }],
  });
  const planned = await api.call('POST', '/v1/doctor/fixes?dryRun=true');
  expect([planned.status, planned.body]).toMatchObject([
    200,
    { report: { verdict: 'errors' }, fixes: [{ kind: 'repair-tenant', object: 'acme', outcome: 'planned' }] },
  ]);
  expect((await system.catalog.operations.list({ kind: 'repair-tenant' }, { limit: 1 })).items).toEqual([]);
  const done = await api.call('POST', '/v1/doctor/fixes');
  expect(done.body['fixes']).toMatchObject([
    { outcome: 'started', message: expect.stringMatching(/^berth operations watch /) as string },
  ]);
  const { items } = await system.catalog.operations.list({ kind: 'repair-tenant' }, { limit: 1 });
  expect(items).toMatchObject([{ tenantId, requestedBy: expect.stringMatching(/^key:/) as string }]);
});

it('examines once for all who ask meanwhile', async () => {
  let reads = 0;
  const { read } = system.examiner;
  system.examiner.read = (id) => ((reads += 1), read.call(system.examiner, id));
  const answers = await Promise.all([1, 2, 3].map(() => api.call('GET', '/v1/doctor')));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(reads).toBe(1);
  await api.call('GET', '/v1/doctor');
  expect(reads).toBe(2);
});

it('refuses a cluster that is not there, and one that is no more', async () => {
  await system.addCluster('old', { state: 'retired' });
  for (const id of ['none', 'old'])
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/fixes'],
    ] as const) {
      const { status, body } = await api.call(method, `/v1/doctor${path}?cluster=${id}`);
      expect([status, body['code']]).toEqual([404, 'cluster-not-found']);
    }
});
