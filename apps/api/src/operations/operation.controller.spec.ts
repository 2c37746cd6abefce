import { parseTenantId } from '@berth/domain';
import { FakeClusterProbe, FakeJobQueue, FakeOperationDesk, FakeSecretStore, InMemoryCatalog } from '@berth/testing';
import { startTestApi, type TestApi } from '../testing/test-api.js';

const catalog = new InMemoryCatalog();
let api: TestApi;
let id: string;

beforeAll(async () => {
  const desk = new FakeOperationDesk(catalog);
  api = await startTestApi({
    ...catalog,
    desk,
    probe: new FakeClusterProbe(),
    queue: new FakeJobQueue(),
    secrets: new FakeSecretStore(),
  });
  id = String((await api.call('POST', '/v1/tenants', { body: { id: 'worked', plan: 'starter' } })).body['id']);
});
afterAll(() => api.close());

/** A move of a tenant of its own. */
async function moveOf(tenantId: string): Promise<Readonly<Record<string, unknown>>> {
  const made = await api.call('POST', '/v1/tenants', { body: { id: tenantId, plan: 'starter' } });
  const claim = await catalog.journal.claim(String(made.body['id']), { owner: 'test', leaseMs: 60_000 });
  if (claim.kind !== 'claimed') throw new Error(claim.kind);
  await catalog.journal.settle(claim.operation.lease, { state: 'succeeded', result: {} });
  await catalog.tenants.transition(parseTenantId(tenantId), { from: ['provisioning'], to: 'ready', reason: null });
  const body = { target: { tier: 'dedicated' }, strategy: 'dump', switch: 'manual' };
  return (await api.call('POST', `/v1/tenants/${tenantId}/moves`, { body })).body;
}

const absent = '0192f3a4-5b6c-7d8e-9f00-112233445566';

describe('operations', () => {
  it('are shown with their steps, and not again while nothing changed', async () => {
    const shown = await api.call('GET', `/v1/operations/${id}`);
    expect(shown.body).toMatchObject({ id, kind: 'provision-tenant', steps: [{ number: 1 }, { number: 2 }] });
    const again = await api.call('GET', `/v1/operations/${id}`, {
      headers: { 'if-none-match': String(shown.headers['etag']) },
    });
    expect(again.status).toBe(304);
  });

  it.each([
    ['tenantId=worked', 1],
    ['state=queued', 1],
    ['state=succeeded', 0],
    ['kind=provision-tenant', 1],
    ['kind=move-tenant', 0],
    ['tenantId=nobody', 0],
  ])('are listed by ?%s', async (query, count) => {
    expect((await api.call('GET', `/v1/operations?${query}`)).body['items']).toHaveLength(count);
  });

  it('are retried only where they wait for somebody', async () => {
    const claim = await catalog.journal.claim(id, { owner: 'test', leaseMs: 60_000 });
    if (claim.kind !== 'claimed') throw new Error(claim.kind);
    expect((await api.call('POST', `/v1/operations/${id}/retry`)).body['code']).toBe('operation-state');
    const error = { code: 'migration-failed', message: 'Line 7.', hint: 'Correct it.', details: {} };
    await catalog.journal.settle(claim.operation.lease, { state: 'needs-operator', because: 'Line 7.', error });
    const shown = await api.call('GET', `/v1/operations/${id}`);
    expect(shown.body).toMatchObject({
      state: 'needs-operator',
      error: { code: 'migration-failed', hint: 'Correct it.' },
    });
    const retried = await api.call('POST', `/v1/operations/${id}/retry`);
    expect([retried.status, retried.body['state']]).toEqual([202, 'queued']);
  });

  it('of moving are changed by keys that may move, others by keys that may change tenants', async () => {
    const [moves, tenants] = await Promise.all([
      api.keyWith({ scopes: ['moves:write'] }),
      api.keyWith({ scopes: ['tenants:write'] }),
    ]);
    const moveId = String((await moveOf('mover'))['id']);
    for (const verb of ['cancel', 'retry']) {
      const answers = [
        await api.call('POST', `/v1/operations/${moveId}/${verb}`, { key: tenants }),
        await api.call('POST', `/v1/operations/${id}/${verb}`, { key: moves }),
      ];
      expect(answers.map(({ status, body }) => [status, body['code'], body['details']])).toEqual([
        [403, 'forbidden', { needs: ['moves:write'], has: ['tenants:write'] }],
        [403, 'forbidden', { needs: ['tenants:write'], has: ['moves:write'] }],
      ]);
    }
    expect((await api.call('GET', `/v1/operations/${moveId}`)).body['cancelRequestedAt']).toBeNull();
    expect((await api.call('POST', `/v1/operations/${moveId}/cancel`, { key: moves })).status).toBe(202);
  });

  it('are confirmed where one waits for a yes, and nowhere else', async () => {
    const body = { schema: 'legacy', clusterId: 'shared-1', plan: 'starter' };
    const adoption = String((await api.call('POST', '/v1/tenants/adopted/adopt', { body })).body['id']);
    const confirmed = await api.call('POST', `/v1/operations/${adoption}/confirm`);
    expect([confirmed.status, confirmed.body['kind']]).toEqual([202, 'adopt-tenant']);
    expect(await catalog.confirmations.confirmedAt(adoption)).toBeInstanceOf(Date);
    const refused = await api.call('POST', `/v1/operations/${id}/confirm`);
    expect([refused.status, refused.body['code']]).toEqual([409, 'operation-state']);
  });

  it('are asked to cancel', async () => {
    const cancelled = await api.call('POST', `/v1/operations/${id}/cancel`);
    expect(cancelled.status).toBe(202);
    expect(cancelled.body['cancelRequestedAt']).not.toBeNull();
  });

  it.each([
    ['GET', `/v1/operations/${absent}`, 404, 'operation-not-found'],
    ['POST', `/v1/operations/${absent}/cancel`, 404, 'operation-not-found'],
    ['POST', `/v1/operations/${absent}/retry`, 404, 'operation-not-found'],
    ['POST', `/v1/operations/${absent}/confirm`, 404, 'operation-not-found'],
    ['GET', '/v1/operations/not-an-id', 400, 'invalid-request'],
  ] as const)('%s %s answers %d', async (method, url, status, code) => {
    const reply = await api.call(method, url);
    expect([reply.status, reply.body['code']]).toEqual([status, code]);
  });
});
