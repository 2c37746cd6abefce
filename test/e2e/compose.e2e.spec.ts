import { execFileSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { serverUser } from '@berth/local-postgres';
import { pgbouncerPart, redisPart, vaultPart, whenAvailable } from '@berth/testing';
import pg from 'pg';
import { ComposedSystem } from './compose/composed-system.js';
import { metricNames, metricsIn } from './compose/metric-names.js';

interface Operation {
  readonly id: string;
  readonly state: string;
  readonly error: object | null;
}

interface Secret {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly generation: number;
}

const tenant = 'acme-corp';

whenAvailable([vaultPart, redisPart, pgbouncerPart], 'the system of docker-compose.yml, without containers', () => {
  let system: ComposedSystem;
  let vaultToken: string;
  const operations: string[] = [];
  const passwords = new Set<string>();

  const call = async (method: string, what: string, body?: object) => {
    const response = await fetch(`${system.url('api:8020')}/v1/${what}`, {
      method,
      headers: { Authorization: `Bearer ${await system.secret('api-key')}`, 'Content-Type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${what}: ${String(response.status)} ${text}`);
    return JSON.parse(text === '' ? '{}' : text) as Record<string, unknown>;
  };

  const until = async (what: string, isSo: () => Promise<boolean>) => {
    const end = performance.now() + 60_000;
    while (!(await isSo())) {
      if (performance.now() > end) throw new Error(`it never came to be that ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  /** Asks for something long, and waits for its end. */
  const perform = async (method: string, what: string, body?: object): Promise<Operation> => {
    const { id } = (await call(method, what, body)) as { id: string };
    const look = async () => (await call('GET', `operations/${id}`)) as unknown as Operation;
    const isOver = (state: string) => !['queued', 'running', 'waiting', 'undoing'].includes(state);
    await until(`operation ${id} ended`, async () => isOver((await look()).state));
    const operation = await look();
    expect({ what, state: operation.state, error: operation.error }).toMatchObject({ state: 'succeeded' });
    operations.push(id);
    return operation;
  };

  const vault = async (method: string, what: string) => {
    const response = await fetch(`${system.url('vault:8200')}/v1/${what}`, {
      method,
      headers: { 'X-Vault-Token': vaultToken },
    });
    return { status: response.status, text: await response.text() };
  };

  const secretOf = async (): Promise<Secret> => {
    const { text } = await vault('GET', `secret/data/tenants/${tenant}/db`);
    const secret = (JSON.parse(text) as { data: { data: Secret } }).data.data;
    passwords.add(secret.password);
    return secret;
  };

  /** As the product comes: by the pooler, with the tenant's name and its present login. */
  const asProduct = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const { username: user, password } = await secretOf();
    const port = system.ports['pgbouncer:6432'];
    const client = new pg.Client({ host: '127.0.0.1', port, database: tenant, user, password });
    await client.connect();
    return await work(client).finally(() => client.end());
  };

  const boats = () =>
    asProduct(async (client) => {
      const { rows } = await client.query<{ n: number; port: number; user: string }>(
        'SELECT count(*)::int AS n, inet_server_port() AS port, session_user AS "user" FROM boat',
      );
      return rows[0];
    });

  const write = () => asProduct((client) => client.query(`INSERT INTO boat (name) VALUES ('one more')`));

  const openMove = async (): Promise<string> => {
    const { items } = (await call('GET', `moves?tenantId=${tenant}&open=true`)) as { items: { id: string }[] };
    expect(items).toHaveLength(1);
    return items[0]?.id ?? '';
  };

  const metricsOf = async (address: string) => await (await fetch(`${system.url(address)}/metrics`)).text();

  const workDone = async (worker: string): Promise<number> => {
    const text = await metricsOf(`${worker}:8022`);
    const lines = [...text.matchAll(/^berth_operations_settled_total\{.*state="succeeded".*\} (\d+)$/gm)];
    return lines.reduce((sum, [, count]) => sum + Number(count), 0);
  };

  beforeAll(async () => {
    execFileSync(process.execPath, ['scripts/build.mjs']);
    system = await ComposedSystem.make();
    await system.layOut();
    // The stand-in for Vault makes itself, and tells its keys; the real one is made by `set-up`, which keeps them so.
    const data = system.translation.volume('vault');
    const program = process.env['BERTH_TEST_VAULT'] ?? 'vault-dev';
    const listen = `127.0.0.1:${String(system.ports['vault:8200'])}`;
    await system.start('vault', { entrypoint: [program], command: ['-listen', listen, '-data', data] }).healthy();
    const made = JSON.parse(await readFile(path.join(data, 'init.json'), 'utf8')) as Record<string, string>;
    vaultToken = made['root_token'] ?? '';
    const keys = { unsealKey: made['unseal_key'], rootToken: vaultToken };
    await system.put('vault-keys', 'keys.json', JSON.stringify(keys));
    await system.start('redis').healthy();
    await system.start('set-up').healthy();
    const { uid, gid, drops } = await serverUser();
    await system.start('pgbouncer', drops ? { user: `${String(uid)}:${String(gid)}` } : {}).healthy();
    await system.start('api').healthy();
    await system.start('worker-1').healthy();
    const register = system.start('register');
    expect([await register.ended, register.log()]).toEqual([0, expect.stringContaining('pool-1 is registered')]);
  });

  afterAll(async () => {
    await system.close();
  });

  it('knows its servers, and asked again leaves them as they are', async () => {
    const { items } = (await call('GET', 'clusters')) as { items: { id: string; tier: string; room: number | null }[] };
    expect(items.map(({ id, tier, room }) => [id, tier, room])).toEqual([
      ['dedicated-1', 'dedicated', 1],
      ['shared-1', 'shared', null],
    ]);
    const again = system.start('register');
    expect(await again.ended).toBe(0);
    expect(again.log().match(/ is known$/gm)).toHaveLength(3);
  });

  it('provisions: the tenant’s secret is in Vault, and its alias in PgBouncer leads to the shared cluster', async () => {
    await perform('POST', 'tenants', { id: tenant, plan: 'pro' });
    expect(await secretOf()).toMatchObject({ port: system.ports['shared-1:5432'], generation: 1 });
    await asProduct((client) => client.query('CREATE TABLE boat (id serial PRIMARY KEY, name text NOT NULL)'));
    await write();
    expect(await boats()).toMatchObject({ n: 1, port: system.ports['shared-1:5432'], user: 'tenant_acme_corp__a' });
    const redis = ['-u', await system.secret('redis-url'), '--no-auth-warning', '--scan'];
    expect(execFileSync('redis-cli', redis).toString()).toMatch(/^berth:/m);
    expect(await system.servers.catalog.psql(`SELECT to_regnamespace('bullmq') IS NULL`, 'berth')).toBe('t');
  });

  it('promotes by dump to the dedicated server; the other worker does it, and the first one has handed back', async () => {
    expect(await workDone('worker-1')).toBe(operations.length);
    await system.start('worker-2').healthy();
    expect(await system.processes.get('worker-1')?.stop()).toBe(0);
    await perform('PUT', `tenants/${tenant}/plan`, { plan: 'enterprise', strategy: 'dump' });
    expect(await boats()).toMatchObject({ n: 1, port: system.ports['dedicated-1:5432'] });
    expect(await secretOf()).toMatchObject({ port: system.ports['dedicated-1:5432'], generation: 2 });
    await write();
    await perform('POST', `moves/${await openMove()}/complete`);
    expect(await workDone('worker-2')).toBe(2);
    await system.start('worker-1').healthy();
  });

  it('goes on after Vault was sealed: set-up opens it, and nothing else is started again', async () => {
    expect(await vault('PUT', 'sys/seal')).toMatchObject({ status: 204 });
    await until('Vault was opened', async () => (await vault('GET', 'sys/health')).status === 200);
    await until('the API is ready', async () => system.processes.get('api')?.isHealthy() === true);
  });

  it('rotates the login', async () => {
    await perform('POST', `tenants/${tenant}/secret/rotate`, { graceMs: 0, settleMs: 0 });
    await write();
    expect(await boats()).toMatchObject({ n: 3, user: 'tenant_acme_corp__b', port: system.ports['dedicated-1:5432'] });
  });

  it('demotes: the dedicated server is free for the next tenant', async () => {
    await perform('PUT', `tenants/${tenant}/plan`, { plan: 'pro', strategy: 'dump' });
    expect(await boats()).toMatchObject({ n: 3, port: system.ports['shared-1:5432'] });
    await perform('POST', `moves/${await openMove()}/complete`);
    expect(await call('GET', 'clusters/dedicated-1')).toMatchObject({ state: 'active', tenants: 0, room: 1 });
    await write();
    expect(await boats()).toMatchObject({ n: 4 });
  });

  it('removes: alias, schema, logins and every secret are gone, and a last dump is kept', async () => {
    const last = await secretOf();
    await perform('DELETE', `tenants/${tenant}?reason=over&now=true`);
    const { username: user, password } = last;
    const port = system.ports['pgbouncer:6432'];
    const client = new pg.Client({ host: '127.0.0.1', port, database: tenant, user, password });
    await expect(client.connect()).rejects.toThrow();
    expect((await vault('LIST', `secret/metadata/tenants/${tenant}`)).status).toBe(404);
    const left = `SELECT count(*) FROM pg_roles WHERE rolname LIKE 'tenant_acme%'`;
    for (const name of ['shared-1', 'dedicated-1'] as const) expect(await system.servers[name].psql(left)).toBe('0');
    const dumps = await readdir(path.join(system.translation.volume('berth'), 'dumps'));
    expect(dumps.some((name) => name.startsWith(`final-${tenant}-g3`))).toBe(true);
  });

  it('prints every metric that dashboards and alerts ask for', async () => {
    const printed = metricsIn((await Promise.all(['api:8021', 'worker-1:8022'].map(metricsOf))).join('\n'));
    const asked = await metricNames();
    expect(asked.length).toBeGreaterThan(10);
    expect(asked.filter((name) => !printed.has(name))).toEqual([]);
  });

  it('has no secret in any log, and ends in time when it is told to', async () => {
    const names = ['worker-1', 'worker-2', 'api', 'pgbouncer', 'set-up', 'redis'];
    const codes = await Promise.all(names.map(async (name) => await system.processes.get(name)?.stop()));
    expect(codes).toEqual([0, 0, 0, 0, 0, 0]);
    const secrets = await Promise.all((await readdir(system.translation.secrets)).map((name) => system.secret(name)));
    const hidden = [...secrets.map((text) => /:([0-9a-f]{48})@/.exec(text)?.[1] ?? text), ...passwords, vaultToken];
    const logs = [...system.processes].map(([name, one]) => [name, one.log()] as const);
    // The stand-in for Vault tells its own.
    const told = logs.filter(([name, log]) => name !== 'vault' && hidden.some((secret) => log.includes(secret)));
    expect(told.map(([name]) => name)).toEqual([]);
  });
});
