import { parseTenantId, secretRefs, tenantUrl } from '@berth/domain';
import { FakeClusterProbe, FakeJobQueue, FakeOperationDesk, FakeSecretStore, InMemoryCatalog } from '@berth/testing';
import { startTestApi, type TestApi } from '../testing/test-api.js';

const acme = parseTenantId('acme');
const password = 'hunter2-and-more';
const authority = '-----BEGIN CERTIFICATE-----\nof the company\n-----END CERTIFICATE-----\n';
const catalog = new InMemoryCatalog();
const secrets = new FakeSecretStore();
const desk = new FakeOperationDesk(catalog);
let api: TestApi;

beforeAll(async () => {
  api = await startTestApi({ ...catalog, desk, secrets, probe: new FakeClusterProbe(), queue: new FakeJobQueue() });
  const made = await api.call('POST', '/v1/tenants', { body: { id: acme, plan: 'starter' } });
  const claim = await catalog.journal.claim(String(made.body['id']), { owner: 'test', leaseMs: 60_000 });
  if (claim.kind !== 'claimed') throw new Error(`the operation is ${claim.kind}`);
  await catalog.journal.settle(claim.operation.lease, { state: 'succeeded', result: {} });
});
afterAll(() => api.close());

async function giveSecret(): Promise<void> {
  const metadata = { tenantId: acme, generation: 1, operationId: 'op-1' };
  const address = { host: '10.0.0.1', port: 5432, database: 'tenants', schema: 'tenant_acme' };
  const tls = { sslmode: 'verify-full' as const, sslrootcert: authority };
  const document = { ...address, ...tls, username: 'tenant_acme__a', password, generation: 1 };
  await secrets.write(
    secretRefs.tenantDb(acme),
    { ...document, url: tenantUrl(document) },
    { expectedVersion: 0, metadata },
  );
  await secrets.write(
    secretRefs.tenantLogins(acme),
    { active: 'a', a: { password, verifier: 'SCRAM-SHA-256$4096:x' }, b: null },
    { expectedVersion: 0, metadata },
  );
}
const audit = async () => (await catalog.audit.list({}, { limit: 200 })).items;

it('a tenant without a secret says so', async () => {
  expect(await api.call('GET', '/v1/tenants/acme/secret')).toMatchObject({
    status: 409,
    body: { code: 'tenant-state' },
  });
  await giveSecret();
});

describe('GET /v1/tenants/{id}/secret', () => {
  it('tells everything but the password', async () => {
    const { status, body, text } = await api.call('GET', '/v1/tenants/acme/secret');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ref: 'tenants/acme/db',
      username: 'tenant_acme__a',
      sslrootcert: authority,
      generation: 1,
      logins: [{ slot: 'a', active: true, since: expect.stringMatching(/^20/) as string }],
      versions: [{ version: 1, operationId: 'op-1', removed: false }],
    });
    expect(text).not.toContain(password);
    expect(text).not.toContain('SCRAM');
  });
});

describe('POST /v1/tenants/{id}/secret/reveal', () => {
  const reason = 'incident 4711';
  const reveal = (key?: string, headers = {}) =>
    api.call('POST', '/v1/tenants/acme/secret/reveal', {
      body: { reason },
      headers,
      ...(key !== undefined && { key }),
    });

  it('shows the password to an administrator, kept by no cache, and keeps who asked and why, never what', async () => {
    const before = (await audit()).length;
    const { status, body, headers } = await reveal();
    expect([status, body['password'], headers['cache-control']]).toEqual([200, password, 'no-store']);
    expect(body['sslrootcert']).toBe(authority);
    const entries = (await audit()).slice(0, (await audit()).length - before);
    expect(entries.map(({ action, answer }) => [action, answer])).toEqual([
      ['reveal-tenant-secret', '200'],
      ['reveal-tenant-secret:reason', 'asked'],
    ]);
    expect(entries[1]).toMatchObject({ tenantId: 'acme', object: `tenants/acme/db: ${reason}` });
    expect(JSON.stringify(await audit())).not.toContain(password);
  });

  it('is nobody else’s, and needs a reason', async () => {
    const others = await api.keyWith({ scopes: ['tenants:read', 'tenants:write', 'clients:write'] });
    expect(await reveal(others)).toMatchObject({ status: 403 });
    const without = await api.call('POST', '/v1/tenants/acme/secret/reveal', { body: { reason: ' ' } });
    expect(without).toMatchObject({ status: 400 });
  });

  it('shows nothing where the audit log cannot be written', async () => {
    const append = catalog.audit.append.bind(catalog.audit);
    catalog.audit.append = () => Promise.reject(new Error('the disk is full'));
    const { status, text } = await reveal();
    catalog.audit.append = append;
    expect(status).toBe(500);
    expect(text).not.toContain(password);
  });

  it('keeps no password for a repeated Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'reveal-once' };
    expect((await reveal(undefined, headers)).body['password']).toBe(password);
    const again = await reveal(undefined, headers);
    expect(again.body).toMatchObject({ username: 'tenant_acme__a', password: null, url: null });
  });
});

describe('POST /v1/tenants/{id}/secret/rotate', () => {
  it('asks the desk, with an hour of grace unless told otherwise', async () => {
    const plan = await api.call('POST', '/v1/tenants/acme/secret/rotate?dryRun=true', { body: { settleMs: 0 } });
    expect(plan).toMatchObject({ status: 200, body: { kind: 'rotate-login', wouldStart: true } });
    const wanted = { kind: 'rotate-login', tenantId: 'acme', graceMs: 3_600_000, settleMs: 0 };
    expect(desk.requests.at(-1)).toEqual(wanted);
    expect(await api.call('POST', '/v1/tenants/acme/secret/rotate', { body: {} })).toMatchObject({ status: 202 });
  });
});
