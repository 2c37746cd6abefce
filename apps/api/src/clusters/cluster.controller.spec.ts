import { Writable } from 'node:stream';
import { rootCertificates } from 'node:tls';
import { pino } from 'pino';
import { secretRefs, type Finding } from '@berth/domain';
import {
  FakeClusterProbe,
  FakeInfrastructure,
  FakeJobQueue,
  FakeOperationDesk,
  FakeSecretStore,
  InMemoryCatalog,
  firstPlacement,
} from '@berth/testing';
import { parseTenantId } from '@berth/domain';
import { startTestApi, type TestApi } from '../testing/test-api.js';

const password = 'correct-horse-battery-staple';
const lines: string[] = [];
let catalog: InMemoryCatalog;
let probe: FakeClusterProbe;
let secrets: FakeSecretStore;
let infrastructure: FakeInfrastructure;
let api: TestApi;

beforeEach(async () => {
  catalog = new InMemoryCatalog();
  probe = new FakeClusterProbe();
  secrets = new FakeSecretStore();
  infrastructure = new FakeInfrastructure();
  const sink = new Writable({
    write(chunk: Buffer, _encoding, next) {
      lines.push(chunk.toString());
      next();
    },
  });
  const ports = {
    ...catalog,
    desk: new FakeOperationDesk(catalog),
    probe,
    queue: new FakeJobQueue(),
    secrets,
    infrastructure,
  };
  api = await startTestApi(ports, { log: pino({ level: 'trace' }, sink) });
});
afterEach(() => api.close());

const registration = (id: string) => ({
  id,
  host: 'db-1.internal',
  sslMode: 'disable',
  labels: { region: 'eu' },
  maxTenants: 10,
  admin: { username: 'berth_admin', password },
});

const register = (id: string, query = '', headers: Readonly<Record<string, string>> = {}) =>
  api.call('POST', `/v1/clusters${query}`, { body: registration(id), headers });

const error = (code: string): Finding => ({
  code,
  severity: 'error',
  object: 'cluster',
  message: `It is ${code}.`,
  remedy: `Do something about ${code}.`,
});

describe('POST /v1/clusters', () => {
  it('checks, readies and registers, and answers with all findings', async () => {
    const reply = await register('shared-1');
    expect(reply.status).toBe(201);
    expect(reply.headers['location']).toBe('/v1/clusters/shared-1');
    expect(reply.body).toMatchObject({
      cluster: { id: 'shared-1', state: 'active', port: 5432, database: 'tenants', postgresMajor: 15, room: 10 },
      findings: [{ code: 'cluster-not-prepared', severity: 'info' }],
      changes: ['Created database tenants.'],
    });
    expect((await secrets.read(secretRefs.clusterAdmin('shared-1')))?.document).toEqual({
      username: 'berth_admin',
      password,
    });
  });

  it('keeps the admin password in the secret store alone', async () => {
    lines.length = 0;
    const answers = [
      await register('shared-1', '', { 'idempotency-key': 'r1' }),
      await register('shared-1'),
      await api.call('GET', '/v1/clusters/shared-1'),
      await api.call('GET', '/v1/audit'),
      await api.call('POST', '/v1/clusters', { body: { ...registration('bad'), port: 'x' } }),
    ];
    expect(answers.map(({ text }) => text).join('')).not.toContain(password);
    expect(lines.length).toBeGreaterThan(4);
    expect(lines.join('')).not.toContain(password);
    expect(everythingIn(catalog.memory)).not.toContain(password);
  });

  it('shows the findings and does nothing with ?dryRun=true, also bad ones', async () => {
    probe.cluster('shared-1').findings = [error('cluster-rights'), error('cluster-too-old')];
    const reply = await register('shared-1', '?dryRun=true');
    expect(reply.status).toBe(200);
    expect((reply.body['findings'] as Finding[]).map(({ code }) => code)).toEqual([
      'cluster-rights',
      'cluster-too-old',
      'cluster-not-prepared',
    ]);
    expect(await catalog.clusters.list()).toEqual([]);
    expect(await secrets.newestVersion(secretRefs.clusterAdmin('shared-1'))).toBe(0);
    expect(probe.cluster('shared-1').prepared).toBe(false);
  });

  it.each(['cluster-too-old', 'cluster-rights', 'cluster-unsafe', 'cluster-full'])(
    'refuses what is %s by that code, with all findings',
    async (code) => {
      probe.cluster('shared-1').findings = [error(code), error('something-else')];
      const reply = await register('shared-1');
      expect([reply.status, reply.body['code']]).toEqual([422, code]);
      expect(reply.body['detail']).toContain(`It is ${code}.`);
      expect(reply.body['details']).toMatchObject({ findings: [{ code }, { code: 'something-else' }, {}] });
      expect(await catalog.clusters.list()).toEqual([]);
    },
  );

  it('refuses a server that is down', async () => {
    probe.cluster('shared-1').reachable = false;
    const reply = await register('shared-1');
    expect([reply.status, reply.body['code']]).toEqual([422, 'cluster-unreachable']);
    expect(reply.body['detail']).toContain('Nothing answers at db-1.internal:5432.');
  });

  it('refuses a name that is taken', async () => {
    await register('shared-1');
    const again = await register('shared-1');
    expect([again.status, again.body['code']]).toEqual([409, 'cluster-exists']);
  });

  it('is finished by the same registration when it broke off', async () => {
    const prepare = probe.prepare.bind(probe);
    probe.prepare = () => Promise.reject(new Error('the server went away'));
    expect((await register('shared-1')).status).toBe(500);
    expect((await catalog.clusters.get('shared-1'))?.state).toBe('cordoned');
    probe.prepare = prepare;
    expect((await register('shared-1')).body).toMatchObject({ cluster: { state: 'active' } });
  });

  it('that goes on after a break asks for what it says now, and cannot turn into one of another tier', async () => {
    const prepare = probe.prepare.bind(probe);
    probe.prepare = () => Promise.reject(new Error('the server went away'));
    await register('shared-1');
    probe.prepare = prepare;
    const body = { ...registration('shared-1'), labels: { region: 'us' }, maxTenants: 3, maxOperations: 2 };
    for (const other of [{ tier: 'dedicated' }, { sslMode: 'require' }]) {
      const refused = await api.call('POST', '/v1/clusters', { body: { ...body, ...other } });
      expect([refused.status, refused.body['code']]).toEqual([409, 'cluster-exists']);
    }
    const finished = await api.call('POST', '/v1/clusters', { body });
    expect(finished.body).toMatchObject({
      cluster: { state: 'active', labels: { region: 'us' }, maxTenants: 3, maxOperations: 2 },
    });
  });

  it('refuses unknown fields and wrong ones by name', async () => {
    const body = { ...registration('Shared_1'), port: 0, sslmode: 'require', admin: { username: 'x' } };
    const reply = await api.call('POST', '/v1/clusters', { body });
    const { faults } = reply.body['details'] as { faults: { field: string }[] };
    expect(faults.map(({ field }) => field).sort()).toEqual([
      'body.admin.password',
      'body.id',
      'body.port',
      'body.sslmode',
    ]);
  });
});

describe('a cluster', () => {
  it('shows load and room', async () => {
    await register('shared-1');
    await place('someone', 'shared-1');
    const shown = await api.call('GET', '/v1/clusters/shared-1');
    expect(shown.body).toMatchObject({ tenants: 1, room: 9, load: { maxSessions: 100 } });
    probe.cluster('shared-1').reachable = false;
    expect((await api.call('GET', '/v1/clusters/shared-1')).body).toMatchObject({ load: null });
    expect((await api.call('GET', '/v1/clusters?load=true')).body['items']).toMatchObject([
      { id: 'shared-1', room: 9, load: null },
    ]);
  });

  it('shows what the provider says of an instance that Berth made, and asks about no other', async () => {
    await register('shared-1');
    await register('made-by-us');
    const { version: _version, createdAt: _createdAt, ...row } = (await catalog.clusters.get('made-by-us'))!;
    await catalog.clusters.remove('made-by-us');
    await catalog.clusters.add({ ...row, managed: true });
    const report = {
      provider: 'Amazon RDS',
      identifier: 'berth-t-acme-g2',
      status: 'available',
      endpoint: 'db.example:5432',
      pending: ['DBInstanceClass changes to db.m7g.large in the maintenance window sun:04:30-sun:05:30.'],
      storage: { allocatedBytes: 100, freeBytes: 40.5, limitBytes: null },
      events: [{ at: new Date('2026-11-26T20:00:00Z'), message: 'Multi-AZ instance failover completed' }],
    };
    for (const id of ['shared-1', 'made-by-us']) infrastructure.reports.set(id, report);
    expect((await api.call('GET', '/v1/clusters/shared-1')).body['instance']).toBeNull();
    expect((await api.call('GET', '/v1/clusters/made-by-us')).body['instance']).toEqual({
      ...report,
      storage: { ...report.storage, freeBytes: 40 },
      events: [{ at: '2026-11-26T20:00:00.000Z', message: 'Multi-AZ instance failover completed' }],
    });
    infrastructure.report = () => Promise.reject(new Error('AWS is away'));
    expect((await api.call('GET', '/v1/clusters/made-by-us')).body).toMatchObject({ id: 'made-by-us', instance: null });
  });

  it('changes labels and limits, guarded by its version', async () => {
    await register('shared-1');
    const etag = String((await api.call('GET', '/v1/clusters/shared-1')).headers['etag']);
    const changed = await api.call('PATCH', '/v1/clusters/shared-1', {
      body: { maxTenants: null, labels: { region: 'us' } },
      headers: { 'if-match': etag },
    });
    expect(changed.body).toMatchObject({ maxTenants: null, room: null, labels: { region: 'us' } });
    const stale = await api.call('PATCH', '/v1/clusters/shared-1', {
      body: { maxTenants: 1 },
      headers: { 'if-match': etag },
    });
    expect([stale.status, stale.body['code']]).toEqual([412, 'precondition-failed']);
    const next = await api.call('PATCH', '/v1/clusters/shared-1', {
      body: { maxTenants: 1 },
      headers: { 'if-match': String(changed.headers['etag']) },
    });
    expect(next.status).toBe(200);
    expect((await api.call('PATCH', '/v1/clusters/shared-1', { body: {} })).status).toBe(400);
    expect((await api.call('PATCH', '/v1/clusters/shared-1', { body: { host: 'elsewhere' } })).status).toBe(400);
  });

  it('has room for one tenant where it is dedicated, whatever is asked for', async () => {
    await api.call('POST', '/v1/clusters', { body: { ...registration('own-1'), tier: 'dedicated' } });
    const { headers, body } = await api.call('GET', '/v1/clusters/own-1');
    expect(body).toMatchObject({ tier: 'dedicated', maxTenants: 1, room: 1, managed: false });
    const changed = await api.call('PATCH', '/v1/clusters/own-1', {
      body: { maxTenants: null },
      headers: { 'if-match': String(headers['etag']) },
    });
    expect(changed).toMatchObject({ status: 200, body: { maxTenants: 1 } });
  });

  it('takes a new authority when the server is reached by it, and shows who that is', async () => {
    await register('shared-1');
    const patch = (body: object) => api.call('PATCH', '/v1/clusters/shared-1', { body });
    expect((await patch({ ca: 'not a certificate' })).status).toBe(400);
    expect((await patch({ ca: rootCertificates[0] })).body['code']).toBe('cluster-tls');
    const changed = await patch({ sslMode: 'verify-full', ca: rootCertificates[0] });
    expect(changed.body).toMatchObject({
      sslMode: 'verify-full',
      authority: { subject: expect.any(String), fingerprint: expect.stringMatching(/^[0-9A-F:]{95}$/) },
    });
    probe.cluster('shared-1').findings = [error('cluster-tls')];
    expect((await patch({ ca: rootCertificates[1] })).body['code']).toBe('cluster-tls');
    expect(await catalog.clusters.get('shared-1')).toMatchObject({ ca: rootCertificates[0] });
  });

  it('is refused an authority that its ssl mode would not look at, and asks for extensions', async () => {
    const body = { ...registration('shared-1'), ca: rootCertificates[0] };
    const refused = await api.call('POST', '/v1/clusters', { body });
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('verify-ca and verify-full only')]);
    await api.call('POST', '/v1/clusters', { body: { ...registration('shared-1'), extensions: ['citext'] } });
    expect(probe.cluster('shared-1').wishes).toEqual({ extensions: ['citext'], maxTenants: 10, streams: null });
  });

  it('is cordoned and uncordoned, twice without harm', async () => {
    await register('shared-1');
    for (const [verb, state] of [
      ['cordon', 'cordoned'],
      ['cordon', 'cordoned'],
      ['uncordon', 'active'],
      ['uncordon', 'active'],
    ] as const) {
      expect((await api.call('POST', `/v1/clusters/shared-1/${verb}`)).body['state']).toBe(state);
    }
  });

  it('is forgotten with its admin login, unless a tenant lives there or Berth made it', async () => {
    await register('shared-1');
    await place('someone', 'shared-1');
    expect((await api.call('DELETE', '/v1/clusters/shared-1')).body['code']).toBe('cluster-in-use');
    await catalog.placements.retireAll(parseTenantId('someone'));
    expect((await api.call('DELETE', '/v1/clusters/shared-1')).status).toBe(204);
    expect(await secrets.newestVersion(secretRefs.clusterAdmin('shared-1'))).toBe(0);
    await register('made-by-us');
    const { version: _version, createdAt: _createdAt, ...row } = (await catalog.clusters.get('made-by-us'))!;
    await catalog.clusters.remove('made-by-us');
    await catalog.clusters.add({ ...row, managed: true });
    expect((await api.call('DELETE', '/v1/clusters/made-by-us')).body['code']).toBe('cluster-in-use');
  });

  it.each([
    ['GET', ''],
    ['PATCH', ''],
    ['DELETE', ''],
    ['POST', '/cordon'],
    ['POST', '/uncordon'],
  ] as const)('that is not there answers 404 to %s %s', async (method, path) => {
    const reply = await api.call(
      method,
      `/v1/clusters/nowhere${path}`,
      method === 'PATCH' ? { body: { maxTenants: 1 } } : {},
    );
    expect([reply.status, reply.body['code']]).toEqual([404, 'cluster-not-found']);
  });
});

async function place(tenant: string, clusterId: string): Promise<void> {
  const made = await api.call('POST', '/v1/tenants', { body: { id: tenant, plan: 'starter' } });
  await catalog.placements.reserve({ ...firstPlacement(parseTenantId(tenant), String(made.body['id'])), clusterId });
}

function everythingIn(memory: object): string {
  return JSON.stringify(memory, (_, value: unknown) =>
    value instanceof Map ? [...(value as Map<unknown, unknown>).entries()] : value,
  );
}
