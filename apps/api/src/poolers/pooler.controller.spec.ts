import { Writable } from 'node:stream';
import { pino } from 'pino';
import { parseTenantId, secretRefs, type Finding } from '@berth/domain';
import {
  FakeClusterProbe,
  FakeJobQueue,
  FakeOperationDesk,
  FakeSecretStore,
  FakeTenantRouter,
  InMemoryCatalog,
} from '@berth/testing';
import { startTestApi, type TestApi } from '../testing/test-api.js';

const password = 'correct-horse-battery-staple';
const ref = secretRefs.poolerAdmin('pool-1');
const lines: string[] = [];
let catalog: InMemoryCatalog;
let router: FakeTenantRouter;
let secrets: FakeSecretStore;
let api: TestApi;

beforeEach(async () => {
  catalog = new InMemoryCatalog();
  router = new FakeTenantRouter();
  secrets = new FakeSecretStore();
  const sink = new Writable({
    write(chunk: Buffer, _encoding, next) {
      lines.push(chunk.toString());
      next();
    },
  });
  const ports = { ...catalog, desk: new FakeOperationDesk(catalog), probe: new FakeClusterProbe(), router, secrets };
  api = await startTestApi({ ...ports, queue: new FakeJobQueue() }, { log: pino({ level: 'trace' }, sink) });
});
afterEach(() => api.close());

const registration = {
  id: 'pool-1',
  host: 'pool-1.internal',
  sslMode: 'disable',
  folder: '/srv/pool-1/berth/',
  admin: { username: 'berth_pooler', password },
};
const register = (change: object = {}, query = '') =>
  api.call('POST', `/v1/poolers${query}`, { body: { ...registration, ...change } });

const finding = (code: string, severity: Finding['severity'] = 'error'): Finding => ({
  code,
  severity,
  object: 'pooler pool-1',
  message: `It is ${code}.`,
  remedy: `Do something about ${code}.`,
});

describe('POST /v1/poolers', () => {
  it('checks and registers, and answers with all findings', async () => {
    router.pooler('pool-1').findings = [finding('pooler-old', 'warning')];
    const reply = await register();
    expect(reply.status).toBe(201);
    expect(reply.headers['location']).toBe('/v1/poolers/pool-1');
    expect(reply.body).toMatchObject({
      pooler: { id: 'pool-1', port: 6432, folder: '/srv/pool-1/berth' },
      findings: [{ code: 'pooler-old', severity: 'warning' }],
    });
    expect((await register()).status).toBe(201);
    const other = await register({ id: 'pool-2' });
    expect([other.status, other.body['code']]).toEqual([409, 'pooler-exists']);
  });

  it('keeps the admin password in the secret store alone', async () => {
    lines.length = 0;
    const answers = [await register(), await api.call('GET', '/v1/poolers/pool-1'), await api.call('GET', '/v1/audit')];
    expect((await secrets.read(ref))?.document).toMatchObject({ username: 'berth_pooler', password });
    expect(answers.map(({ text }) => text).join('')).not.toContain(password);
    expect(lines.join('')).not.toContain(password);
  });

  it('shows the findings and does nothing with ?dryRun=true', async () => {
    router.pooler('pool-1').findings = [finding('statement-pooling'), finding('pooler-too-old')];
    const reply = await register({}, '?dryRun=true');
    expect(reply.status).toBe(200);
    expect((reply.body['findings'] as Finding[]).map(({ code }) => code)).toEqual([
      'statement-pooling',
      'pooler-too-old',
    ]);
    expect(await catalog.poolers.list()).toEqual([]);
    expect(await secrets.newestVersion(ref)).toBe(0);
  });

  it.each([
    ['pooler-too-old', 'pooler-too-old'],
    ['statement-pooling', 'pooler-unsafe'],
  ])('refuses what is %s as %s, with all findings', async (found, code) => {
    router.pooler('pool-1').findings = [finding('pooler-old', 'warning'), finding(found)];
    const reply = await register();
    expect([reply.status, reply.body['code']]).toEqual([422, code]);
    expect(reply.body['details']).toMatchObject({ findings: [{ code: 'pooler-old' }, { code: found }] });
    expect(await catalog.poolers.list()).toEqual([]);
  });

  it('takes back what it began when the pooler does not read its files', async () => {
    router.takeOver = async () => [finding('files-not-read')];
    const reply = await register();
    expect([reply.status, reply.body['code']]).toEqual([422, 'pooler-unsafe']);
    expect(await catalog.poolers.list()).toEqual([]);
    expect(await secrets.newestVersion(ref)).toBe(0);
  });

  it('refuses a password that no verifier can be made of, and a folder that is none', async () => {
    for (const change of [{ admin: { username: 'x', password: 'snö' } }, { folder: 'berth' }]) {
      expect((await register(change)).status).toBe(400);
    }
  });
});

describe('a pooler', () => {
  it('shows what differs from the catalog, or that it does not answer', async () => {
    await register();
    expect((await api.call('GET', '/v1/poolers/pool-1')).body).toMatchObject({ findings: [], drift: [] });
    const tenantId = parseTenantId('stranger');
    const route = { tenantId, host: 'x', port: 1, database: 'x', poolSize: 1, logins: [] };
    await router.route({ poolerId: 'pool-1' } as never, [{ tenantId, route }]);
    expect((await api.call('GET', '/v1/poolers/pool-1')).body).toMatchObject({ drift: [{ tenantId: 'stranger' }] });
    await router.forget({ poolerId: 'pool-1' } as never);
    router.pooler('pool-1').answers = false;
    expect((await api.call('GET', '/v1/poolers/pool-1')).body).toMatchObject({
      findings: [{ code: 'pooler-unreachable' }],
      drift: null,
    });
    expect((await api.call('GET', '/v1/poolers')).body['items']).toMatchObject([{ id: 'pool-1' }]);
    expect((await api.call('GET', '/v1/poolers/none')).body['code']).toBe('pooler-not-found');
  });

  it.each([true, false])('is forgotten with its login and its aliases (answers: %s)', async (answers) => {
    await register();
    const tenantId = parseTenantId('acme');
    const route = { tenantId, host: 'x', port: 1, database: 'x', poolSize: 1, logins: [] };
    await router.route({ poolerId: 'pool-1' } as never, [{ tenantId, route }]);
    router.pooler('pool-1').answers = answers;
    expect((await api.call('DELETE', '/v1/poolers/pool-1')).status).toBe(204);
    expect(router.pooler('pool-1').files?.size).toBe(0);
    expect(await secrets.newestVersion(ref)).toBe(0);
    expect((await api.call('DELETE', '/v1/poolers/pool-1')).status).toBe(404);
  });
});
