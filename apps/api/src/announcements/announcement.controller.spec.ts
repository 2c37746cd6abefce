import { parseTenantId, type PlaceAddress, type TenantId } from '@berth/domain';
import {
  FakeClusterProbe,
  FakeJobQueue,
  FakeOperationDesk,
  FakeSecretStore,
  firstPlacement,
  InMemoryCatalog,
} from '@berth/testing';
import { startTestApi, type TestApi } from '../testing/test-api.js';

const catalog = new InMemoryCatalog();
let api: TestApi;

beforeAll(async () => {
  const parts = { desk: new FakeOperationDesk(catalog), secrets: new FakeSecretStore(), probe: new FakeClusterProbe() };
  api = await startTestApi({ ...catalog, ...parts, queue: new FakeJobQueue() });
  const shared = { tier: 'shared', state: 'active', host: '127.0.0.1', port: 5432, sslMode: 'disable' } as const;
  const room = { ca: null, database: 'tenants', postgresMajor: 18, labels: {}, maxTenants: null, maxOperations: 4 };
  await catalog.clusters.add({ id: 'shared-1', ...shared, ...room, managed: false });
});
afterAll(() => api.close());

const address = (tenantId: TenantId, generation: number): PlaceAddress => ({
  ...{ host: `10.0.0.${String(generation)}`, port: 5432, database: 'tenants', schema: `tenant_${tenantId}` },
  ...{ username: `tenant_${tenantId}__a`, sslmode: 'verify-full', generation },
});

async function announced(id: string): Promise<TenantId> {
  const tenantId = parseTenantId(id);
  const made = await api.call('POST', '/v1/tenants', { body: { id, plan: 'starter' } });
  await catalog.placements.reserve(firstPlacement(tenantId, String(made.body['id'])));
  await catalog.placements.switchTo(tenantId, { from: null, to: 1 });
  // A field of the secret that slipped in by mistake goes no further.
  const to = { ...address(tenantId, 2), password: 'never shown' };
  await catalog.announcements.announce({ tenantId, operationId: `move-${id}`, from: address(tenantId, 1), to });
  return tenantId;
}

it('tells clients of all tenants where they are about to go, and a bound key of its own alone, without a password', async () => {
  for (const id of ['acme', 'bolt']) await announced(id);
  const { status, body, text } = await api.call('GET', '/v1/announcements', {
    key: await api.keyWith({ scopes: ['tenants:read'] }),
  });
  expect([status, body['items']]).toMatchObject([
    200,
    [
      { tenantId: 'acme', operationId: 'move-acme', from: { generation: 1 }, to: { host: '10.0.0.2', generation: 2 } },
      { tenantId: 'bolt' },
    ],
  ]);
  expect(text).not.toMatch(/password|never shown/);
  const key = await api.keyWith({ scopes: ['tenants:read'], tenantId: 'bolt' });
  const own = await api.call('GET', '/v1/announcements', { key });
  expect((own.body['items'] as readonly { tenantId: string }[]).map(({ tenantId }) => tenantId)).toEqual(['bolt']);
});

it('a client says for which place it is ready, until its next word', async () => {
  const body = { client: 'web-1', username: 'tenant_acme__a', generation: 1 };
  const report = async (readyFor?: number) =>
    (await api.call('POST', '/v1/tenants/acme/clients', { body: { ...body, ...(readyFor && { readyFor }) } })).body;
  expect([await report(2), await report()]).toMatchObject([{ readyFor: 2 }, { readyFor: null }]);
});
