import { FakeClusterProbe, FakeJobQueue, FakeOperationDesk, FakeSecretStore, InMemoryCatalog } from '@berth/testing';
import { startTestApi, type TestApi } from '../testing/test-api.js';

const catalog = new InMemoryCatalog();
let api: TestApi;

beforeAll(async () => {
  const desk = new FakeOperationDesk(catalog);
  api = await startTestApi({
    ...catalog,
    desk,
    probe: new FakeClusterProbe(),
    queue: new FakeJobQueue(),
    secrets: new FakeSecretStore(),
  });
});
afterAll(() => api.close());

describe('API keys', () => {
  it('are shown once, and work', async () => {
    const made = await api.call('POST', '/v1/api-keys', {
      body: { name: 'ci', scopes: ['tenants:read', 'tenants:read'] },
    });
    const key = String(made.body['key']);
    expect(key).toMatch(/^berth_[A-Za-z0-9_-]{43}$/);
    expect(made.body['scopes']).toEqual(['tenants:read']);
    expect((await api.call('GET', '/v1/tenants', { key })).status).toBe(200);
    const shown = await api.call('GET', String(made.headers['location']));
    const listed = await api.call('GET', '/v1/api-keys');
    expect(shown.text + listed.text).not.toContain(key);
    expect(shown.body).toMatchObject({ name: 'ci', revokedAt: null, lastUsedAt: expect.any(String) });
  });

  it('are bound and end when they say so', async () => {
    const body = { name: 'page', scopes: ['billing'], tenantId: 'acme', expiresAt: '2999-01-01T00:00:00+02:00' };
    const made = await api.call('POST', '/v1/api-keys', { body });
    expect(made.body).toMatchObject({ tenantId: 'acme', expiresAt: '2998-12-31T22:00:00.000Z' });
  });

  it('are revoked, twice without harm', async () => {
    const made = await api.call('POST', '/v1/api-keys', { body: { name: 'gone', scopes: ['billing'] } });
    const url = String(made.headers['location']);
    const first = await api.call('DELETE', url);
    const second = await api.call('DELETE', url);
    expect(first.body['revokedAt']).toEqual(expect.any(String));
    expect(second.body['revokedAt']).toBe(first.body['revokedAt']);
    expect((await api.call('GET', '/v1/plans', { key: String(made.body['key']) })).status).toBe(401);
  });

  it.each([
    [{ name: 'x', scopes: [] }, 'body.scopes'],
    [{ name: 'x', scopes: ['root'] }, 'body.scopes.0'],
    [{ name: ' ', scopes: ['billing'] }, 'body.name'],
    [{ name: 'x', scopes: ['billing'], expiresAt: '2020-01-01T00:00:00Z' }, 'body.expiresAt'],
    [{ name: 'x', scopes: ['billing'], expiresAt: 'tomorrow' }, 'body.expiresAt'],
    [{ name: 'x', scopes: ['billing'], tenantId: 'A' }, 'body.tenantId'],
    [{ name: 'x', scopes: ['billing'], key: 'mine' }, 'body.key'],
  ])('are not made of %j', async (body, field) => {
    expect((await api.call('POST', '/v1/api-keys', { body })).body['details']).toMatchObject({ faults: [{ field }] });
  });

  it.each(['GET', 'DELETE'] as const)('that are not there answer 404 to %s', async (method) => {
    expect((await api.call(method, '/v1/api-keys/0192f3a4-5b6c-7d8e-9f00-112233445566')).body['code']).toBe(
      'api-key-not-found',
    );
  });
});
