import { parseTenantId } from '@berth/domain';
import {
  FakeClusterProbe,
  FakeJobQueue,
  FakeOperationDesk,
  FakeSecretStore,
  firstPlacement,
  InMemoryCatalog,
} from '@berth/testing';
import { startTestApi, type TestApi } from '../testing/test-api.js';

const catalog = new InMemoryCatalog();
const desk = new FakeOperationDesk(catalog);
let api: TestApi;

beforeAll(async () => {
  api = await startTestApi({
    ...catalog,
    desk,
    probe: new FakeClusterProbe(),
    queue: new FakeJobQueue(),
    secrets: new FakeSecretStore(),
  });
});
afterAll(() => api.close());

async function create(id: string, plan = 'starter'): Promise<string> {
  const reply = await api.call('POST', '/v1/tenants', { body: { id, plan } });
  expect(reply.status).toBe(202);
  return reply.body['id'] as string;
}

/** Ends the operation, so that the tenant takes the next one. */
async function finish(operationId: string): Promise<void> {
  const claim = await catalog.journal.claim(operationId, { owner: 'test', leaseMs: 60_000 });
  if (claim.kind !== 'claimed') throw new Error(`the operation is ${claim.kind}`);
  await catalog.journal.settle(claim.operation.lease, { state: 'succeeded', result: {} });
}

describe('POST /v1/tenants/{id}/adopt', () => {
  const body = { schema: 'legacy_acme', clusterId: 'shared-1', plan: 'starter' };

  it('plans, and starts, with what was asked for', async () => {
    const planned = await api.call('POST', '/v1/tenants/adopted-one/adopt?dryRun=true', { body });
    expect([planned.status, planned.body['kind'], planned.body['wouldStart']]).toEqual([200, 'adopt-tenant', true]);
    expect(await catalog.tenants.get(parseTenantId('adopted-one'))).toBeNull();
    const reply = await api.call('POST', '/v1/tenants/adopted-one/adopt', { body: { ...body, migratedTo: '002_two' } });
    expect(reply.status).toBe(202);
    expect(reply.headers['location']).toBe(`/v1/operations/${String(reply.body['id'])}`);
    expect(desk.requests.at(-1)).toEqual({
      kind: 'adopt-tenant',
      tenantId: 'adopted-one',
      ...body,
      constraints: { labels: {} },
      migratedTo: '002_two',
    });
  });

  it('tells the one who comes second which operation is at work', async () => {
    const second = await api.call('POST', '/v1/tenants/adopted-one/adopt', { body });
    expect([second.status, second.body['code']]).toEqual([409, 'tenant-exists']);
    expect(second.body['detail']).toContain('adopt-tenant');
  });

  it.each(['', 'x'.repeat(64), 'ü'.repeat(32)])('refuses %p as the name of a schema', async (schema) => {
    const reply = await api.call('POST', '/v1/tenants/adopted-two/adopt', { body: { ...body, schema } });
    expect([reply.status, reply.body['code']]).toEqual([400, 'invalid-request']);
  });

  it('is not for a key that is bound to a tenant', async () => {
    const key = await api.keyWith({ scopes: ['tenants:write'], tenantId: 'adopted-three' });
    const reply = await api.call('POST', '/v1/tenants/adopted-three/adopt', { body, key });
    expect([reply.status, reply.body['code']]).toEqual([403, 'forbidden']);
  });
});

describe('POST /v1/tenants', () => {
  it('starts the operation and says where to watch it', async () => {
    const reply = await api.call('POST', '/v1/tenants', {
      body: {
        id: 'first-one',
        plan: 'starter',
        constraints: { labels: { region: 'eu' }, minPostgresMajor: 15 },
        clusterId: 'shared-1',
      },
    });
    expect(reply.status).toBe(202);
    expect(reply.headers['location']).toBe(`/v1/operations/${String(reply.body['id'])}`);
    expect(reply.body).toMatchObject({ kind: 'provision-tenant', tenantId: 'first-one', state: 'queued' });
    expect(reply.body['steps']).toHaveLength(2);
    expect(desk.requests.at(-1)).toEqual({
      kind: 'provision-tenant',
      tenantId: 'first-one',
      plan: 'starter',
      constraints: { labels: { region: 'eu' }, minPostgresMajor: 15 },
      clusterId: 'shared-1',
    });
  });

  it('plans and runs nothing with ?dryRun=true', async () => {
    const reply = await api.call('POST', '/v1/tenants?dryRun=true', { body: { id: 'dry-one', plan: 'starter' } });
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({ kind: 'provision-tenant', wouldStart: true });
    expect(reply.body['steps']).toEqual([
      expect.objectContaining({ number: 1, name: 'prepare-work', pointOfNoReturn: false }),
      expect.objectContaining({ number: 2, name: 'finish-work', pointOfNoReturn: true }),
    ]);
    expect(await catalog.tenants.get(parseTenantId('dry-one'))).toBeNull();
  });

  it('lets one of two creates at once win, and names its operation to the other', async () => {
    const both = await Promise.all(
      [1, 2].map(() => api.call('POST', '/v1/tenants', { body: { id: 'raced', plan: 'starter' } })),
    );
    const [won, lost] = both.sort((one, other) => one.status - other.status);
    expect([won?.status, lost?.status]).toEqual([202, 409]);
    expect(lost?.body).toMatchObject({ code: 'tenant-exists', details: { operationId: won?.body['id'] } });
  });

  it.each([
    ['a plan that does not exist', { id: 'no-plan', plan: 'golden' }, 404, 'plan-not-found'],
    ['a reserved name', { id: 'postgres', plan: 'starter' }, 400, 'invalid-name'],
    ['a name with capitals', { id: 'Acme', plan: 'starter' }, 400, 'invalid-name'],
    ['a name that ends in a hyphen', { id: 'acme-', plan: 'starter' }, 400, 'invalid-name'],
    ['two hyphens in a row', { id: 'ac--me', plan: 'starter' }, 400, 'invalid-name'],
    ['an underscore', { id: 'ac_me', plan: 'starter' }, 400, 'invalid-name'],
    ['a name that begins with a digit', { id: '1acme', plan: 'starter' }, 400, 'invalid-name'],
    ['a name of 41 characters', { id: 'a'.repeat(41), plan: 'starter' }, 400, 'invalid-name'],
    ['a name of 2 characters', { id: 'ab', plan: 'starter' }, 400, 'invalid-name'],
    ['a quote', { id: 'ac"me', plan: 'starter' }, 400, 'invalid-name'],
    ['a null, which no text of the catalog can hold', { id: 'ac\u0000me', plan: 'starter' }, 400, 'invalid-request'],
    ['letters of another alphabet', { id: 'аcme', plan: 'starter' }, 400, 'invalid-name'],
    ['a number for a name', { id: 7, plan: 'starter' }, 400, 'invalid-request'],
    ['nothing at all', {}, 400, 'invalid-request'],
  ])('refuses %s', async (_, body, status, code) => {
    const reply = await api.call('POST', '/v1/tenants', { body });
    expect([reply.status, reply.body['code']]).toEqual([status, code]);
  });

  it('lists every fault of query and body at once, unknown fields by name', async () => {
    const body = { id: 'Bad', plan: 5, color: 'red', constraints: { labels: {}, zone: 1 } };
    const reply = await api.call('POST', '/v1/tenants?dryRun=perhaps&verbose=1', { body });
    expect(reply.status).toBe(400);
    const { faults } = reply.body['details'] as { faults: { field: string; message: string }[] };
    expect(faults.map(({ field }) => field).sort()).toEqual([
      'body.color',
      'body.constraints.zone',
      'body.id',
      'body.plan',
      'query.dryRun',
      'query.verbose',
    ]);
    expect(faults.find(({ field }) => field === 'body.color')?.message).toBe('is not a known field');
  });

  it('tells what the checks found when they keep it from starting', async () => {
    desk.findings = [
      { code: 'cluster-full', severity: 'error', object: 'cluster shared-1', message: 'It is full.', remedy: null },
    ];
    const dry = await api.call('POST', '/v1/tenants?dryRun=true', { body: { id: 'unlucky', plan: 'starter' } });
    const real = await api.call('POST', '/v1/tenants', { body: { id: 'unlucky', plan: 'starter' } });
    desk.findings = [];
    expect(dry.body).toMatchObject({ wouldStart: false, findings: [{ code: 'cluster-full' }] });
    expect(real.status).toBe(422);
    expect(real.body).toMatchObject({ code: 'preflight-failed', details: { findings: [{ code: 'cluster-full' }] } });
  });
});

describe('GET /v1/tenants', () => {
  beforeAll(async () => {
    for (const id of ['list-a', 'list-b', 'list-c']) await create(id, id === 'list-b' ? 'pro' : 'starter');
  });

  it('gives pages that continue by cursor', async () => {
    const first = await api.call('GET', '/v1/tenants?prefix=list-&limit=2');
    const second = await api.call(
      'GET',
      `/v1/tenants?prefix=list-&limit=2&cursor=${encodeURIComponent(String(first.body['next']))}`,
    );
    const ids = [first, second].flatMap(({ body }) => (body['items'] as { id: string }[]).map(({ id }) => id));
    expect(ids).toEqual(['list-a', 'list-b', 'list-c']);
    expect(second.body['next']).toBeNull();
  });

  it('filters by plan and state', async () => {
    const pro = await api.call('GET', '/v1/tenants?prefix=list-&plan=pro&state=provisioning');
    expect((pro.body['items'] as { id: string }[]).map(({ id }) => id)).toEqual(['list-b']);
    expect((await api.call('GET', '/v1/tenants?prefix=list-&state=suspended')).body['items']).toEqual([]);
  });

  it.each(['limit=0', 'limit=201', 'limit=many', 'state=happy', 'cursor=', 'color=red'])(
    'refuses ?%s',
    async (query) => {
      expect((await api.call('GET', `/v1/tenants?${query}`)).status).toBe(400);
    },
  );

  it('refuses a cursor that it never gave', async () => {
    const reply = await api.call('GET', '/v1/tenants?cursor=bm9uc2Vuc2U');
    expect([reply.status, reply.body['code']]).toEqual([400, 'invalid-cursor']);
  });
});

describe('GET /v1/tenants/{id}', () => {
  it('shows where it is, what is wrong and the newest operation', async () => {
    const operationId = await create('shown');
    const id = parseTenantId('shown');
    await catalog.clusters.add(someCluster);
    await catalog.placements.reserve(firstPlacement(id, operationId));
    await catalog.placements.switchTo(id, { from: null, to: 1 });
    await catalog.tenants.transition(id, { from: ['provisioning'], to: 'suspended', reason: 'unpaid' });
    const reply = await api.call('GET', '/v1/tenants/shown');
    expect(reply.body).toMatchObject({
      id: 'shown',
      reason: 'unpaid',
      placement: { clusterId: 'shared-1', schema: 'tenant_shown', state: 'current', generation: 1 },
      previousPlacements: [],
      lastOperation: { id: operationId, kind: 'provision-tenant' },
    });
    expect((await api.call('GET', '/v1/tenants/shown/placements')).body['items']).toHaveLength(1);
  });

  it('answers 304 until something changes', async () => {
    await create('tagged');
    const first = await api.call('GET', '/v1/tenants/tagged');
    const etag = String(first.headers['etag']);
    const again = await api.call('GET', '/v1/tenants/tagged', { headers: { 'if-none-match': etag } });
    expect([again.status, again.text]).toEqual([304, '']);
    await catalog.tenants.transition(parseTenantId('tagged'), { from: ['provisioning'], to: 'ready', reason: null });
    expect((await api.call('GET', '/v1/tenants/tagged', { headers: { 'if-none-match': etag } })).status).toBe(200);
  });

  it.each([
    ['/v1/tenants/nobody', 404, 'tenant-not-found'],
    ['/v1/tenants/nobody/placements', 404, 'tenant-not-found'],
    ['/v1/tenants/Nobody', 400, 'invalid-name'],
    [`/v1/tenants/${'x'.repeat(90)}`, 400, 'invalid-name'],
  ])('answers %s with %d', async (url, status, code) => {
    const reply = await api.call('GET', url);
    expect([reply.status, reply.body['code']]).toEqual([status, code]);
  });
});

describe('what is done with a tenant', () => {
  const id = 'worked-on';
  beforeAll(async () => {
    await finish(await create(id));
    await catalog.tenants.transition(parseTenantId(id), { from: ['provisioning'], to: 'ready', reason: null });
  });

  it.each([
    ['POST', `/v1/tenants/${id}/suspend`, { reason: 'unpaid' }, { kind: 'suspend-tenant', reason: 'unpaid' }],
    ['POST', `/v1/tenants/${id}/resume`, undefined, { kind: 'resume-tenant' }],
    ['POST', `/v1/tenants/${id}/repair`, undefined, { kind: 'repair-tenant' }],
    ['PUT', `/v1/tenants/${id}/plan`, { plan: 'pro' }, { kind: 'change-plan', plan: 'pro', strategy: 'dump' }],
    ['DELETE', `/v1/tenants/${id}?reason=gone`, undefined, { kind: 'quarantine-tenant', reason: 'gone' }],
    ['DELETE', `/v1/tenants/${id}?reason=gone&now=true`, undefined, { kind: 'remove-tenant', reason: 'gone' }],
    [
      'POST',
      `/v1/tenants/${id}/moves`,
      { target: { tier: 'dedicated' }, strategy: 'dump' },
      { kind: 'move-tenant', target: { tier: 'dedicated' }, strategy: 'dump', switchMode: 'auto' },
    ],
  ] as const)('%s %s asks for the operation, and its dry run plans the same', async (method, url, body, request) => {
    const sent = body === undefined ? {} : { body };
    const dry = await api.call(method, `${url}${url.includes('?') ? '&' : '?'}dryRun=true`, sent);
    expect(dry.status).toBe(200);
    const planned = desk.requests.at(-1);
    const real = await api.call(method, url, sent);
    expect(real.status).toBe(202);
    expect(desk.requests.at(-1)).toEqual({ ...request, tenantId: id });
    expect(planned).toEqual(desk.requests.at(-1));
    const second = await api.call(method, url, sent);
    expect(second.body).toMatchObject({ code: 'operation-in-progress', details: { operationId: real.body['id'] } });
    await finish(String(real.body['id']));
  });

  it.each([
    ['DELETE', `/v1/tenants/${id}`, undefined, 'query.reason'],
    ['DELETE', `/v1/tenants/${id}?now=true`, undefined, 'query.reason'],
    ['POST', `/v1/tenants/${id}/suspend`, undefined, 'body.reason'],
    ['POST', `/v1/tenants/${id}/suspend`, { reason: '  ' }, 'body.reason'],
    ['POST', `/v1/tenants/${id}/resume`, { reason: 'x' }, 'body.reason'],
    ['PUT', `/v1/tenants/${id}/plan`, { plan: 'pro', strategy: 'magic' }, 'body.strategy'],
    ['POST', `/v1/tenants/${id}/moves`, { target: { tier: 'dedicated' } }, 'body.strategy'],
  ] as const)('%s %s without what it needs is refused by the field', async (method, url, body, field) => {
    const reply = await api.call(method, url, body === undefined ? {} : { body });
    expect(reply.status).toBe(400);
    expect(reply.body['details']).toMatchObject({ faults: [{ field }] });
  });

  it('refuses a change on top of one that was not seen', async () => {
    const seen = String((await api.call('GET', `/v1/tenants/${id}`)).headers['etag']);
    await catalog.tenants.update(parseTenantId(id), { constraints: { labels: { region: 'us' } } });
    const stale = await api.call('POST', `/v1/tenants/${id}/repair`, { headers: { 'if-match': seen } });
    expect([stale.status, stale.body['code']]).toEqual([412, 'precondition-failed']);
    const fresh = String((await api.call('GET', `/v1/tenants/${id}`)).headers['etag']);
    const right = await api.call('POST', `/v1/tenants/${id}/repair?dryRun=true`, { headers: { 'if-match': fresh } });
    expect(right.status).toBe(200);
    const wrong = await api.call('POST', `/v1/tenants/${id}/repair`, { headers: { 'if-match': 'yesterday' } });
    expect(wrong.status).toBe(400);
  });

  it.each(['suspend', 'resume', 'repair'])('%s of nobody is 404', async (verb) => {
    const reply = await api.call(
      'POST',
      `/v1/tenants/nobody/${verb}`,
      verb === 'suspend' ? { body: { reason: 'x' } } : {},
    );
    expect([reply.status, reply.body['code']]).toEqual([404, 'tenant-not-found']);
  });
});

const someCluster = {
  id: 'shared-1',
  tier: 'shared',
  state: 'active',
  host: '127.0.0.1',
  port: 5432,
  sslMode: 'disable',
  ca: null,
  database: 'tenants',
  postgresMajor: 15,
  labels: {},
  maxTenants: null,
  maxOperations: 4,
  managed: false,
} as const;
