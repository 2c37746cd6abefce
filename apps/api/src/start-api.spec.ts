import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { BerthError } from '@berth/domain';
import { FakeClusterProbe, FakeJobQueue, FakeOperationDesk, FakeSecretStore, InMemoryCatalog } from '@berth/testing';
import { hashOfKey, newKey } from './access/api-key-format.js';
import { startApi, type RunningApi } from './start-api.js';
import { portsModule } from './testing/test-api.js';

let folder: string;
let file: string;
let key: string;
let catalog: InMemoryCatalog;
let queue: FakeJobQueue;
const running: RunningApi[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'berth-api-'));
  file = path.join(folder, 'key');
  key = newKey();
  await writeFile(file, `${key}\n`, { mode: 0o600 });
  catalog = new InMemoryCatalog();
  queue = new FakeJobQueue();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((api) => api.stop()));
  await rm(folder, { recursive: true });
});

async function start(): Promise<RunningApi> {
  const desk = new FakeOperationDesk(catalog);
  const ports = portsModule({ ...catalog, desk, probe: new FakeClusterProbe(), queue, secrets: new FakeSecretStore() });
  const config = {
    BERTH_API_HOST: '127.0.0.1',
    BERTH_API_PORT: 0,
    BERTH_API_HEALTH_PORT: 0,
    BERTH_BOOTSTRAP_KEY_FILE: file,
    BERTH_RATE_LIMIT_PER_MINUTE: 1000,
    BERTH_TRUSTED_PROXIES: [],
  };
  const api = await startApi(ports, config, pino({ level: 'silent' }));
  running.push(api);
  return api;
}

const ask = (api: RunningApi, bearer = key) =>
  fetch(`http://127.0.0.1:${api.port}/v1/plans`, { headers: { authorization: `Bearer ${bearer}` } });

describe('the bootstrap key', () => {
  it('works from the first start on, and is made known once', async () => {
    expect((await ask(await start())).status).toBe(200);
    expect((await ask(await start())).status).toBe(200);
    expect((await catalog.apiKeys.list({ limit: 10 })).items).toMatchObject([{ name: 'bootstrap', scopes: ['admin'] }]);
  });

  it('that was revoked is not brought back by the next start', async () => {
    await start();
    await catalog.apiKeys.revoke((await catalog.apiKeys.findByHash(hashOfKey(key)))!.id);
    expect((await ask(await start())).status).toBe(401);
  });

  it.each([
    ['others may read it', async () => chmod(file, 0o640), /mode must be 0600/],
    ['it is not there', async () => rm(file), /cannot be read/],
    ['it holds no key', async () => writeFile(file, 'hunter2'), /holds no API key/],
  ])('is refused when %s', async (_, spoil, message) => {
    await spoil();
    const fault = await start().catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(BerthError);
    expect((fault as BerthError).code).toBe('config-invalid');
    expect((fault as BerthError).message).toMatch(message);
    expect((fault as BerthError).message).not.toContain('hunter2');
  });
});

describe('the port of its own', () => {
  it('tells health, each part by name', async () => {
    const api = await start();
    const health = async (what: string) => {
      const reply = await fetch(`http://127.0.0.1:${api.healthPort}/health/${what}`);
      return { status: reply.status, body: await reply.json() };
    };
    expect(await health('live')).toMatchObject({ status: 200 });
    expect(await health('ready')).toEqual({
      status: 200,
      body: { status: 'ok', parts: { catalog: { status: 'ok' }, secrets: { status: 'ok' }, queue: { status: 'ok' } } },
    });
    queue.depth = () => Promise.reject(new BerthError('queue-unavailable', 'The queue does not answer.'));
    expect(await health('ready')).toMatchObject({
      status: 503,
      body: { parts: { queue: { status: 'failing', because: 'The queue does not answer.' } } },
    });
  });

  it('gives metrics: times of requests, counts by state', async () => {
    const api = await start();
    const made = await fetch(`http://127.0.0.1:${api.port}/v1/tenants`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ id: 'measured', plan: 'free' }),
    });
    expect(made.status).toBe(202);
    const text = await (await fetch(`http://127.0.0.1:${api.healthPort}/metrics`)).text();
    expect(text).toContain(
      'berth_http_request_duration_seconds_count{method="POST",route="/v1/tenants",status="202"} 1',
    );
    expect(text).toContain('berth_tenants{state="provisioning"} 1');
    expect(text).toContain('berth_operations{state="queued"} 1');
    expect(text).toContain('berth_queue_jobs{state="waiting"} 0');
    expect(text).toContain('process_resident_memory_bytes');
  });
});

describe('stop', () => {
  it('answers what is under way and takes nothing new', async () => {
    const api = await start();
    let reached: () => void = () => undefined;
    let goOn: () => void = () => undefined;
    const isReached = new Promise<void>((resolve) => (reached = resolve));
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const list = catalog.plans.list.bind(catalog.plans);
    catalog.plans.list = async () => {
      reached();
      await held;
      return list();
    };
    const underWay = ask(api);
    await isReached;
    const stopped = api.stop();
    running.length = 0;
    goOn();
    expect((await underWay).status).toBe(200);
    await stopped;
    await expect(ask(api)).rejects.toThrow();
  });
});
