import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Writable } from 'node:stream';
import { secretRefs, type TenantId } from '@berth/domain';
import type { OperationRequest } from '@berth/operations';
import {
  inTurn,
  redisPart,
  startRedis,
  type TestPgBouncer,
  TestVault,
  VaultAccess,
  vaultPart,
  whenAvailable,
  type TestRedis,
} from '@berth/testing';
import { findTerraform } from '@berth/terraform';
import pg from 'pg';
import { pino } from 'pino';
import { fill, secretOf } from '../crash/tenant-data.js';
import { freshTenantId } from '../crash/world.js';
import { ProcessWatch } from './secrets/process-watch.js';
import { dumpOf, filesUnder, redisContent, spellingsOf } from './secrets/haystacks.js';
import { StreamPasswords } from './secrets/stream-passwords.js';
import { serveApi, type ServedApi } from './served-api.js';
import { WorkerWorld } from './worker-world.js';

const terraform = await findTerraform({ path: process.env['PATH'] });
const terraformPart = {
  name: 'Terraform',
  missing: terraform === null ? 'neither terraform nor tofu on PATH' : undefined,
};

const queues = inTurn(import.meta.url, ['Redis', 'PostgreSQL'] as const);

describe.each(queues)('with the queue on %s', (queue) => {
  const parts = [vaultPart, terraformPart, ...(queue === 'Redis' ? [redisPart] : [])];
  whenAvailable(parts, 'secrets that are known to the test', () => secretsAreKept(queue));
});

function secretsAreKept(queue: (typeof queues)[number]): void {
  let vault: TestVault;
  let access: VaultAccess;
  let redis: TestRedis | null;
  let pooler: TestPgBouncer;
  let here: WorkerWorld;
  let api: ServedApi;
  let apiKey: string;
  const redisPassword = 'planted-redis-password-4f1c';
  const typed = 'planted-password-that-was-typed-9b2e';
  const log: string[] = [];
  const answers: string[] = [];
  const watch = new ProcessWatch();
  const streams = new StreamPasswords();

  beforeAll(async () => {
    [vault, redis] = await Promise.all([
      TestVault.start(),
      queue === 'Redis' ? startRedis({ users: { berth: { password: redisPassword, rules: '~* &* +@all' } } }) : null,
    ]);
    access = await VaultAccess.setUp(vault);
    const settings = {
      BERTH_SECRET_STORE: 'vault',
      BERTH_VAULT_URL: vault.url,
      BERTH_VAULT_ROLE_ID: access.roleId,
      BERTH_VAULT_SECRET_ID_FILE: access.secretIdFile,
      BERTH_INFRASTRUCTURE: 'terraform',
      BERTH_TERRAFORM_BIN: terraform!.program,
      ...(redis !== null && { BERTH_REDIS_URL: redis.urlOf('berth') }),
    };
    here = await WorkerWorld.open(settings, { replication: true });
    // Terraform makes a server in one of the operations.
    here.patienceMs = 180_000;
    pooler = await here.world.withPooler();
    // A server that writes down every statement that it is sent, how long it took, and each that failed.
    for (const server of Object.values(here.world.servers)) {
      await server.psql("ALTER SYSTEM SET log_statement = 'all'");
      await server.psql('ALTER SYSTEM SET log_min_duration_statement = 0');
      await server.psql("ALTER SYSTEM SET log_min_error_statement = 'error'");
      await server.psql('SELECT pg_reload_conf()');
    }
    await streams.start(Object.values(here.world.servers));
    const sink = new Writable({
      write(chunk: Buffer, _encoding, done) {
        log.push(chunk.toString());
        done();
      },
    });
    api = await serveApi(here.world, { log: pino({ level: 'trace' }, sink) });
    apiKey = await readFile(await api.keyFile(['admin']), 'utf8');
    watch.start();
  });
  afterAll(async () => {
    watch.stop();
    await streams.stop();
    await api.stop();
    await here.close();
    await access.close();
    await Promise.all([vault.stop(), redis?.stop()]);
  });

  /** Asks, and keeps the answer: none of these may show a secret. */
  const call = async (method: string, where: string, body?: object): Promise<Record<string, unknown>> => {
    const headers = {
      authorization: `Bearer ${apiKey}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    };
    const reply = await fetch(`${api.url}${where}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await reply.text();
    answers.push(`${method} ${where} ${JSON.stringify([...reply.headers])} ${text}`);
    return text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
  };
  const done = async (id: unknown): Promise<void> => {
    expect(await here.ended(String(id))).toMatchObject({ state: 'succeeded' });
  };
  const perform = async (request: OperationRequest): Promise<void> =>
    done((await here.world.desk.start(request, 'test')).id);

  /** Every password that the tenant has now, by what it is. */
  const passwordsOf = async (tenantId: TenantId): Promise<readonly (readonly [string, string])[]> => {
    const { secrets } = here.world.tools;
    const logins = (await secrets.read(secretRefs.tenantLogins(tenantId)))?.document;
    return (['a', 'b'] as const).flatMap((slot) => {
      const password = logins?.[slot]?.password;
      return password === undefined ? [] : [[`login ${slot} of ${tenantId}`, password] as const];
    });
  };

  /** As a client of the product's, by its own password or another one. */
  const throughPooler = async (tenantId: TenantId, sql: string, other?: string): Promise<void> => {
    const { username, password } = await secretOf(here.world, tenantId);
    const { host, port } = pooler.access;
    const client = new pg.Client({ host, port, database: tenantId, user: username, password: other ?? password });
    client.on('error', () => undefined);
    await client.connect();
    await client.query(sql);
    await client.end();
  };

  it('are nowhere but where they belong, whatever was done with them', async () => {
    const worker = await here.worker({ BERTH_LOG_LEVEL: 'trace', BERTH_TERRAFORM_BIN: terraform!.program });
    const planted = new Map<string, string>();
    const plant = async (id: TenantId): Promise<void> => {
      for (const [name, password] of await passwordsOf(id)) planted.set(`${name}: ${password.slice(0, 4)}…`, password);
    };
    const [one, two, three] = [freshTenantId(), freshTenantId(), freshTenantId()];
    for (const id of [one, two, three]) {
      await done((await call('POST', '/v1/tenants', { id, plan: 'starter', clusterId: 'shared-1' }))['id']);
      await plant(id);
    }
    for (const id of [one, three]) await fill(here.world, id);
    await perform({ kind: 'rotate-login', tenantId: two, graceMs: 0, settleMs: 0 });
    await plant(two);
    // To another server by a dump and online, and to one of its own that Terraform makes.
    for (const [id, target, strategy] of [
      [two, { tier: 'shared', clusterId: 'shared-2' }, 'dump'],
      [three, { tier: 'shared', clusterId: 'shared-2' }, 'online'],
      [one, { tier: 'dedicated' }, 'dump'],
    ] as const) {
      const move = await call('POST', `/v1/tenants/${id}/moves`, { target, strategy, switch: 'auto' });
      await done(move['id']);
      await plant(id);
      if (strategy === 'online') await done((await call('POST', `/v1/moves/${String(move['id'])}/complete`))['id']);
    }
    // There and back: each stream has one of its own.
    expect(streams.seen.length).toBeGreaterThanOrEqual(2);
    for (const password of streams.seen) planted.set(`stream: ${password.slice(0, 4)}…`, password);
    const dedicated = (await here.world.tools.placements.current(one))!.clusterId;
    planted.set(
      'admin of the dedicated server',
      (await here.world.tools.secrets.read(secretRefs.clusterAdmin(dedicated)))!.document.password,
    );
    await done((await call('POST', `/v1/tenants/${two}/suspend`, { reason: 'unpaid' }))['id']);
    await done((await call('POST', `/v1/tenants/${two}/resume`))['id']);
    await call('GET', `/v1/tenants/${two}/secret`);
    await throughPooler(two, 'SELECT 1');
    await throughPooler(two, 'SELECT 1', typed).catch(() => undefined);
    // What is refused, cut off or cannot be reached holds a secret as well.
    const admin = { username: 'berth_admin', password: typed };
    const { port } = here.world.servers['shared-1']!;
    await call('POST', '/v1/clusters', { id: 'wrong', host: '127.0.0.1', port, sslMode: 'disable', admin });
    await call('POST', '/v1/clusters', { id: 'Wrong Name', host: '127.0.0.1', admin, [typed.slice(0, 5)]: 1 });
    await call('POST', '/v1/poolers', {
      id: 'wrong',
      host: '127.0.0.1',
      sslMode: 'disable',
      folder: '/nowhere',
      admin,
    });
    await fetch(`${api.url}/v1/clusters`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: `{"admin": {"password": "${typed}`,
    }).then(async (reply) => answers.push(await reply.text()));
    for (const list of ['tenants', 'clusters', 'poolers', 'moves', 'operations', 'audit', 'api-keys', 'plans'])
      await call('GET', `/v1/${list}`);
    answers.push(await (await fetch(`${api.url}/docs/openapi.json`)).text());
    watch.stop();

    for (const [id, { admin: login }] of Object.entries(here.world.servers))
      planted.set(`admin of ${id}`, login.password);
    planted.set(
      'admin of the pooler',
      (await here.world.tools.secrets.read(secretRefs.poolerAdmin('pool-1')))!.document.password,
    );
    planted.set('a password that was typed', typed);
    planted.set('the API key', apiKey);
    planted.set('the token of the Vault', vault.rootToken);
    planted.set('the secret id of the Vault', (await readFile(access.secretIdFile, 'utf8')).trim());
    if (redis !== null) planted.set('the password of Redis', redisPassword);

    const { config, servers } = here.world;
    const haystacks = new Map<string, string>([
      ['the log of the API', log.join('')],
      ['the log of the worker', worker.output + worker.errors],
      ['the answers of the API, and its document', answers.join('\n')],
      [
        'the catalog, with audit, operations, the state of Terraform, and the queue where it lies there',
        await dumpOf(servers['shared-1']!, new URL(config.BERTH_CATALOG_URL)),
      ],
      ['the log of PgBouncer', await pooler.log()],
      ['the log of the Vault', vault.log],
      ['the files of instances and of Terraform', await filesUnder(config.BERTH_INSTANCES_DIR)],
      ['the dumps and what describes them', await filesUnder(config.BERTH_DUMPS_DIR)],
      ['the command lines of all processes', watch.commandLines.join('\n')],
    ]);
    if (redis === null) expect([...haystacks.values()].join('\n')).toMatch(/INSERT INTO bullmq\./);
    else haystacks.set('the queue and the counters in Redis', await redisContent(redis)).set('its log', redis.log);
    for (const [id, server] of Object.entries(servers)) {
      const data = await server.psql('SHOW data_directory');
      haystacks.set(`the log of ${id}`, await readFile(path.join(path.dirname(data), 'log'), 'utf8'));
    }
    // Each was filled: a place that is empty holds no secret, and proves nothing.
    for (const [place, content] of haystacks)
      expect([place, content.length > 0 || place.includes('dumps')]).toEqual([place, true]);
    const found = [...haystacks].flatMap(([place, content]) =>
      [...planted]
        .filter(([, secret]) => spellingsOf(secret).some((spelling) => content.includes(spelling)))
        .map(([name]) => `${name} in ${place}`),
    );
    expect(found).toEqual([]);
    // The search itself: it finds the one answer that is there to show a secret, and programs that ran for a moment.
    const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
    const shown = await fetch(`${api.url}/v1/tenants/${two}/secret/reveal`, {
      ...{ method: 'POST', headers, body: JSON.stringify({ reason: 'to see that the search finds it' }) },
    });
    const text = await shown.text();
    expect(
      (await passwordsOf(two)).filter(([, secret]) => spellingsOf(secret).some((one) => text.includes(one))),
    ).toHaveLength(1);
    expect(watch.commandLines.join('\n')).toMatch(/terraform/);
    expect(planted.size).toBe((queue === 'Redis' ? 13 : 12) + streams.seen.length);
    process.stdout.write(
      `\n${String(planted.size)} secrets looked for in ${String(haystacks.size)} places, ${String(watch.commandLines.length)} command lines\n`,
    );
  }, 1_200_000);
}
