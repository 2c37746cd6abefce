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

const limits = { connectionLimit: 5, statementTimeoutMs: 1000, idleInTransactionTimeoutMs: 0 };

describe('plans', () => {
  it('are seeded', async () => {
    const { body } = await api.call('GET', '/v1/plans');
    expect((body['items'] as { name: string }[]).map(({ name }) => name).sort()).toEqual([
      'enterprise',
      'free',
      'pro',
      'starter',
    ]);
  });

  it('are made, changed under a version, and deleted', async () => {
    const made = await api.call('PUT', '/v1/plans/tiny', { body: { tier: 'shared', limits } });
    expect([made.status, made.headers['location'], made.body['description']]).toEqual([201, '/v1/plans/tiny', '']);
    const etag = String((await api.call('GET', '/v1/plans/tiny')).headers['etag']);
    const changed = await api.call('PUT', '/v1/plans/tiny', {
      body: { tier: 'shared', limits: { ...limits, connectionLimit: 6 } },
      headers: { 'if-match': etag },
    });
    expect(changed.body).toMatchObject({ limits: { connectionLimit: 6 }, version: 2 });
    const stale = await api.call('PUT', '/v1/plans/tiny', {
      body: { tier: 'shared', limits },
      headers: { 'if-match': etag },
    });
    expect([stale.status, stale.body['code']]).toEqual([412, 'precondition-failed']);
    expect((await api.call('DELETE', '/v1/plans/tiny')).status).toBe(204);
    expect((await api.call('GET', '/v1/plans/tiny')).body['code']).toBe('plan-not-found');
    expect((await api.call('DELETE', '/v1/plans/tiny')).body['code']).toBe('plan-not-found');
  });

  it('heed If-Match as RFC 9110 has it', async () => {
    const body = { tier: 'shared', limits };
    const put = async (name: string, ifMatch: string) => {
      const { status, body: answer } = await api.call('PUT', `/v1/plans/${name}`, {
        body,
        headers: { 'if-match': ifMatch },
      });
      return [status, answer['code']];
    };
    const failed = [412, 'precondition-failed'];
    // Nothing is there yet: no condition can hold.
    for (const condition of ['*', '"1"', '"1-abc", "2"']) expect(await put('matched', condition)).toEqual(failed);
    expect(await catalog.plans.get('matched')).toBeNull();
    const made = await api.call('PUT', '/v1/plans/matched', { body });
    const etag = String(made.headers['etag']);
    for (const condition of [etag, '*', ` "7" ,${etag}`])
      expect(await put('matched', condition)).toEqual([200, undefined]);
    for (const condition of [`W/${etag}`, '"7", "8-x"', '"of-somebody-else"', `W/${etag}, "9"`])
      expect(await put('matched', condition)).toEqual(failed);
    for (const condition of ['1', '"1', '', `${etag} ${etag}`])
      expect(await put('matched', condition)).toEqual([400, 'invalid-request']);
    const del = (ifMatch: string) => api.call('DELETE', '/v1/plans/matched', { headers: { 'if-match': ifMatch } });
    expect((await del('"7"')).body['code']).toBe('precondition-failed');
    expect((await del(`"7", ${etag}`)).status).toBe(204);
  });

  it('are deleted as they were seen, also when somebody changes them in between', async () => {
    await api.call('PUT', '/v1/plans/fleeting', { body: { tier: 'shared', limits } });
    const get = catalog.plans.get.bind(catalog.plans);
    catalog.plans.get = async (name) => {
      const seen = await get(name);
      await catalog.plans.put({ name, tier: 'shared', limits, description: 'Changed in between.' });
      return seen;
    };
    const reply = await api.call('DELETE', '/v1/plans/fleeting', { headers: { 'if-match': '"1"' } });
    catalog.plans.get = get;
    expect([reply.status, reply.body['code']]).toEqual([412, 'version-conflict']);
    expect(await get('fleeting')).toMatchObject({ version: 2 });
  });

  it('keep their tier while a tenant has them', async () => {
    await api.call('POST', '/v1/tenants', { body: { id: 'tiered', plan: 'pro' } });
    const reply = await api.call('PUT', '/v1/plans/pro', { body: { tier: 'dedicated', limits } });
    expect([reply.status, reply.body['code']]).toEqual([409, 'plan-in-use']);
  });

  it('are kept while a tenant has them', async () => {
    await api.call('POST', '/v1/tenants', { body: { id: 'planned', plan: 'free' } });
    const reply = await api.call('DELETE', '/v1/plans/free');
    expect([reply.status, reply.body['code']]).toEqual([409, 'plan-in-use']);
  });

  it.each([
    [{ tier: 'shared', limits: { ...limits, connectionLimit: 0 } }, 'body.limits.connectionLimit'],
    [{ tier: 'shared', limits: { ...limits, statementTimeoutMs: -1 } }, 'body.limits.statementTimeoutMs'],
    [{ tier: 'pooled', limits }, 'body.tier'],
    [{ tier: 'shared', limits, price: 5 }, 'body.price'],
  ])('refuse %j', async (body, field) => {
    expect((await api.call('PUT', '/v1/plans/bad', { body })).body['details']).toMatchObject({ faults: [{ field }] });
  });
});
