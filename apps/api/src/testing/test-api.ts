import { randomUUID } from 'node:crypto';
import type { DynamicModule } from '@nestjs/common';
import type { InjectOptions } from 'fastify';
import { pino, type Logger } from 'pino';
import { Doctor, IsolationPolicy, OperationDesk } from '@berth/operations';
import {
  ApiKeyCatalog,
  AuditLog,
  ClientReports,
  ClusterCatalog,
  ClusterProbe,
  DrainCatalog,
  IdempotencyCatalog,
  Infrastructure,
  IsolationProofs,
  JobQueue,
  MoveCatalog,
  OperationCatalog,
  PlaceAnnouncements,
  PlacementCatalog,
  PlanCatalog,
  PoolerCatalog,
  RequestCounter,
  SecretStore,
  TenantCatalog,
  TenantDatabase,
  TenantRouter,
  type ApiKey,
} from '@berth/ports';
import { MemoryRequestCounter } from '@berth/rate-limiter';
import { hashOfKey, newKey } from '../access/api-key-format.js';
import { createApi, type Api } from '../create-api.js';
import type { ClientPatience } from '../http/client-faults.js';
import { patternOf, type RouteTable } from '../http/route-table.js';
import { problemCodesOf } from '../openapi/openapi-document.js';
import { problemDto } from '../problem/problem.js';

/** What stands behind the API in a test: fakes, or the real parts. */
export interface TestPorts {
  readonly apiKeys: ApiKeyCatalog;
  readonly audit: AuditLog;
  readonly clusters: ClusterCatalog;
  readonly probe: ClusterProbe;
  readonly drains: DrainCatalog;
  readonly idempotency: IdempotencyCatalog;
  /** Default: one that knows no instance. */
  readonly infrastructure?: Infrastructure;
  readonly queue: JobQueue;
  readonly moves: MoveCatalog;
  readonly operations: OperationCatalog;
  readonly desk: OperationDesk;
  readonly placements: PlacementCatalog;
  readonly plans: PlanCatalog;
  readonly secrets: SecretStore;
  readonly tenants: TenantCatalog;
  /** Default: one of its own. */
  readonly counter?: RequestCounter;
  readonly clients: ClientReports;
  readonly announcements: PlaceAnnouncements;
  /** Only for tests that ask a tenant's server. */
  readonly database?: TenantDatabase;
  readonly poolers: PoolerCatalog;
  readonly proofs: IsolationProofs;
  /** Default: one that blocks. */
  readonly isolation?: IsolationPolicy;
  /** Only tests of poolers bring one. */
  readonly router?: TenantRouter;
  /** Only tests of the doctor bring one. */
  readonly doctor?: Doctor;
}

const tokens = {
  apiKeys: ApiKeyCatalog,
  audit: AuditLog,
  clusters: ClusterCatalog,
  probe: ClusterProbe,
  drains: DrainCatalog,
  idempotency: IdempotencyCatalog,
  infrastructure: Infrastructure,
  queue: JobQueue,
  moves: MoveCatalog,
  operations: OperationCatalog,
  desk: OperationDesk,
  placements: PlacementCatalog,
  plans: PlanCatalog,
  secrets: SecretStore,
  tenants: TenantCatalog,
  counter: RequestCounter,
  clients: ClientReports,
  announcements: PlaceAnnouncements,
  database: TenantDatabase,
  poolers: PoolerCatalog,
  proofs: IsolationProofs,
  isolation: IsolationPolicy,
  router: TenantRouter,
  doctor: Doctor,
} as const;

/** The API asks the infrastructure nothing else. */
const noProvider: Pick<Infrastructure, 'report'> = { report: () => Promise.resolve(null) };

export function portsModule(ports: TestPorts): DynamicModule {
  const isolation = new IsolationPolicy(ports.proofs, true);
  const all = { counter: new MemoryRequestCounter(), infrastructure: noProvider, database: {}, isolation, ...ports };
  const names = Object.keys(tokens) as readonly (keyof typeof all)[];
  return {
    module: class TestPortsModule {},
    providers: names.map((name) => ({ provide: tokens[name], useValue: all[name] })),
    exports: names.map((name) => tokens[name]),
  };
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** Undefined where the body is not JSON. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Call {
  /** The key; null: none. Default: an admin's. */
  readonly key?: string | null;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TestApi extends Api {
  readonly adminKey: string;
  readonly call: (method: NonNullable<InjectOptions['method']>, url: string, call?: Call) => Promise<Reply>;
  /** Makes a key known and returns it. */
  readonly keyWith: (facts: Partial<Pick<ApiKey, 'scopes' | 'tenantId' | 'expiresAt'>>) => Promise<string>;
  readonly close: () => Promise<void>;
}

export interface TestApiOptions {
  readonly trustedProxies?: readonly string[];
  readonly requestsPerMinute?: number;
  readonly watchTimes?: { readonly pollMs: number; readonly heartbeatMs: number };
  readonly log?: Logger;
  readonly patience?: ClientPatience;
}

/** The whole API in this process, asked without a socket. */
export async function startTestApi(ports: TestPorts, options: TestApiOptions = {}): Promise<TestApi> {
  const { log = pino({ level: 'silent' }), requestsPerMinute = 100_000, ...rest } = options;
  const settings = { log, requestsPerMinute, trustedProxies: [], ...rest };
  const api = await createApi(portsModule(ports), settings);
  const keyWith: TestApi['keyWith'] = async ({ scopes = ['admin'], tenantId = null, expiresAt = null }) => {
    const key = newKey();
    await ports.apiKeys.create({ id: randomUUID(), name: 'test', scopes, tenantId, expiresAt }, hashOfKey(key));
    return key;
  };
  const adminKey = await keyWith({});
  return { ...api, adminKey, keyWith, call: caller(api, adminKey), close: () => api.app.close() };
}

function caller({ server, routes }: Api, adminKey: string): TestApi['call'] {
  return async (method, url, { key = adminKey, body, headers = {} } = {}) => {
    const reply = await server.inject({
      method,
      url,
      headers: { ...(key !== null && { authorization: `Bearer ${key}` }), ...headers },
      ...(body !== undefined && { payload: body }),
    });
    const isJson = String(reply.headers['content-type']).includes('json') && reply.payload !== '';
    const parsed = isJson ? (JSON.parse(reply.payload) as Record<string, unknown>) : {};
    holdToDocument(routes, method, url, reply.statusCode, parsed);
    return { status: reply.statusCode, headers: reply.headers, text: reply.payload, body: parsed };
  };
}

/** Each answer of each test is held against what the route's description, and so the OpenAPI document, says of it. */
function holdToDocument({ routes }: RouteTable, method: string, url: string, status: number, body: object): void {
  const path = url.split('?', 1)[0] ?? url;
  const route = routes.find((one) => one.method === method && patternOf(one.path).test(path));
  if (status >= 400) problemDto.parse(body);
  if (route === undefined || status === 304) return;
  const { description } = route;
  if (status >= 400) {
    const codes = problemCodesOf(description, method !== 'GET') as readonly string[];
    const { code } = problemDto.parse(body);
    if (!codes.includes(code)) throw new Error(`${method} ${route.path} answered ${code}, which it does not document`);
    return;
  }
  const answer = description.answers[status];
  if (answer === undefined) throw new Error(`${method} ${route.path} answered ${status}, which it does not document`);
  if (answer.schema !== null && answer.contentType === undefined) answer.schema.parse(body);
}
