import {
  createTenants,
  fromApi,
  type PlacementSource,
  type TenantClient,
  type TenantEvent,
  type Tenants,
  type TenantsOptions,
  viaPooler,
} from '@berth/client';
import { secretRefs, type TenantId } from '@berth/domain';
import type { OperationRequest } from '@berth/operations';
import { ClientReports } from '@berth/ports';
import { pgbouncerPart, startPgBouncer, type TestPgBouncer, whenAvailable } from '@berth/testing';
import { fill, secretOf } from '../crash/tenant-data.js';
import { freshTenantId, World } from '../crash/world.js';
import { before, runOnce } from './run-operation.js';
import { serveApi } from './served-api.js';
import { eventually } from './worker-world.js';

/** Writers of a product that knows nothing of moves: each row once, by single statements and by transactions. */
class Writers {
  readonly acknowledged: string[] = [];
  readonly errors: unknown[] = [];
  #stopped = false;
  readonly #ended: Promise<unknown>;

  constructor(
    private readonly tenants: Tenants,
    private readonly tenantId: TenantId,
    count: number,
  ) {
    this.#ended = Promise.all(Array.from({ length: count }, (_, number) => this.#work(number)));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#ended;
  }

  async #work(number: number): Promise<void> {
    for (let round = 0; !this.#stopped; round += 1) {
      const name = `writer ${String(number)}, ${String(round)}`;
      try {
        await this.#write(name, (number + round) % 3);
        this.acknowledged.push(name);
      } catch (error) {
        this.errors.push(error);
        this.#stopped ||= this.errors.length > 20;
      }
    }
  }

  async #write(name: string, way: number): Promise<void> {
    const { tenants, tenantId } = this;
    if (way === 0) {
      await tenants.query(tenantId, 'INSERT INTO port (name) VALUES ($1)', [name]);
      return;
    }
    await tenants.withTransaction(tenantId, async (client) => {
      await client.query('SELECT count(*) FROM port');
      const { rows } = await client.query('INSERT INTO port (name) VALUES ($1) RETURNING id', [name]);
      const [{ id }] = rows as [{ readonly id: number }];
      if (way === 2) await client.query("INSERT INTO voyage (port_id, sea) VALUES ($1, 'calm')", [id]);
    });
  }
}

describe('the client library', () => {
  let world: World;
  let source: PlacementSource;
  const opened: Tenants[] = [];
  const events: TenantEvent[] = [];

  beforeAll(async () => {
    world = await World.open();
    const read = async (tenantId: string) =>
      (await world.tools.secrets.read(secretRefs.tenantDb(tenantId as TenantId)))?.document ?? null;
    source = { read };
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((tenants) => tenants.close()));
    events.splice(0);
  });
  afterAll(() => world.close());

  const open = (options: Partial<TenantsOptions> = {}): Tenants => {
    const onEvent = (event: TenantEvent): void => void events.push(event);
    const tenants = createTenants({ placement: source, pollMs: 200, onEvent, ...options });
    opened.push(tenants);
    return tenants;
  };
  const ready = async (): Promise<TenantId> => {
    const tenantId = freshTenantId();
    const plan = await world.planOfTier('shared');
    const where = { constraints: { labels: {} }, clusterId: 'shared-1' };
    await world.perform({ kind: 'provision-tenant', tenantId, plan, ...where });
    await fill(world, tenantId);
    return tenantId;
  };
  const relocation = (tenantId: TenantId) =>
    ({
      kind: 'move-tenant',
      tenantId,
      target: { tier: 'shared', clusterId: 'shared-2' },
      strategy: 'dump',
      switchMode: 'auto',
    }) as const;
  const move = async (tenantId: TenantId, target: object): Promise<string> => {
    const request = { kind: 'move-tenant', tenantId, target, strategy: 'dump', switchMode: 'auto' };
    return (await world.perform(request as OperationRequest)).id;
  };
  /** Each acknowledged row is there once, and no other. */
  const requireRows = async (tenants: Tenants, tenantId: TenantId, { acknowledged }: Writers): Promise<void> => {
    const sql = "SELECT name FROM port WHERE name LIKE 'writer%' ORDER BY name";
    const { rows } = await tenants.query<{ name: string }>(tenantId, sql);
    expect(rows.map(({ name }) => name).sort()).toEqual([...acknowledged].sort());
  };
  const written = (writers: Writers, more: number) => {
    const before = writers.acknowledged.length;
    return eventually(async () => {
      expect(writers.errors).toEqual([]);
      return writers.acknowledged.length > before + more ? true : null;
    });
  };

  it('carries writers through a promotion and a demotion by dump: no error, each row once', async () => {
    const tenantId = await ready();
    const tenants = open();
    const writers = new Writers(tenants, tenantId, 8);
    await written(writers, 20);
    const promoted = await move(tenantId, { tier: 'dedicated' });
    await written(writers, 20);
    await world.perform({ kind: 'complete-move', moveId: promoted });
    await move(tenantId, { tier: 'shared', clusterId: 'shared-2' });
    await written(writers, 20);
    await writers.stop();
    expect(writers.errors).toEqual([]);
    await requireRows(tenants, tenantId, writers);
    const switches = events.filter(({ type }) => type === 'switched');
    expect(switches).toMatchObject([
      { from: 1, generation: 2 },
      { from: 2, generation: 3 },
    ]);
    expect(events.filter((event) => event.type === 'retried' && event.reason === 'fenced').length).toBeGreaterThan(5);
  });

  it('carries writers through rotations, which end early because of its reports', async () => {
    const tenantId = await ready();
    const reports = world.app.get(ClientReports);
    const api = await serveApi(world);
    try {
      const keyFile = await api.keyFile(['clients:write', 'tenants:read']);
      const tenants = open({ berth: { url: api.url, keyFile }, name: 'web-1' });
      const writers = new Writers(tenants, tenantId, 8);
      await written(writers, 20);
      const before = await secretOf(world, tenantId);
      const [report] = await eventually(async () => {
        const live = await reports.live(tenantId);
        return live.length > 0 ? live : null;
      });
      expect(report).toMatchObject({ client: 'web-1', username: before.username, generation: 1 });
      for (const round of [1, 2]) {
        const began = performance.now();
        const rotation = { kind: 'rotate-login', tenantId, graceMs: 60_000, settleMs: 0 } as const;
        const { result } = await world.perform(rotation);
        expect([round, result]).toMatchObject([round, { clients: 'moved', left: [] }]);
        expect(performance.now() - began).toBeLessThan(30_000);
        await written(writers, 20);
        const { username } = await secretOf(world, tenantId);
        expect(await reports.live(tenantId)).toMatchObject([{ client: 'web-1', username }]);
      }
      await writers.stop();
      expect(writers.errors).toEqual([]);
      expect(events.filter(({ type }) => type === 'report-failed')).toEqual([]);
      await requireRows(tenants, tenantId, writers);
    } finally {
      await api.stop();
    }
  });

  it('says what goes on when a copy takes longer than a caller waits, reads on, and writes when it is called off', async () => {
    const tenantId = await ready();
    const api = await serveApi(world);
    const berth = { url: api.url, keyFile: await api.keyFile(['clients:write', 'tenants:read']) };
    const hasty = open({ waits: { moveMs: 300 }, berth });
    const patient = open();
    const insert = 'INSERT INTO port (name) VALUES ($1)';
    const seen: unknown[] = [];
    let waiting: Promise<unknown> = Promise.resolve();
    const { id } = await world.desk.start(relocation(tenantId), 'test');
    const runner = before('dump-source', async () => {
      waiting = patient.query(tenantId, insert, ['writer, patient']);
      const began = performance.now();
      seen.push(await hasty.query(tenantId, insert, ['writer, hasty']).catch((error: unknown) => error));
      const write = (client: TenantClient) => client.query(insert, ['writer, hasty']);
      seen.push(await hasty.withTransaction(tenantId, write).catch((error: unknown) => error));
      seen.push(await hasty.withClient(tenantId, write).catch((error: unknown) => error));
      expect(performance.now() - began).toBeLessThan(3_000);
      seen.push((await hasty.query(tenantId, 'SELECT count(*)::int AS ports FROM port')).rows[0]);
      await world.desk.cancel(id);
    });
    expect(await runOnce(world, id, runner)).toMatchObject({ state: 'cancelled' });
    const moving = {
      code: 'tenant-moving',
      message: expect.stringMatching(
        /from generation 1 to 2\) .* for 0\.[3-9] s, .*move-tenant .* is running, at dump-source/,
      ),
    };
    expect(seen).toMatchObject([moving, moving, { code: 'tenant-moving' }, { ports: 20 }]);
    await waiting;
    await api.stop();
    const { rows } = await patient.query(tenantId, "SELECT name FROM port WHERE name LIKE 'writer%'");
    expect(rows).toEqual([{ name: 'writer, patient' }]);
    expect(events.filter(({ type }) => type === 'switched')).toEqual([]);
  });

  it('reads secrets by the API of a system on one machine, and is told at once that a tenant is suspended', async () => {
    const tenantId = await ready();
    const api = await serveApi(world);
    try {
      const { url } = api;
      const keyFile = await api.keyFile(['admin']);
      const tenants = open({ placement: fromApi({ url, keyFile }), berth: { url, keyFile } });
      expect((await tenants.query(tenantId, 'SELECT FROM port')).rowCount).toBe(20);
      await expect(tenants.query('nobody-here', 'SELECT 1')).rejects.toMatchObject({ code: 'tenant-not-found' });
      await move(tenantId, { tier: 'shared', clusterId: 'shared-2' });
      await eventually(async () => (events.some(({ type }) => type === 'switched') ? true : null));
      expect((await tenants.query(tenantId, 'SELECT FROM port')).rowCount).toBe(20);
      await world.perform({ kind: 'suspend-tenant', tenantId, reason: 'unpaid' });
      const began = performance.now();
      const suspended = { code: 'tenant-suspended', message: expect.stringMatching(/it is suspended/) };
      await expect(tenants.query(tenantId, 'SELECT 1')).rejects.toMatchObject(suspended);
      expect(performance.now() - began).toBeLessThan(2_000);
      const poor = open({
        placement: fromApi({ url, keyFile: await api.keyFile(['tenants:read']) }),
        waits: { reconnectMs: 0 },
      });
      const refused = { code: 'placement-unavailable', message: expect.stringMatching(/403 forbidden/) };
      await expect(poor.query(tenantId, 'SELECT 1')).rejects.toMatchObject(refused);
    } finally {
      await api.stop();
    }
  });

  it('tells a suspended tenant from one that is not there, the second time at once; a resumed one works', async () => {
    const tenantId = await ready();
    const tenants = open({ waits: { loginMs: 1_000 } });
    await tenants.query(tenantId, 'SELECT 1');
    await world.perform({ kind: 'suspend-tenant', tenantId, reason: 'unpaid' });
    const suspended = { code: 'tenant-suspended', tenantId };
    await expect(tenants.query(tenantId, 'SELECT 1')).rejects.toMatchObject(suspended);
    const began = performance.now();
    await expect(tenants.query(tenantId, 'SELECT 1')).rejects.toMatchObject(suspended);
    expect(performance.now() - began).toBeLessThan(800);
    await world.perform({ kind: 'resume-tenant', tenantId });
    await tenants.query(tenantId, 'SELECT 1');
    await world.perform({ kind: 'quarantine-tenant', tenantId, reason: 'contract ended' });
    await world.perform({ kind: 'remove-tenant', tenantId, reason: 'over' });
    await expect(tenants.query(tenantId, 'SELECT 1')).rejects.toMatchObject({ code: 'tenant-not-found' });
    await expect(tenants.query('nobody-here', 'SELECT 1')).rejects.toMatchObject({ code: 'tenant-not-found' });
    await expect(tenants.query('../etc', 'SELECT 1')).rejects.toMatchObject({ code: 'invalid-tenant-id' });
  });

  whenAvailable(pgbouncerPart, 'through a PgBouncer', () => {
    let pooler: TestPgBouncer;
    beforeAll(async () => {
      pooler = await startPgBouncer();
      await world.registerPooler('pool-1', pooler);
    });
    afterAll(() => pooler?.stop());

    it('carries writers through a move and a rotation as well', async () => {
      const tenantId = await ready();
      const { host, port } = pooler.access;
      const tenants = open({ placement: viaPooler(source, { host, port, sslmode: 'disable' }) });
      const writers = new Writers(tenants, tenantId, 8);
      await written(writers, 20);
      await move(tenantId, { tier: 'shared', clusterId: 'shared-2' }).then((moveId) =>
        world.perform({ kind: 'complete-move', moveId }),
      );
      await written(writers, 20);
      await world.perform({ kind: 'rotate-login', tenantId, graceMs: 3_000, settleMs: 0 });
      await written(writers, 20);
      await writers.stop();
      expect(writers.errors).toEqual([]);
      await requireRows(tenants, tenantId, writers);
      expect(events.filter(({ type }) => type === 'switched')).toMatchObject([
        { generation: 2 },
        { from: 2, generation: 2 },
      ]);
    });
  });
});
