import { parseTenantId, scramVerifier } from '@berth/domain';
import {
  FakeClusterProbe,
  FakeJobQueue,
  FakeOperationDesk,
  FakeSecretStore,
  FakeTenantDatabase,
  firstPlacement,
  InMemoryCatalog,
} from '@berth/testing';
import { startTestApi, type TestApi } from '../testing/test-api.js';

const acme = parseTenantId('acme');
const catalog = new InMemoryCatalog();
const database = new FakeTenantDatabase();
let api: TestApi;

beforeAll(async () => {
  const desk = new FakeOperationDesk(catalog);
  const parts = { desk, database, secrets: new FakeSecretStore(), probe: new FakeClusterProbe() };
  api = await startTestApi({ ...catalog, ...parts, queue: new FakeJobQueue() });
  const limits = { connectionLimit: 5, statementTimeoutMs: 0, idleInTransactionTimeoutMs: 0 };
  await catalog.clusters.add({
    id: 'shared-1',
    ...{
      tier: 'shared',
      state: 'active',
      host: '127.0.0.1',
      port: 5432,
      sslMode: 'disable',
      ca: null,
      database: 'tenants',
    },
    ...{ postgresMajor: 15, labels: {}, maxTenants: null, maxOperations: 4, managed: false },
  });
  const made = await api.call('POST', '/v1/tenants', { body: { id: acme, plan: 'starter' } });
  const place = await catalog.placements.reserve(firstPlacement(acme, String(made.body['id'])));
  await catalog.placements.switchTo(acme, { from: null, to: 1 });
  const verifiers = { a: scramVerifier('x', { iterations: 4096 }) };
  const wanted = { place, limits, verifiers, logins: 'open' } as const;
  await database.converge(wanted, { operationId: 'op', tenantId: acme, fence: 1 });
  database.connect(place, 'a');
});
afterAll(() => api.close());

const body = { client: 'web-1', username: 'tenant_acme__a', generation: 1 };
const report = (key: string, change = {}) =>
  api.call('POST', '/v1/tenants/acme/clients', { key, body: { ...body, ...change } });

it('a service reports itself with a key of its tenant, and is listed beside the sessions of the server', async () => {
  const key = await api.keyWith({ scopes: ['clients:write'], tenantId: 'acme' });
  const { status, body: kept } = await report(key);
  expect([status, kept]).toMatchObject([200, body]);
  expect(Date.parse(String(kept['expiresAt'])) - Date.parse(String(kept['lastSeenAt']))).toBe(300_000);
  expect((await api.call('GET', '/v1/tenants/acme/clients')).body).toMatchObject({
    clients: [body],
    sessions: [{ slot: 'a', application: '', sessions: 1 }],
  });
});

it('a report leaves the audit log alone, and a refused one is in it', async () => {
  const key = await api.keyWith({ scopes: ['clients:write'] });
  const entries = async () => (await catalog.audit.list({}, { limit: 200 })).items;
  const before = (await entries()).length;
  await report(key);
  expect(await entries()).toHaveLength(before);
  expect(await report(await api.keyWith({ scopes: ['tenants:write'] }))).toMatchObject({ status: 403 });
  expect(await report(key, { client: 'two words' })).toMatchObject({ status: 400 });
  expect((await entries()).slice(0, 2).map(({ action, answer }) => [action, answer])).toEqual([
    ['report-client', '400 invalid-request'],
    ['report-client', '403 forbidden'],
  ]);
});

it('nobody reports for a tenant that is not there', async () => {
  expect(await api.call('POST', '/v1/tenants/nobody/clients', { body })).toMatchObject({ status: 404 });
});
