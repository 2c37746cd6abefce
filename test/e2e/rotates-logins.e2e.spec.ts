import { secretRefs, type TenantId, type TenantSecret } from '@berth/domain';
import type { OperationRequest } from '@berth/operations';
import { ClientReports } from '@berth/ports';
import pg from 'pg';
import { fill, secretOf, write } from '../crash/tenant-data.js';
import { freshTenantId, World } from '../crash/world.js';
import { eventually } from './worker-world.js';

/** A product that reads its secret before each write, as one does whose secret is a file that somebody renews. */
class Writer {
  written = 0;
  readonly errors: unknown[] = [];
  readonly usernames = new Set<string>();
  #stopped = false;
  readonly #ended: Promise<void>;

  constructor(
    private readonly world: World,
    private readonly tenantId: TenantId,
  ) {
    this.#ended = this.#work();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#ended;
  }

  async #work(): Promise<void> {
    let secret: TenantSecret | null = null;
    let client: pg.Client | null = null;
    while (!this.#stopped) {
      try {
        const newest = await secretOf(this.world, this.tenantId);
        if (newest.url !== secret?.url) {
          await client?.end();
          client = await connect(newest);
          secret = newest;
          this.usernames.add(newest.username);
        }
        await client?.query('INSERT INTO port (name) VALUES ($1)', [`written ${String(this.written)}`]);
        this.written += 1;
      } catch (error) {
        this.errors.push(error);
      }
    }
    await client?.end();
  }
}

async function connect(secret: TenantSecret): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: secret.url, application_name: 'web' });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

describe('the rotation of a login, on a real server', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.open();
  });
  afterAll(() => world.close());

  const ready = async (): Promise<TenantId> => {
    const tenantId = freshTenantId();
    const plan = await world.planOfTier('shared');
    const where = { constraints: { labels: {} }, clusterId: 'shared-1' };
    await world.perform({ kind: 'provision-tenant', tenantId, plan, ...where });
    await fill(world, tenantId);
    return tenantId;
  };
  const rotation = (tenantId: TenantId, graceMs = 60_000): OperationRequest => ({
    kind: 'rotate-login',
    tenantId,
    graceMs,
    settleMs: 0,
  });
  const waiting = (id: string, reason: RegExp) =>
    eventually(async () => {
      const operation = await world.operation(id);
      return operation.state === 'waiting' && reason.test(operation.reason ?? '') ? operation : null;
    });
  const roles = async (tenantId: TenantId) => {
    const place = (await world.tools.placements.current(tenantId))!;
    const names = Object.values(place.loginRoles).map((name) => `'${name}'`);
    const sql = `SELECT right(rolname, 1) || rolconnlimit FROM pg_roles WHERE rolname IN (${names.join(', ')}) ORDER BY 1`;
    return (await world.servers['shared-1']!.psql(sql)).split('\n');
  };
  const refused = { code: '28P01' };

  it('a writer sees no error across two rotations; each old password is refused by the server afterwards', async () => {
    const tenantId = await ready();
    const first = await secretOf(world, tenantId);
    const writer = new Writer(world, tenantId);
    await eventually(async () => (writer.written > 5 ? true : null));
    const rotated = await world.perform(rotation(tenantId));
    expect(rotated).toMatchObject({ result: { clients: 'moved', left: [] } });
    const second = await secretOf(world, tenantId);
    expect([first.username.at(-1), second.username.at(-1)]).toEqual(['a', 'b']);
    await expect(connect(first)).rejects.toMatchObject(refused);
    expect(await roles(tenantId)).toEqual(['b5']);

    const count = writer.written;
    await eventually(async () => (writer.written > count + 5 ? true : null));
    await world.perform(rotation(tenantId));
    const third = await secretOf(world, tenantId);
    expect([third.username, third.password === first.password]).toEqual([first.username, false]);
    await expect(connect(second)).rejects.toMatchObject(refused);
    await expect(connect(first)).rejects.toMatchObject(refused);
    await writer.stop();
    expect(writer.errors).toEqual([]);
    expect([...writer.usernames]).toEqual([first.username, second.username]);
  });

  it('waits for a session and a client that reports; both logins live meanwhile, and a repair finds nothing amiss', async () => {
    const tenantId = await ready();
    const old = await secretOf(world, tenantId);
    const session = await connect(old);
    const clients = world.app.get(ClientReports);
    await clients.report(tenantId, { client: 'web-1', username: old.username, generation: 1 });
    const { id } = await world.desk.start(rotation(tenantId), 'test');
    const ended = world.runToEnd(id);
    await waiting(id, /__a: client web-1, 1 session of "web"/);
    expect(await roles(tenantId)).toEqual(['a5', 'b5']);
    expect((await world.desk.plan({ kind: 'repair-tenant', tenantId })).findings).toEqual([]);
    expect((await session.query('SELECT 1')).rowCount).toBe(1);
    await session.end();
    await waiting(id, /__a: client web-1\. It is kept/);
    await clients.report(tenantId, {
      client: 'web-1',
      username: (await secretOf(world, tenantId)).username,
      generation: 1,
    });
    expect(await ended).toMatchObject({ state: 'succeeded', result: { clients: 'moved' } });
  });

  it('ends a stubborn session when the grace has ended', async () => {
    const tenantId = await ready();
    const session = await connect(await secretOf(world, tenantId));
    const ending = new Promise((resolve) => session.once('error', resolve));
    const rotated = await world.perform(rotation(tenantId, 1_000));
    expect(rotated).toMatchObject({ result: { clients: 'grace-ended', left: ['1 session of "web"'] } });
    expect(await ending).toMatchObject({ code: '57P01' });
    await write(world, tenantId, 'with the new login');
  });

  it('is taken back while it waits: whoever moved works on until he is back, and the old login is as it was', async () => {
    const tenantId = await ready();
    const before = await secretOf(world, tenantId);
    const session = await connect(before);
    const { id } = await world.desk.start(rotation(tenantId), 'test');
    const ended = world.runToEnd(id);
    await waiting(id, /__a: 1 session/);
    const moved = await connect(await secretOf(world, tenantId));
    await world.desk.cancel(id);
    await waiting(id, /__b: 1 session/);
    expect(await secretOf(world, tenantId)).toEqual(before);
    expect((await moved.query('SELECT 1')).rowCount).toBe(1);
    await moved.end();
    expect(await ended).toMatchObject({ state: 'cancelled' });
    expect(await roles(tenantId)).toEqual(['a5']);
    expect((await session.query('SELECT 1')).rowCount).toBe(1);
    await session.end();
  });

  it('of a suspended tenant leaves it suspended; resumed, it works with the new login alone', async () => {
    const tenantId = await ready();
    const before = await secretOf(world, tenantId);
    await world.perform({ kind: 'suspend-tenant', tenantId, reason: 'unpaid' });
    await world.perform(rotation(tenantId));
    const after = await secretOf(world, tenantId);
    await expect(connect(after)).rejects.toMatchObject({ code: '28000' });
    await world.perform({ kind: 'resume-tenant', tenantId });
    await write(world, tenantId, 'paid');
    await expect(connect(before)).rejects.toMatchObject(refused);
  });

  it('is refused while the old place of a move is kept, and works at the new place when it is gone', async () => {
    const tenantId = await ready();
    const target = { tier: 'shared', clusterId: 'shared-2' } as const;
    const move = { kind: 'move-tenant', tenantId, target, strategy: 'dump', switchMode: 'auto' } as const;
    const { id: moveId } = await world.perform(move);
    await expect(world.desk.start(rotation(tenantId), 'test')).rejects.toMatchObject({ code: 'move-open' });
    await world.perform({ kind: 'complete-move', moveId });
    await world.perform(rotation(tenantId));
    await write(world, tenantId, 'at the new place, with the new login');
  });

  it('stops when somebody writes the secret by hand, names both versions, and lets nobody be locked out', async () => {
    const tenantId = await ready();
    const before = await secretOf(world, tenantId);
    const session = await connect(before);
    const { id } = await world.desk.start(rotation(tenantId), 'test');
    const ended = world.runToEnd(id);
    await waiting(id, /__a: 1 session/);
    const ref = secretRefs.tenantDb(tenantId);
    await world.tools.secrets.write(ref, before, { expectedVersion: 2, metadata: {} });
    expect(await ended).toMatchObject({
      state: 'needs-operator',
      error: { code: 'secret-conflict', details: { expectedVersion: 2, foundVersion: 3 } },
    });
    await session.end();
    await (await connect(before)).end();
    await world.desk.cancel(id);
    expect(await world.runToEnd(id)).toMatchObject({ state: 'cancelled' });
    expect(await secretOf(world, tenantId)).toEqual(before);
    expect(await roles(tenantId)).toEqual(['a5']);
  });
});
