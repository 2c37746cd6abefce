import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TenantId, TenantSecret } from '@berth/domain';
import { mendRoutes } from '@berth/operations';
import { pgbouncerPart, startPgBouncer, whenAvailable, type TestPgBouncer } from '@berth/testing';
import pg from 'pg';
import { fill, secretOf } from '../crash/tenant-data.js';
import { freshTenantId, World } from '../crash/world.js';

/** What a driver says when the pooler or the server does. */
interface Refusal {
  readonly code?: string;
  readonly message: string;
}

whenAvailable(pgbouncerPart, 'a product that reaches its tenants through PgBouncers', () => {
  let world: World;
  let poolers: readonly TestPgBouncer[];

  beforeAll(async () => {
    world = await World.open();
    poolers = [await startPgBouncer(), await startPgBouncer({ pool_mode: 'session' })];
    for (const [index, pooler] of poolers.entries()) {
      await world.registerPooler(`pool-${String(index + 1)}`, pooler);
    }
  });

  afterAll(async () => {
    await world.close();
    for (const pooler of poolers) await pooler.stop();
  });

  const [transactions, sessions] = [() => poolers[0]!, () => poolers[1]!];

  const provision = async (plan = 'pro') => {
    const tenantId = freshTenantId();
    await world.perform({
      ...{ kind: 'provision-tenant', tenantId, plan, clusterId: 'shared-1' },
      constraints: { labels: {} },
    } as const);
    await fill(world, tenantId);
    return tenantId;
  };

  /** Knows no address of the tenant: the pooler's, its own id, and its password. */
  const through = (pooler: TestPgBouncer, alias: string, secret: TenantSecret) => {
    const { host, port } = pooler.access;
    const client = new pg.Client({ host, port, database: alias, user: secret.username, password: secret.password });
    client.on('error', () => undefined);
    return client;
  };

  const connected = async (pooler: TestPgBouncer, tenantId: TenantId) => {
    const client = through(pooler, tenantId, await secretOf(world, tenantId));
    await client.connect();
    return client;
  };

  const where = async (client: pg.Client) => {
    const { rows } = await client.query<{ port: number }>('SELECT inet_server_port() AS port');
    return rows[0]?.port;
  };

  const portOf = (cluster: string) => world.servers[cluster]?.port;

  const promoteTo = (tenantId: TenantId, clusterId: string) =>
    world.perform({
      ...{ kind: 'move-tenant', tenantId, target: { tier: 'shared', clusterId } },
      ...{ strategy: 'dump', switchMode: 'auto' },
    } as const);

  const isHeld = async (pooler: TestPgBouncer, tenantId: TenantId) => {
    const { host, port, user, password } = pooler.access;
    const client = new pg.Client({ host, port, user, password, database: 'pgbouncer' });
    await client.connect();
    const { rows } = await client.query<{ name: string; paused: number }>('SHOW DATABASES');
    await client.end();
    return rows.some(({ name, paused }) => name === tenantId && paused === 1);
  };

  it('four tenants, 200 interleaved transactions: every row is its own tenant’s, as its owner, in its schema', async () => {
    const tenants = await Promise.all([provision(), provision(), provision(), provision()]);
    const clients = await Promise.all(
      tenants.flatMap((tenantId) =>
        [0, 1, 2].map(async () => ({ tenantId, client: await connected(transactions(), tenantId) })),
      ),
    );
    const one = async (index: number) => {
      const { tenantId, client } = clients[index % clients.length]!;
      const owner = `tenant_${tenantId.replaceAll('-', '_')}`;
      await client.query('BEGIN');
      // What a careless client leaves behind stays with its tenant.
      if (index % 9 === 0) await client.query('SET LOCAL search_path = public');
      if (index % 9 !== 0) await client.query('INSERT INTO port (name) VALUES ($1)', [`${tenantId} ${String(index)}`]);
      const who = await client.query('SELECT current_user, session_user');
      await client.query('COMMIT');
      expect(who.rows).toEqual([{ current_user: owner, session_user: `${owner}__a` }]);
      const { rows } = await client.query<{ name: string }>(`SELECT name FROM port WHERE name LIKE 't%'`);
      expect(rows.filter(({ name }) => !name.startsWith(`${tenantId} `))).toEqual([]);
    };
    // Each client does one after the other, all clients at once.
    await Promise.all(
      clients.map(async (_, client) => {
        for (let index = client; index < 200; index += clients.length) await one(index);
      }),
    );
    let rows = 0;
    for (const tenantId of tenants) {
      const { client } = clients.find((each) => each.tenantId === tenantId)!;
      const { rows: counted } = await client.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM port WHERE name LIKE 't%'`,
      );
      rows += counted[0]?.n ?? 0;
    }
    expect(rows).toBe(200 - Math.ceil(200 / 9));
    await Promise.all(clients.map(({ client }) => client.end()));
  });

  it('the login of one tenant does not pass through the alias of another, nor as another with its own password', async () => {
    const [mine, other] = await Promise.all([provision(), provision()]);
    const secret = await secretOf(world, mine);
    for (const pooler of poolers) {
      await expect(through(pooler, other, secret).connect()).rejects.toThrow(/login rejected/);
      const disguised = { ...secret, username: (await secretOf(world, other)).username };
      await expect(through(pooler, other, disguised).connect()).rejects.toThrow(/authentication failed/);
      await expect(through(pooler, 'nowhere', secret).connect()).rejects.toThrow(/login rejected/);
    }
  });

  it('a session that was reset is the owner again, in its schema', async () => {
    const tenantId = await provision();
    const first = await connected(sessions(), tenantId);
    await first.query('SET search_path = public; SET ROLE NONE');
    await first.end();
    const next = await connected(sessions(), tenantId);
    const owner = `tenant_${tenantId.replaceAll('-', '_')}`;
    const { rows } = await next.query(`SELECT current_user, current_setting('search_path') AS path`);
    expect(rows).toEqual([{ current_user: owner, path: owner }]);
    await next.end();
  });

  it('a writer through the alias learns nothing of a move by dump but that writes were refused for a while', async () => {
    const tenantId = await provision();
    const writers = await Promise.all([1, 2, 3].map(() => connected(transactions(), tenantId)));
    const acknowledged: string[] = [];
    const refusals: Refusal[] = [];
    let isOver = false;
    const writing = writers.map(async (client, writer) => {
      for (let count = 0; !isOver; count += 1) {
        const name = `w${String(writer)}-${String(count)}`;
        try {
          await client.query('INSERT INTO port (name) VALUES ($1)', [name]);
          acknowledged.push(name);
        } catch (error) {
          refusals.push(error as Refusal);
          // Anything but the fence is a failure of this test.
          if ((error as Refusal).code !== '25006') isOver = true;
        }
      }
    });
    await promoteTo(tenantId, 'shared-2');
    const atSwitch = acknowledged.length;
    while (!isOver && acknowledged.length < atSwitch + 50) await new Promise((resolve) => setTimeout(resolve, 5));
    isOver = true;
    await Promise.all(writing);
    expect([...new Set(refusals.map(({ code, message }) => `${String(code)} ${message}`))]).toEqual([
      expect.stringContaining('25006'),
    ]);
    for (const client of writers) expect(await where(client)).toBe(portOf('shared-2'));
    const { rows } = await writers[0]!.query<{ name: string }>(`SELECT name FROM port WHERE name LIKE 'w%'`);
    expect(rows.map(({ name }) => name).sort()).toEqual([...acknowledged].sort());
    await Promise.all(writers.map((client) => client.end()));
  });

  it('trap 5: a client that sits in a transaction holds nobody up for good: the others go on at the new place', async () => {
    const tenantId = await provision();
    const idle = await connected(transactions(), tenantId);
    await idle.query('BEGIN');
    await idle.query('SELECT 1');
    const other = await connected(transactions(), tenantId);
    await promoteTo(tenantId, 'shared-2');
    expect(await isHeld(transactions(), tenantId)).toBe(false);
    expect(await where(other)).toBe(portOf('shared-2'));
    await expect(idle.query('SELECT 1')).rejects.toThrow();
    await other.end();
  });

  it('of two poolers one is dead: the tenant moves, and the dead one leads to the new place when it comes back', async () => {
    const tenantId = await provision();
    await sessions().kill9();
    const { result } = await promoteTo(tenantId, 'shared-2');
    expect(result).toMatchObject({ latePoolers: ['pool-2'] });
    expect(await sessions().start()).toBe(true);
    for (const pooler of poolers) {
      const client = await connected(pooler, tenantId);
      expect(await where(client)).toBe(portOf('shared-2'));
      await client.end();
    }
    const [, pooler] = await world.tools.poolers.list();
    await mendRoutes(world.tools, pooler!);
    expect(await mendRoutes(world.tools, pooler!)).toEqual([]);
  });

  it('a pooler that was frozen through a move is brought to the new place by the clock', async () => {
    const tenantId = await provision();
    transactions().freeze();
    const { result } = await promoteTo(tenantId, 'shared-2').finally(() => transactions().thaw());
    expect(result).toMatchObject({ latePoolers: ['pool-1'] });
    const [pooler] = await world.tools.poolers.list();
    expect((await mendRoutes(world.tools, pooler!)).length).toBeGreaterThan(0);
    const client = await connected(transactions(), tenantId);
    expect(await where(client)).toBe(portOf('shared-2'));
    await client.end();
  });

  it('what a hand changed in files or console is mended', async () => {
    const tenantId = await provision();
    const { access } = transactions();
    const file = path.join(access.folder, 'berth-databases.ini');
    const before = await readFile(file, 'utf8');
    await writeFile(
      file,
      `${before}stranger = host=127.0.0.1 port=1 dbname=x\n`.replace(`port=${String(portOf('shared-1'))}`, 'port=1'),
    );
    await writeFile(path.join(access.folder, 'berth-hba.conf'), 'host all all 0.0.0.0/0 trust\n');
    const console = new pg.Client({ ...access, ssl: false, database: 'pgbouncer' });
    await console.connect();
    await console.query('RELOAD');
    await console.query(`PAUSE "${tenantId}"`);
    await console.end();
    const [pooler] = await world.tools.poolers.list();
    expect((await mendRoutes(world.tools, pooler!)).length).toBeGreaterThan(0);
    expect(await readFile(file, 'utf8')).toBe(before);
    expect(await mendRoutes(world.tools, pooler!)).toEqual([]);
    const client = await connected(transactions(), tenantId);
    expect(await where(client)).toBe(portOf('shared-1'));
    await client.end();
  });

  it('a login that is rotated passes at once, the one before it until it ends, and then no longer', async () => {
    const tenantId = await provision();
    const before = await secretOf(world, tenantId);
    const old = await connected(sessions(), tenantId);
    await world.desk
      .start({ kind: 'rotate-login', tenantId, graceMs: 60_000, settleMs: 0 }, 'test')
      .then(async ({ id }) => {
        const rotation = world.runToEnd(id);
        // The old one is still at work, so the rotation waits for it.
        while ((await secretOf(world, tenantId)).username === before.username) await new Promise(setImmediate);
        for (const pooler of poolers) await (await connected(pooler, tenantId)).end();
        await old.query('SELECT 1');
        await old.end();
        expect(await rotation).toMatchObject({ state: 'succeeded' });
      });
    for (const pooler of poolers) {
      await expect(through(pooler, tenantId, before).connect()).rejects.toThrow(/login rejected/);
      const client = await connected(pooler, tenantId);
      expect(await where(client)).toBe(portOf('shared-1'));
      await client.end();
    }
  });

  it('ten operations at once lose no alias, and a tenant that is suspended, or removed, has none', async () => {
    const tenants = await Promise.all(Array.from({ length: 10 }, () => provision('free')));
    const [suspended, removed, ...others] = tenants as [TenantId, TenantId, ...TenantId[]];
    await Promise.all([
      world.perform({ kind: 'suspend-tenant', tenantId: suspended, reason: 'unpaid' }),
      ...others.map((tenantId) => world.perform({ kind: 'change-plan', tenantId, plan: 'pro', strategy: 'dump' })),
    ]);
    const lost = await secretOf(world, removed);
    await world.perform({ kind: 'remove-tenant', tenantId: removed, reason: 'over' });
    for (const tenantId of others) {
      const client = await connected(transactions(), tenantId);
      expect(await where(client)).toBe(portOf('shared-1'));
      await client.end();
    }
    for (const [tenantId, secret] of [
      [suspended, await secretOf(world, suspended)],
      [removed, lost],
    ] as const) {
      for (const pooler of poolers) await expect(through(pooler, tenantId, secret).connect()).rejects.toThrow();
    }
    for (const pooler of poolers) {
      const files = await Promise.all(
        ['berth-databases.ini', 'berth-hba.conf', 'berth-userlist.txt', 'berth-routes.json'].map((name) =>
          readFile(path.join(pooler.access.folder, name), 'utf8'),
        ),
      );
      expect(files.join()).not.toContain(removed.replaceAll('-', '_'));
    }
    await world.perform({ kind: 'resume-tenant', tenantId: suspended });
    const back = await connected(sessions(), suspended);
    expect(await where(back)).toBe(portOf('shared-1'));
    await back.end();
  });
});
