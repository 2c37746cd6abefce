import { openCatalog, type OpenCatalog } from '@berth/catalog';
import {
  FakeClusterProbe,
  FakeJobQueue,
  FakeOperationDesk,
  FakeSecretStore,
  startPostgres,
  type TestPostgres,
} from '@berth/testing';
import { hashOfKey } from './access/api-key-format.js';
import { startTestApi, type TestApi } from './testing/test-api.js';

let postgres: TestPostgres;
let catalog: OpenCatalog;
let api: TestApi;

beforeAll(async () => {
  postgres = await startPostgres();
  catalog = await openCatalog(postgres.adminUrl(await postgres.createDatabase()));
  await catalog.migrate();
  const desk = new FakeOperationDesk(catalog);
  api = await startTestApi({
    ...catalog,
    desk,
    probe: new FakeClusterProbe(),
    queue: new FakeJobQueue(),
    secrets: new FakeSecretStore(),
  });
});
afterAll(async () => {
  await api.close();
  await catalog.close();
  await postgres.stop();
});

describe('the API on the real catalog', () => {
  it('lets one of twenty creates at once win, and names its operation to the others', async () => {
    const all = await Promise.all(
      Array.from({ length: 20 }, () => api.call('POST', '/v1/tenants', { body: { id: 'raced', plan: 'starter' } })),
    );
    const won = all.filter(({ status }) => status === 202);
    const lost = all.filter(({ status }) => status === 409);
    expect([won.length, lost.length]).toEqual([1, 19]);
    for (const { body } of lost)
      expect(body).toMatchObject({ code: 'tenant-exists', details: { operationId: won[0]?.body['id'] } });
  });

  it('gives one answer to twenty calls with one Idempotency-Key', async () => {
    const ask = () =>
      api.call('POST', '/v1/tenants', { body: { id: 'once', plan: 'starter' }, headers: { 'idempotency-key': 'k' } });
    const all = await Promise.all(Array.from({ length: 20 }, ask));
    expect(
      all.filter(({ status, headers }) => status === 202 && headers['idempotency-replayed'] === undefined),
    ).toHaveLength(1);
    expect(all.every(({ status, body }) => status === 202 || body['code'] === 'idempotency-key-in-use')).toBe(true);
    const first = all.find(({ status }) => status === 202);
    expect((await ask()).text).toBe(first?.text);
  });

  it('shows, lists by pages, and answers 304', async () => {
    for (const id of ['page-a', 'page-b', 'page-c'])
      await api.call('POST', '/v1/tenants', { body: { id, plan: 'free' } });
    const first = await api.call('GET', '/v1/tenants?prefix=page-&plan=free&limit=2');
    const second = await api.call(
      'GET',
      `/v1/tenants?prefix=page-&plan=free&limit=2&cursor=${encodeURIComponent(String(first.body['next']))}`,
    );
    expect([first, second].flatMap(({ body }) => (body['items'] as { id: string }[]).map(({ id }) => id))).toEqual([
      'page-a',
      'page-b',
      'page-c',
    ]);
    const shown = await api.call('GET', '/v1/tenants/page-a');
    expect(shown.body).toMatchObject({ state: 'provisioning', lastOperation: { kind: 'provision-tenant' } });
    const again = await api.call('GET', '/v1/tenants/page-a', {
      headers: { 'if-none-match': String(shown.headers['etag']) },
    });
    expect(again.status).toBe(304);
    expect((await api.call('GET', '/v1/tenants?cursor=nonsense')).body['code']).toBe('invalid-cursor');
  });

  it('registers, changes and forgets a cluster under its version', async () => {
    const body = {
      id: 'shared-1',
      host: '127.0.0.1',
      sslMode: 'disable',
      maxTenants: 5,
      admin: { username: 'a', password: 'p' },
    };
    expect((await api.call('POST', '/v1/clusters', { body })).status).toBe(201);
    expect((await api.call('POST', '/v1/clusters', { body })).body['code']).toBe('cluster-exists');
    const etag = String((await api.call('GET', '/v1/clusters/shared-1')).headers['etag']);
    const change = () =>
      api.call('PATCH', '/v1/clusters/shared-1', { body: { labels: { region: 'eu' } }, headers: { 'if-match': etag } });
    expect([(await change()).status, (await change()).body['code']]).toEqual([200, 'precondition-failed']);
    expect((await api.call('DELETE', '/v1/clusters/shared-1')).status).toBe(204);
  });

  it('changes a plan under its version', async () => {
    const limits = { statementTimeoutMs: 0, idleInTransactionTimeoutMs: 0 };
    const put = (headers = {}, connectionLimit = 5) =>
      api.call('PUT', '/v1/plans/tiny', { body: { tier: 'shared', limits: { ...limits, connectionLimit } }, headers });
    expect((await put()).status).toBe(201);
    const etag = String((await api.call('GET', '/v1/plans/tiny')).headers['etag']);
    expect([(await put({ 'if-match': etag }, 6)).status, (await put({ 'if-match': etag }, 7)).body['code']]).toEqual([
      200,
      'precondition-failed',
    ]);
    expect((await api.call('DELETE', '/v1/plans/free')).body['code']).toBe('plan-in-use');
    expect((await api.call('DELETE', '/v1/plans/tiny')).status).toBe(204);
  });

  it('stops a revoked key at once, keeps only its hash, and notes its last use', async () => {
    const made = await api.call('POST', '/v1/api-keys', { body: { name: 'ci', scopes: ['tenants:read'] } });
    const key = String(made.body['key']);
    expect((await api.call('GET', '/v1/tenants', { key })).status).toBe(200);
    await api.call('DELETE', `/v1/api-keys/${String(made.body['id'])}`);
    expect((await api.call('GET', '/v1/tenants', { key })).status).toBe(401);
    const record = await catalog.apiKeys.findByHash(hashOfKey(key));
    expect(record?.lastUsedAt).toBeInstanceOf(Date);
  });

  it('keeps an unbroken audit chain of all of it', async () => {
    const { body } = await api.call('GET', '/v1/audit/verify');
    expect(body).toMatchObject({ intact: true, brokenAt: null });
    const entries = await api.call('GET', '/v1/audit?limit=200');
    const ofRace = (entries.body['items'] as { tenantId: string; answer: string }[]).filter(
      ({ tenantId }) => tenantId === 'raced',
    );
    expect(ofRace.map(({ answer }) => answer).sort()).toEqual([
      '202',
      ...Array.from({ length: 19 }, () => '409 tenant-exists'),
    ]);
  });

  it('says that the catalog is away when it is, and goes on when it is back', async () => {
    await postgres.halt();
    const away = await api.call('GET', '/v1/tenants');
    expect([away.status, away.body['code']]).toEqual([503, 'catalog-unavailable']);
    await postgres.start();
    expect((await api.call('GET', '/v1/tenants')).status).toBe(200);
  });
});
