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

async function newest(): Promise<Record<string, unknown>> {
  const { body } = await api.call('GET', '/v1/audit?limit=1');
  return (body['items'] as Record<string, unknown>[])[0]!;
}

describe('the audit log', () => {
  it('tells who did what to whom, from where, with which answer and operation', async () => {
    const reply = await api.call('POST', '/v1/tenants', { body: { id: 'audited', plan: 'starter' } });
    expect(await newest()).toMatchObject({
      actor: expect.stringMatching(/^key:/),
      action: 'create-tenant',
      tenantId: 'audited',
      object: '/v1/tenants',
      from: '127.0.0.1',
      answer: '202',
      operationId: reply.body['id'],
    });
  });

  it.each([
    [
      'a conflict',
      () => api.call('POST', '/v1/tenants', { body: { id: 'audited', plan: 'starter' } }),
      'create-tenant',
      '409 tenant-exists',
      'audited',
    ],
    [
      'bad input',
      () => api.call('POST', '/v1/tenants', { body: { id: 'AUDITED' } }),
      'create-tenant',
      '400 invalid-request',
      null,
    ],
    [
      'a missing tenant',
      () => api.call('DELETE', '/v1/tenants/nobody?reason=x'),
      'delete-tenant',
      '404 tenant-not-found',
      'nobody',
    ],
    [
      'a dry run',
      () => api.call('POST', '/v1/tenants/audited/repair?dryRun=true'),
      'repair-tenant:dry-run',
      '200',
      'audited',
    ],
    [
      'no key',
      () => api.call('POST', '/v1/tenants/audited/repair', { key: null }),
      'repair-tenant',
      '401 unauthenticated',
      null,
    ],
  ])('has an entry for %s too', async (_, act, action, answer, tenantId) => {
    await act();
    expect(await newest()).toMatchObject({ action, answer, tenantId });
  });

  it('has an entry for a key without the scope', async () => {
    const key = await api.keyWith({ scopes: ['tenants:read'] });
    await api.call('DELETE', '/v1/tenants/audited?reason=x', { key });
    expect(await newest()).toMatchObject({ action: 'delete-tenant', answer: '403 forbidden' });
  });

  it('has none for reads, nor for an answer that was repeated', async () => {
    const before = await newest();
    await api.call('GET', '/v1/tenants');
    expect(await newest()).toEqual(before);
    const write = () =>
      api.call('PUT', '/v1/plans/tiny', {
        body: { tier: 'shared', limits: { connectionLimit: 1, statementTimeoutMs: 0, idleInTransactionTimeoutMs: 0 } },
        headers: { 'idempotency-key': 'a1' },
      });
    await write();
    const written = await newest();
    await write();
    expect(await newest()).toEqual(written);
  });

  it('filters by tenant and actor, and gives pages', async () => {
    const { body } = await api.call('GET', '/v1/audit?tenantId=nobody');
    expect((body['items'] as { tenantId: string }[]).map(({ tenantId }) => tenantId)).toEqual(['nobody']);
    const anonymous = await api.call('GET', '/v1/audit?actor=anonymous&limit=1');
    expect(anonymous.body['items']).toHaveLength(1);
  });

  it('verifies its chain', async () => {
    const { body } = await api.call('GET', '/v1/audit/verify');
    expect(body).toMatchObject({ intact: true, brokenAt: null });
    expect(body['entries']).toBeGreaterThan(5);
  });
});
