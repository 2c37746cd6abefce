import { Writable } from 'node:stream';
import { pino } from 'pino';
import { BerthError } from '@berth/domain';
import { FakeClusterProbe, FakeJobQueue, FakeOperationDesk, FakeSecretStore, InMemoryCatalog } from '@berth/testing';
import { startTestApi, type TestApi } from '../testing/test-api.js';

const catalog = new InMemoryCatalog();
const lines: string[] = [];
let api: TestApi;

beforeAll(async () => {
  const sink = new Writable({
    write(chunk: Buffer, _encoding, next) {
      lines.push(chunk.toString());
      next();
    },
  });
  const ports = {
    ...catalog,
    desk: new FakeOperationDesk(catalog),
    probe: new FakeClusterProbe(),
    queue: new FakeJobQueue(),
    secrets: new FakeSecretStore(),
  };
  api = await startTestApi(ports, { log: pino({ level: 'info' }, sink) });
});
afterAll(() => api.close());

async function raw(method: 'POST' | 'PUT' | 'GET' | 'QUERY', url: string, payload: string, type: string | null) {
  const headers = { authorization: `Bearer ${api.adminKey}`, ...(type !== null && { 'content-type': type }) };
  const reply = await api.server.inject({ method, url, payload, headers });
  return {
    status: reply.statusCode,
    type: reply.headers['content-type'],
    allow: reply.headers['allow'],
    body: reply.json<Record<string, unknown>>(),
  };
}

const json = 'application/json';

describe('a problem', () => {
  it.each([
    ['an unknown route', 'GET', '/v1/ships', '', null, 404, 'route-not-found'],
    ['an unknown route outside /v1', 'GET', '/admin', '', null, 404, 'route-not-found'],
    ['a method that the route has not', 'PUT', '/v1/tenants', '{}', json, 405, 'method-not-allowed'],
    ['a method of its own kind without a body', 'QUERY', '/v1/tenants', '', null, 405, 'method-not-allowed'],
    ['a form by a method that the route has not', 'PUT', '/v1/tenants', 'a=b', 'text/plain', 405, 'method-not-allowed'],
    ['malformed JSON', 'POST', '/v1/tenants', '{"id": ', json, 400, 'invalid-request'],
    ['a prototype in JSON', 'POST', '/v1/tenants', '{"__proto__": {"id": "x"}}', json, 400, 'invalid-request'],
    ['a body that is an array', 'POST', '/v1/tenants', '[]', json, 400, 'invalid-request'],
    ['a form', 'POST', '/v1/tenants', 'id=acme', 'application/x-www-form-urlencoded', 415, 'unsupported-media-type'],
    ['plain text', 'POST', '/v1/tenants', 'acme', 'text/plain', 415, 'unsupported-media-type'],
    [
      'an endless body',
      'POST',
      '/v1/tenants',
      JSON.stringify({ id: 'x'.repeat(300_000) }),
      json,
      413,
      'body-too-large',
    ],
    ['an address that cannot be decoded', 'GET', '/v1/tenants/%zz', '', null, 400, 'invalid-request'],
  ] as const)('answers %s', async (_, method, url, payload, type, status, code) => {
    const reply = await raw(method, url, payload, type);
    expect([reply.status, reply.body['code'], reply.body['status']]).toEqual([status, code, status]);
    expect(reply.type).toBe('application/problem+json; charset=utf-8');
    expect(reply.body).toMatchObject({
      type: `urn:berth:problem:${code}`,
      title: expect.any(String),
      detail: expect.any(String),
    });
    expect(reply.body['instance']).toMatch(/^urn:uuid:[0-9a-f-]{36}$/);
    expect(JSON.stringify(reply.body)).not.toMatch(/node_modules|\.js:|at .*\(/);
  });

  it('names the methods that the route has', async () => {
    expect((await raw('PUT', '/v1/tenants', '{}', json)).allow).toBe('GET, HEAD, POST');
  });

  it('of our own making hides what happened, and carries an id that is in the log', async () => {
    const original = catalog.plans.list.bind(catalog.plans);
    catalog.plans.list = () => Promise.reject(new Error('password=hunter2 in connection string'));
    const reply = await api.call('GET', '/v1/plans');
    catalog.plans.list = original;
    expect(reply.status).toBe(500);
    expect(reply.text).not.toContain('hunter2');
    const id = String(reply.body['instance']).replace('urn:uuid:', '');
    expect(reply.body['hint']).toContain(id);
    expect(lines.filter((line) => line.includes(id) && line.includes('connection string'))).toHaveLength(1);
  });

  it('of a part that is away tells so, and that it passes', async () => {
    const original = catalog.plans.list.bind(catalog.plans);
    catalog.plans.list = () => Promise.reject(new BerthError('catalog-unavailable', 'The catalog does not answer.'));
    const reply = await api.call('GET', '/v1/plans');
    catalog.plans.list = original;
    expect([reply.status, reply.body['code']]).toEqual([503, 'catalog-unavailable']);
  });
});

describe('the log', () => {
  it('has one line a request, with its ids, and nothing of bodies, queries or headers', async () => {
    lines.length = 0;
    const secret = 'a-reason-nobody-shall-read';
    const created = await api.call('POST', '/v1/tenants', {
      body: { id: 'logged', plan: 'starter' },
      headers: { 'x-secret': secret },
    });
    await api.call('DELETE', `/v1/tenants/logged?reason=${secret}`);
    const requests = lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ msg }) => msg === 'request');
    expect(requests).toHaveLength(2);
    expect(requests[0]).toMatchObject({
      method: 'POST',
      route: '/v1/tenants',
      status: 202,
      tenantId: 'logged',
      operationId: created.body['id'],
    });
    expect(requests[1]).toMatchObject({
      method: 'DELETE',
      route: '/v1/tenants/:tenantId',
      status: 409,
      problem: 'operation-in-progress',
      tenantId: 'logged',
    });
    expect(lines.join('')).not.toContain(secret);
    expect(lines.join('')).not.toContain(api.adminKey);
  });
});

describe('a JSON content type without a body', () => {
  it('is no body', async () => {
    const reply = await raw('POST', '/v1/tenants/logged/resume', '', json);
    expect(reply.body['code']).toBe('operation-in-progress');
  });
});
