import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { redisPart, startPostgres, startRedis, type TestPostgres, whenAvailable } from '@berth/testing';
import { newKey } from './access/api-key-format.js';

// The process as it is delivered: `npm run build` comes first.
const main = path.resolve(import.meta.dirname, '../dist/main.js');
const key = newKey();
let postgres: TestPostgres;
let folder: string;

beforeAll(async () => {
  postgres = await startPostgres();
  folder = await mkdtemp(path.join(tmpdir(), 'berth-api-'));
  for (const part of ['secrets', 'instances', 'dumps']) await mkdir(path.join(folder, part), { mode: 0o700 });
  await writeFile(path.join(folder, 'key'), key, { mode: 0o600 });
});
afterAll(async () => {
  await postgres.stop();
  await rm(folder, { recursive: true });
});

function run(environment: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [main], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], ...environment },
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = once(child, 'exit').then(([code]) => ({ code: code as number | null, errors }));
  return { child, ended };
}

async function settings(): Promise<Readonly<Record<string, string>>> {
  return {
    BERTH_CATALOG_URL: postgres.adminUrl(await postgres.createDatabase()),
    BERTH_SECRETS_DIR: path.join(folder, 'secrets'),
    BERTH_INSTANCES_DIR: path.join(folder, 'instances'),
    BERTH_DUMPS_DIR: path.join(folder, 'dumps'),
    BERTH_API_PORT: '0',
    BERTH_API_HEALTH_PORT: '0',
    BERTH_BOOTSTRAP_KEY_FILE: path.join(folder, 'key'),
  };
}

async function readyPorts(child: ChildProcess): Promise<{ readonly port: number; readonly healthPort: number }> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const entry = JSON.parse(line) as { readonly port?: number; readonly healthPort?: number };
    if (entry.port !== undefined && entry.healthPort !== undefined)
      return { port: entry.port, healthPort: entry.healthPort };
  }
  throw new Error('the API ended before it was ready');
}

describe('the API process', () => {
  it('names every fault of its configuration, without a value, and exits with 2', async () => {
    const { code, errors } = await run({
      BERTH_CATALOG_URL: 'mysql://hunter2@db',
      BERTH_API_PORT: '-1',
      BERTH_LOG_LEVEL: 'loud',
    }).ended;
    expect(code).toBe(2);
    for (const name of ['CATALOG_URL', 'SECRETS_DIR', 'INSTANCES_DIR', 'DUMPS_DIR', 'API_PORT', 'LOG_LEVEL'])
      expect(errors).toContain(`BERTH_${name}:`);
    expect(errors).not.toMatch(/hunter2|loud|\bat .*\.js/);
  });

  it('exits with 2 for a bootstrap key that others may read', async () => {
    const file = path.join(folder, 'open-key');
    await writeFile(file, newKey());
    await chmod(file, 0o644);
    const { code, errors } = await run({ ...(await settings()), BERTH_BOOTSTRAP_KEY_FILE: file }).ended;
    expect(code).toBe(2);
    expect(errors).toContain('BERTH_BOOTSTRAP_KEY_FILE');
  });

  it('serves the real system, and ends cleanly when asked to', async () => {
    const { child, ended } = run(await settings());
    try {
      const { port, healthPort } = await readyPorts(child);
      const call = async (method: string, url: string, body?: object) => {
        const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
        const reply = await fetch(`http://127.0.0.1:${port}${url}`, {
          method,
          headers,
          ...(body && { body: JSON.stringify(body) }),
        });
        return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
      };
      const admin = { username: postgres.admin.user, password: postgres.admin.password };
      const cluster = { id: 'shared-1', host: postgres.host, port: postgres.port, sslMode: 'disable', admin };
      const downCluster = await call('POST', '/v1/clusters', { ...cluster, id: 'shared-2', port: 1 });
      const noRights = await call('POST', '/v1/clusters', {
        ...cluster,
        id: 'shared-3',
        admin: { ...admin, password: 'wrong' },
      });
      expect([downCluster, noRights].map(({ status, body }) => [status, body['code']])).toEqual([
        [422, 'cluster-unreachable'],
        [422, 'cluster-rights'],
      ]);
      expect((await call('POST', '/v1/clusters', cluster)).status).toBe(201);
      const dry = await call('POST', '/v1/tenants?dryRun=true', { id: 'acme', plan: 'starter' });
      const real = await call('POST', '/v1/tenants', { id: 'acme', plan: 'starter' });
      const planned = (dry.body['steps'] as { name: string }[]).map(({ name }) => name);
      expect(planned.length).toBeGreaterThan(3);
      expect((real.body['steps'] as { name: string }[]).map(({ name }) => name)).toEqual(planned);
      const ready = await fetch(`http://127.0.0.1:${healthPort}/health/ready`);
      expect([ready.status, await ready.json()]).toEqual([
        200,
        { status: 'ok', parts: { catalog: { status: 'ok' }, secrets: { status: 'ok' }, queue: { status: 'ok' } } },
      ]);
    } finally {
      child.kill('SIGTERM');
    }
    expect((await ended).code).toBe(0);
  });
});

whenAvailable(redisPart, 'API processes with a Redis', () => {
  const startWith = async (redisUrl: string, environment: Readonly<Record<string, string>> = {}) =>
    run({ ...(await settings()), BERTH_REDIS_URL: redisUrl, BERTH_RATE_LIMIT_PER_MINUTE: '5', ...environment });
  const ask = async (port: number): Promise<number> =>
    (await fetch(`http://127.0.0.1:${port}/v1/plans`, { headers: { authorization: `Bearer ${key}` } })).status;

  it('count the requests of a key together; when it is killed, each goes on and counts alone', async () => {
    const redis = await startRedis();
    const catalog = await settings();
    const processes = await Promise.all([startWith(redis.url, catalog), startWith(redis.url, catalog)]);
    try {
      const [one, two] = await Promise.all(processes.map(({ child }) => readyPorts(child)));
      const answers: number[] = [];
      for (let turn = 0; turn < 3; turn += 1) answers.push(await ask(one!.port), await ask(two!.port));
      expect(answers).toEqual([200, 200, 200, 200, 200, 429]);
      await redis.kill9();
      expect([await ask(one!.port), await ask(two!.port)]).toEqual([200, 200]);
    } finally {
      for (const { child } of processes) child.kill('SIGTERM');
      await redis.stop();
    }
    for (const { ended } of processes) expect((await ended).code).toBe(0);
  });

  it('start though it is away', async () => {
    const { child, ended } = await startWith('redis://berth:hunter2@127.0.0.1:1');
    try {
      const { port, healthPort } = await readyPorts(child);
      expect(await ask(port)).toBe(200);
      const health = await (await fetch(`http://127.0.0.1:${healthPort}/health/ready`)).text();
      expect(health).toContain('"queue":{"status":"failing"');
      expect(health).not.toContain('hunter2');
    } finally {
      child.kill('SIGTERM');
    }
    expect((await ended).code).toBe(0);
  });

  it('do not start where jobs could be evicted', async () => {
    const redis = await startRedis({ settings: ['maxmemory-policy allkeys-lru'] });
    const { code, errors } = await (await startWith(redis.url)).ended.finally(() => redis.stop());
    expect(code).toBe(1);
    expect(errors).toMatch(
      /^The eviction policy of this Redis is allkeys-lru.*\n.*CONFIG SET maxmemory-policy noeviction/,
    );
  });
});
