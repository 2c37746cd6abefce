import { scopes, type Scope } from '@berth/ports';
import { FakeSystem } from '@berth/testing';
import { inputSchemas } from '../http/dto.js';
import type { TableRoute } from '../http/route-table.js';
import { expectedAccess, openToAll } from '../testing/expected-access.js';
import { startTestApi, type TestApi } from '../testing/test-api.js';
import { newKey } from './api-key-format.js';

const own = 'tenant-of-mine';
const foreign = 'tenant-of-others';
/** By tenant: the id of its move, which is also its operation's. */
const moves: Record<string, string> = {};
let api: TestApi;
let someKeyId: string;

interface Caller {
  readonly name: string;
  /** Null: none at all. */
  readonly key: string | null;
  /** Null: nobody, for no key or one that was never made. */
  readonly scope: Scope | null;
  readonly bound: boolean;
}
const callers: Caller[] = [
  { name: 'no key', key: null, scope: null, bound: false },
  { name: 'a key nobody made', key: newKey(), scope: null, bound: false },
];

const verdicts = ['unauthenticated', 'forbidden', 'hidden', 'allowed'] as const;
type Verdict = (typeof verdicts)[number];

interface Cell {
  readonly method: string;
  readonly route: TableRoute;
  readonly caller: Caller;
  /** Whose part of the system the path names; null: nobody's. */
  readonly tenant: string | null;
}

beforeAll(async () => {
  const system = new FakeSystem();
  await system.addCluster('shared-1');
  await system.addCluster('shared-2');
  await system.addPooler('pool-1');
  api = await startTestApi({ ...system.catalog, ...system, doctor: system.doctor() });
  for (const id of [own, foreign]) {
    await system.readyTenant(id, { plan: 'starter', clusterId: 'shared-1' });
    const body = { target: { tier: 'shared', clusterId: 'shared-2' }, strategy: 'dump', switch: 'manual' };
    moves[id] = String((await api.call('POST', `/v1/tenants/${id}/moves`, { body })).body['id']);
  }
  const made = await api.call('POST', '/v1/api-keys', { body: { name: 'some', scopes: ['billing'] } });
  someKeyId = String(made.body['id']);
  for (const scope of scopes) {
    callers.push({ name: scope, scope, bound: false, key: await api.keyWith({ scopes: [scope] }) });
    const key = await api.keyWith({ scopes: [scope], tenantId: own });
    callers.push({ name: `${scope} of one tenant`, scope, bound: true, key });
  }
});
afterAll(() => api.close());

const namesTenant = (path: string): boolean => /:(tenantId|moveId|operationId)/.test(path);

/** Reads come first, so that each meets the tenants as they were made. */
function cells(): readonly Cell[] {
  const rank = ({ method }: TableRoute): number => (method === 'GET' ? 0 : 1);
  const routes = [...api.routes.routes].sort((one, other) => rank(one) - rank(other));
  return routes.flatMap((route) =>
    (route.method === 'GET' ? ['GET', 'HEAD'] : [route.method]).flatMap((method) =>
      (namesTenant(route.path) ? [own, foreign] : [null]).flatMap((tenant) =>
        callers.map((caller) => ({ method, route, caller, tenant })),
      ),
    ),
  );
}

function urlOf(path: string, tenant: string | null): string {
  return path
    .replace(':tenantId', tenant ?? '')
    .replace(/:(moveId|operationId)/, moves[tenant ?? ''] ?? '')
    .replace(':keyId', someKeyId)
    .replace(':plan', 'starter')
    .replace(':poolerId', 'pool-1')
    .replace(':clusterId', 'shared-1');
}

let addresses = 0;

async function ask({ method, route, caller, tenant }: Cell): Promise<string> {
  const { body } = route.description;
  // A stream that is not refused does not end: it is asked for by HEAD.
  const asked = route.path.endsWith('/events') ? 'HEAD' : method;
  addresses += 1;
  const reply = await api.server.inject({
    method: asked as 'GET',
    url: urlOf(route.path, tenant),
    // Each from an address of its own: one that fails so often is refused for that.
    remoteAddress: `10.0.${String(addresses >> 8)}.${String(addresses & 255)}`,
    headers: caller.key === null ? {} : { authorization: `Bearer ${caller.key}` },
    ...(body !== undefined && { payload: inputSchemas.get(body)?.example as object }),
  });
  const code = reply.payload === '' ? '' : (reply.json<{ code?: string }>().code ?? '');
  return verdictOf(reply.statusCode, code, tenant !== null && asked === 'HEAD');
}

/** HEAD has no code: where its path names a tenant, every 404 is of one. */
function verdictOf(status: number, code: string, namedByHead: boolean): string {
  if (status === 401 && ['', 'unauthenticated'].includes(code)) return 'unauthenticated';
  if (status === 403 && ['', 'forbidden'].includes(code)) return 'forbidden';
  if (status === 404 && (namedByHead || /^(tenant|move|operation)-not-found$/.test(code))) return 'hidden';
  const strange = [401, 403, 405, 429].includes(status) || status >= 500 || code === 'route-not-found';
  return strange ? `${String(status)} ${code}` : 'allowed';
}

/** The operation that the routes are asked about is a move: these two look at its kind, after whose it is. */
const lookAtKind = /operations\/:operationId\/(cancel|retry)$/;

/** As the decorators say it. */
function declared({ route, caller, tenant }: Cell): Verdict {
  if (caller.scope === null) return 'unauthenticated';
  if (caller.scope !== 'admin' && !route.scopes.includes(caller.scope)) return 'forbidden';
  if (caller.bound && tenant === foreign) return 'hidden';
  if (caller.bound && route.description.boundKeys === 'refused') return 'forbidden';
  return lookAtKind.test(route.path) && caller.scope === 'tenants:write' ? 'forbidden' : 'allowed';
}

/** As the table by hand says it. */
function promised({ route, caller, tenant }: Cell): Verdict {
  const rule = expectedAccess.find(({ routes }) => routes.includes(nameOf(route)));
  if (rule === undefined) throw new Error(`nobody said who may ${nameOf(route)}`);
  if (caller.scope === null) return 'unauthenticated';
  const elsewhere = caller.bound && tenant === foreign;
  // One of two scopes of these routes, so that it hears of its own tenants' operations what they need, of others nothing.
  if (lookAtKind.test(route.path) && caller.scope === 'tenants:write') return elsewhere ? 'hidden' : 'forbidden';
  if (caller.scope !== 'admin' && !rule.scopes.includes(caller.scope)) return 'forbidden';
  if (elsewhere) return 'hidden';
  return caller.bound && rule.bound === 'none' ? 'forbidden' : 'allowed';
}

const nameOf = ({ method, path }: Pick<TableRoute, 'method' | 'path'>): string => `${method} ${path}`;

describe('the authorization matrix', () => {
  it('knows every route that the server serves, each once', () => {
    const written = [...expectedAccess.flatMap(({ routes }) => routes), ...openToAll];
    const withHead = written.flatMap((name) =>
      name.startsWith('GET ') ? [name, name.replace('GET', 'HEAD')] : [name],
    );
    expect(withHead.sort()).toEqual(api.routes.served);
    const tested = new Set(cells().map(({ method, route }) => `${method} ${route.path}`));
    const open = openToAll.flatMap((name) => [name, name.replace('GET', 'HEAD')]);
    expect([...tested, ...open].sort()).toEqual(api.routes.served);
  });

  it('holds in every cell, by the decorators and by the table written by hand', async () => {
    const counts: Record<string, number> = Object.fromEntries(verdicts.map((verdict) => [verdict, 0]));
    const wrong: string[] = [];
    for (const cell of cells()) {
      const found = await ask(cell);
      counts[found] = (counts[found] ?? 0) + 1;
      const [byDecorator, byHand] = [declared(cell), promised(cell)];
      if (found === byDecorator && found === byHand) continue;
      const { method, route, caller, tenant } = cell;
      const where = `${method} ${route.path}${tenant === null ? '' : ` of ${tenant}`}, ${caller.name}`;
      wrong.push(`${where}: ${found}; declared ${byDecorator}, promised ${byHand}`);
    }
    expect(wrong).toEqual([]);
    // By another count than the loop's: a cell that was lost is seen.
    const places = api.routes.served.filter((name) => name.includes(' /v1/'));
    const expected = (places.length + places.filter(namesTenant).length) * (2 + 2 * scopes.length);
    expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(expected);
    process.stdout.write(`\nAuthorization matrix: ${String(expected)} cells, ${JSON.stringify(counts)}\n`);
  });

  it.each(openToAll)('lets anybody %s, which holds nothing of a system', async (name) => {
    expect((await api.call('GET', name.replace('GET ', ''), { key: null })).status).toBe(200);
  });

  it('answers for another tenant the very words that it answers for none', async () => {
    const key = callers.find(({ name }) => name === 'admin of one tenant')?.key ?? '';
    const others = await api.call('GET', `/v1/tenants/${foreign}`, { key });
    const nobodys = await api.call('GET', '/v1/tenants/tenant-of-nobody', { key });
    const text = ({ body }: typeof others): string => JSON.stringify({ ...body, instance: '' });
    expect(text(others).replace(foreign, '')).toBe(text(nobodys).replace('tenant-of-nobody', ''));
  });
});

describe('lists, for a bound key', () => {
  const key = () => callers.find(({ name }) => name === 'admin of one tenant')?.key ?? '';

  it.each(['tenants', 'moves', 'operations', 'audit'])('%s hold its own tenant alone', async (list) => {
    const { body } = await api.call('GET', `/v1/${list}`, { key: key() });
    const tenants = (body['items'] as { id?: string; tenantId?: string }[]).map((item) => item.tenantId ?? item.id);
    expect(new Set(tenants)).toEqual(new Set([own]));
  });

  it.each(['moves', 'operations', 'audit'])('%s of another tenant are 404', async (list) => {
    const reply = await api.call('GET', `/v1/${list}?tenantId=${foreign}`, { key: key() });
    expect([reply.status, reply.body['code']]).toEqual([404, 'tenant-not-found']);
  });
});
