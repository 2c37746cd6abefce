import { FakeClusterProbe, FakeJobQueue, FakeOperationDesk, FakeSecretStore, InMemoryCatalog } from '@berth/testing';
import { MemoryRequestCounter } from '@berth/rate-limiter';
import { startTestApi, type TestApi, type TestApiOptions } from '../testing/test-api.js';
import { hashOfKey, newKey } from './api-key-format.js';

const open: TestApi[] = [];

async function start(
  options: TestApiOptions = {},
  { catalog = new InMemoryCatalog(), counter = new MemoryRequestCounter() } = {},
): Promise<TestApi & { readonly catalog: InMemoryCatalog }> {
  const desk = new FakeOperationDesk(catalog);
  const ports = {
    ...catalog,
    counter,
    desk,
    probe: new FakeClusterProbe(),
    queue: new FakeJobQueue(),
    secrets: new FakeSecretStore(),
  };
  const api = await startTestApi(ports, options);
  open.push(api);
  return { ...api, catalog };
}
afterAll(() => Promise.all(open.map((api) => api.close())));

describe('an API key', () => {
  it.each([
    ['no key', {}],
    ['another scheme', { authorization: 'Basic YTpi' }],
    ['no key after the scheme', { authorization: 'Bearer' }],
    ['not the shape of a key', { authorization: 'Bearer hunter2' }],
    ['a key nobody made', { authorization: `Bearer ${newKey()}` }],
    ['two keys', { authorization: `Bearer ${newKey()} ${newKey()}` }],
  ])('with %s is answered 401', async (_, headers: Record<string, string>) => {
    const api = await start();
    const reply = await api.call('GET', '/v1/tenants', { key: null, headers });
    expect([reply.status, reply.body['code']]).toEqual([401, 'unauthenticated']);
    expect(reply.headers['www-authenticate']).toBe('Bearer realm="berth"');
  });

  it('stops with the very next request once it is revoked', async () => {
    const api = await start();
    const key = await api.keyWith({ scopes: ['tenants:read'] });
    expect((await api.call('GET', '/v1/tenants', { key })).status).toBe(200);
    const record = await api.catalog.apiKeys.findByHash(hashOfKey(key));
    await api.call('DELETE', `/v1/api-keys/${record!.id}`);
    expect((await api.call('GET', '/v1/tenants', { key })).status).toBe(401);
  });

  it('stops when it expires', async () => {
    const api = await start();
    const past = await api.keyWith({ expiresAt: new Date(Date.now() - 1) });
    const future = await api.keyWith({ expiresAt: new Date(Date.now() + 60_000) });
    expect((await api.call('GET', '/v1/tenants', { key: past })).status).toBe(401);
    expect((await api.call('GET', '/v1/tenants', { key: future })).status).toBe(200);
  });

  it('has its last use noted', async () => {
    const api = await start();
    const key = await api.keyWith({});
    await api.call('GET', '/v1/tenants', { key });
    expect((await api.catalog.apiKeys.findByHash(hashOfKey(key)))?.lastUsedAt).toBeInstanceOf(Date);
  });
});

describe('the rate limit', () => {
  it('counts each key alone, shows what is left and says when to come back', async () => {
    const api = await start({ requestsPerMinute: 3 });
    const key = await api.keyWith({});
    const replies = [];
    for (let count = 0; count < 4; count += 1) replies.push(await api.call('GET', '/v1/tenants', { key }));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    expect(replies[0]?.headers).toMatchObject({
      'ratelimit-policy': '"key";q=3;w=60',
      ratelimit: expect.stringMatching(/^"key";r=2;t=\d+$/),
    });
    expect(replies[3]?.body['code']).toBe('rate-limited');
    expect(Number(replies[3]?.headers['retry-after'])).toBeGreaterThan(0);
    expect((await api.call('GET', '/v1/tenants')).status).toBe(200);
  });

  it('stops an address that tries keys, and nobody else behind it who has one', async () => {
    const api = await start();
    let status = 0;
    let tries = 0;
    while (status !== 429 && tries < 100) {
      ({ status } = await api.call('GET', '/v1/tenants', { key: newKey() }));
      tries += 1;
    }
    expect(tries).toBe(31);
    expect((await api.call('GET', '/v1/tenants', { key: newKey() })).body['code']).toBe('rate-limited');
    expect((await api.call('GET', '/v1/tenants')).status).toBe(200);
  });

  it('keeps no key out while many addresses try keys', async () => {
    // However long this takes, it is one window.
    const counter = new MemoryRequestCounter(3_600);
    const api = await start({ trustedProxies: ['127.0.0.1'] }, { counter });
    const from = (address: number) => ({ 'x-forwarded-for': `198.51.100.${String(address)}` });
    const answers = new Map<number, number>();
    for (let tried = 0; tried < 2_000; tried += 1) {
      const headers = from(tried % 50);
      const { status } = await api.call('GET', '/v1/tenants', { key: newKey(), headers });
      answers.set(status, (answers.get(status) ?? 0) + 1);
      if (tried % 100 === 0) expect((await api.call('GET', '/v1/tenants', { headers })).status).toBe(200);
    }
    expect(Object.fromEntries(answers)).toEqual({ 401: 50 * 30, 429: 50 * 10 });
  });

  it('compares no key: what is presented is hashed, and only the hash is looked up', async () => {
    const asked: string[] = [];
    const catalog = new InMemoryCatalog();
    const findByHash = catalog.apiKeys.findByHash.bind(catalog.apiKeys);
    catalog.apiKeys.findByHash = (hash) => (asked.push(hash), findByHash(hash));
    const api = await start({}, { catalog });
    const keys = [newKey(), newKey()];
    for (const key of keys) await api.call('GET', '/v1/tenants', { key });
    expect(asked).toEqual(keys.map(hashOfKey));
  });
});
