import { FakeClusterProbe, FakeJobQueue, FakeOperationDesk, FakeSecretStore, InMemoryCatalog } from '@berth/testing';
import { startTestApi, type TestApi } from '../testing/test-api.js';

let api: TestApi;

beforeAll(async () => {
  const catalog = new InMemoryCatalog();
  api = await startTestApi({
    ...catalog,
    desk: new FakeOperationDesk(catalog),
    probe: new FakeClusterProbe(),
    queue: new FakeJobQueue(),
    secrets: new FakeSecretStore(),
  });
});
afterAll(() => api.close());

describe('what a request holds', () => {
  it.each([
    ['a NUL character', { reason: 'a\0b' }, 'body.reason'],
    ['half of a surrogate pair', { reason: 'a\ud800b' }, 'body.reason'],
  ])('is refused with %s, which the catalog could not keep', async (_, body, field) => {
    const reply = await api.call('POST', '/v1/tenants/acme-corp/suspend', { body });
    expect([reply.status, reply.body['code']]).toEqual([400, 'invalid-request']);
    expect(reply.body['detail']).toContain(`${field}: holds a character that cannot be stored`);
  });

  it('is refused with such a name of a label', async () => {
    const body = { id: 'acme-corp', plan: 'free', constraints: { labels: { 'a\0': 'b' } } };
    expect((await api.call('POST', '/v1/tenants', { body })).status).toBe(400);
  });

  it('is refused when it is nested without an end', async () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const headers = { authorization: `Bearer ${api.adminKey}`, 'content-type': 'application/json' };
    const { payload, statusCode } = await api.server.inject({
      ...{ method: 'POST', url: '/v1/tenants', headers },
      payload: `{"id":"acme-corp","plan":${deep}}`,
    });
    expect(statusCode).toBe(400);
    expect(payload).toContain('is nested deeper than 16 levels');
  });

  it('is answered with its first 50 faults and the number of the others', async () => {
    const body = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`x${String(index)}`, 1]));
    const reply = await api.call('POST', '/v1/tenants', { body });
    expect((reply.body['details'] as { faults: unknown[] }).faults).toHaveLength(50);
    expect(reply.body['detail']).toMatch(/; and 4952 more$/);
  });

  it('is said to be missing where it is', async () => {
    const reply = await api.call('POST', '/v1/tenants', { body: { id: 'acme-corp' } });
    expect(reply.body['detail']).toBe('body.plan: is missing');
  });
});
