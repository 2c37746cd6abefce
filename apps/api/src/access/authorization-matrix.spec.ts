import { randomUUID } from 'node:crypto';
import { parseTenantId } from '@berth/domain';
import { scopes, type Scope } from '@berth/ports';
import { FakeClusterProbe, FakeJobQueue, FakeOperationDesk, FakeSecretStore, InMemoryCatalog } from '@berth/testing';
import { inputSchemas } from '../http/dto.js';
import type { TableRoute } from '../http/route-table.js';
import { startTestApi, type TestApi } from '../testing/test-api.js';

const catalog = new InMemoryCatalog();
const desk = new FakeOperationDesk(catalog);
let api: TestApi;
/** By tenant: the id of its move, which is also its operation's. */
const moves: Record<string, string> = {};
const keys = new Map<string, string>();
const own = 'tenant-of-mine';
const foreign = 'tenant-of-others';

beforeAll(async () => {
  const ports = {
    ...catalog,
    desk,
    probe: new FakeClusterProbe(),
    queue: new FakeJobQueue(),
    secrets: new FakeSecretStore(),
  };
  api = await startTestApi(ports);
  for (const id of [own, foreign]) moves[id] = await tenantWithMove(id);
  for (const scope of scopes) {
    keys.set(scope, await api.keyWith({ scopes: [scope] }));
    keys.set(`${scope} bound`, await api.keyWith({ scopes: [scope], tenantId: own }));
  }
});
afterAll(() => api.close());

async function tenantWithMove(id: string): Promise<string> {
  const made = await api.call('POST', '/v1/tenants', { body: { id, plan: 'starter' } });
  const claim = await catalog.journal.claim(String(made.body['id']), { owner: 'test', leaseMs: 60_000 });
  if (claim.kind !== 'claimed') throw new Error(`the operation is ${claim.kind}`);
  await catalog.journal.settle(claim.operation.lease, { state: 'succeeded', result: {} });
  await catalog.tenants.transition(parseTenantId(id), { from: ['provisioning'], to: 'ready', reason: null });
  const moved = await api.call('POST', `/v1/tenants/${id}/moves`, {
    body: { target: { tier: 'dedicated' }, strategy: 'dump', switch: 'manual' },
  });
  return String(moved.body['id']);
}

function urlOf({ path }: TableRoute, tenantId: string): string {
  return path
    .replace(':tenantId', tenantId)
    .replace(/:(moveId|operationId)/, moves[tenantId] ?? '')
    .replace(':keyId', randomUUID())
    .replace(':plan', 'starter')
    .replace(':clusterId', 'nowhere');
}

async function ask(route: TableRoute, tenantId: string, scope: Scope, bound: boolean) {
  const { body } = route.description;
  // The stream is asked for by HEAD, which ends: what is refused is refused the same.
  const method = route.path.endsWith('/events') ? 'HEAD' : route.method;
  const reply = await api.server.inject({
    method: method as 'GET',
    url: urlOf(route, tenantId),
    headers: { authorization: `Bearer ${keys.get(bound ? `${scope} bound` : scope) ?? ''}` },
    ...(body !== undefined && { payload: inputSchemas.get(body)?.example as object }),
  });
  return { status: reply.statusCode, code: reply.payload === '' ? '' : (reply.json<{ code?: string }>().code ?? '') };
}

/** The operation that the routes are asked about is a move: these look at what kind it is. */
const lookAtKind = /operations\/:operationId\/(cancel|retry)$/;

function allows(route: TableRoute, scope: Scope, tenantId = own): boolean {
  if (scope === 'admin' || !route.scopes.includes(scope)) return scope === 'admin';
  return tenantId !== own || !lookAtKind.test(route.path) || scope === 'moves:write';
}

const namesTenant = ({ path }: TableRoute): boolean => /:(tenantId|moveId|operationId)/.test(path);

describe('every route, with every scope', () => {
  it('asks for its scope and no other, of bound and unbound keys', async () => {
    const wrong: string[] = [];
    for (const route of readsFirst()) {
      for (const scope of scopes) {
        for (const bound of [false, true]) {
          const { status } = await ask(route, own, scope, bound);
          const expected =
            !allows(route, scope) || (bound && route.description.boundKeys === 'refused') ? 403 : 'admitted';
          const found = status === 403 ? 403 : status === 401 || status === 429 ? status : 'admitted';
          if (found !== expected)
            wrong.push(`${route.method} ${route.path} with ${scope}${bound ? ' (bound)' : ''}: ${status}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it('shows a bound key nothing of another tenant: 404, as of one that does not exist', async () => {
    const wrong: string[] = [];
    for (const route of readsFirst().filter(namesTenant)) {
      for (const scope of scopes.filter((one) => allows(route, one, foreign))) {
        const { status, code } = await ask(route, foreign, scope, true);
        if (status !== 404 || (code !== '' && !code.endsWith('-not-found')))
          wrong.push(`${route.method} ${route.path} with ${scope}: ${status} ${code}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('answers for another tenant the very words that it answers for none', async () => {
    const key = keys.get('admin bound') ?? '';
    const others = await api.call('GET', `/v1/tenants/${foreign}`, { key });
    const nobodys = await api.call('GET', '/v1/tenants/tenant-of-nobody', { key });
    const text = ({ body }: typeof others): string => JSON.stringify({ ...body, instance: '' });
    expect(text(others).replace(foreign, '')).toBe(text(nobodys).replace('tenant-of-nobody', ''));
  });

  it('covers the whole table', () => {
    expect(api.routes.routes.length).toBeGreaterThanOrEqual(38);
    expect(api.routes.routes.filter(({ scopes: needed }) => needed.length === 0)).toEqual([]);
  });
});

describe('lists, for a bound key', () => {
  it.each(['tenants', 'moves', 'operations', 'audit'])('%s hold its own tenant alone', async (list) => {
    const { body } = await api.call('GET', `/v1/${list}`, { key: keys.get('admin bound') ?? '' });
    const tenants = (body['items'] as { id?: string; tenantId?: string }[]).map((item) => item.tenantId ?? item.id);
    expect(new Set(tenants)).toEqual(new Set([own]));
  });

  it.each(['moves', 'operations', 'audit'])('%s of another tenant are 404', async (list) => {
    const reply = await api.call('GET', `/v1/${list}?tenantId=${foreign}`, { key: keys.get('admin bound') ?? '' });
    expect([reply.status, reply.body['code']]).toEqual([404, 'tenant-not-found']);
  });
});

/** What changes the tenants comes last, so that each route meets them as they were made. */
function readsFirst(): readonly TableRoute[] {
  const rank = ({ method }: TableRoute): number => (method === 'GET' ? 0 : 1);
  return [...api.routes.routes].sort((one, other) => rank(one) - rank(other));
}
