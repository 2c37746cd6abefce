import type { TenantId } from '@berth/domain';
import { pgbouncerPart, postgresParts, startPgBouncer, type TestPgBouncer, whenAvailable } from '@berth/testing';
import pg from 'pg';
import { moveTo, readyTenant, toSecond } from '../crash/scenarios/tenants.js';
import { secretOf } from '../crash/tenant-data.js';
import { World } from '../crash/world.js';

const postgres = await postgresParts();

/** Knows the pooler, the tenant's id and its password; what it is told is an error of the test. */
class Writer {
  readonly acknowledged: string[] = [];
  longestGapMs = 0;
  #stopping = false;
  readonly #ended: Promise<void>;

  constructor(
    readonly client: pg.Client,
    private readonly name: string,
  ) {
    this.#ended = this.#write();
    this.#ended.catch(() => undefined);
  }

  /** @throws the first error that it met */
  async hasWritten(more: number): Promise<void> {
    const wanted = this.acknowledged.length + more;
    const enough = async () => {
      while (this.acknowledged.length < wanted) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await Promise.race([enough(), this.#ended]);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#ended;
    await this.client.end();
  }

  async #write(): Promise<void> {
    let last = performance.now();
    while (!this.#stopping) {
      const row = `${this.name} ${String(this.acknowledged.length)}`;
      await this.client.query('INSERT INTO port (name) VALUES ($1)', [row]);
      this.acknowledged.push(row);
      this.longestGapMs = Math.max(this.longestGapMs, performance.now() - last);
      last = performance.now();
    }
  }
}

whenAvailable([postgres(18), pgbouncerPart], 'clients of a tenant that moves online, behind two PgBouncers', () => {
  let world: World;
  let poolers: readonly TestPgBouncer[];
  beforeAll(async () => {
    world = await World.open({}, {}, { major: 18, replication: true });
    poolers = [await startPgBouncer(), await startPgBouncer()];
    for (const [index, pooler] of poolers.entries()) await world.registerPooler(`pool-${String(index + 1)}`, pooler);
  });
  afterAll(async () => {
    await world?.close();
    for (const pooler of poolers ?? []) await pooler.stop();
  });

  const writersOf = async (tenantId: TenantId): Promise<readonly Writer[]> => {
    const { username, password } = await secretOf(world, tenantId);
    return await Promise.all(
      poolers.map(async ({ access: { host, port } }, index) => {
        const client = new pg.Client({ host, port, database: tenantId, user: username, password });
        client.on('error', () => undefined);
        await client.connect();
        return new Writer(client, `writer ${String(index)}`);
      }),
    );
  };
  const rowsOf = async (tenantId: TenantId) => {
    const client = new pg.Client({ connectionString: (await secretOf(world, tenantId)).url });
    await client.connect();
    const { rows } = await client.query<{ name: string }>(`SELECT name FROM port WHERE name LIKE 'writer %'`);
    await client.end();
    return rows.map(({ name }) => name).sort();
  };
  const relocation = (tenantId: TenantId) => moveTo(tenantId, toSecond, 'auto', 'online');

  it('meet no error there and back again, and every row is there once', async () => {
    const tenantId = await readyTenant(world);
    const writers = await writersOf(tenantId);
    const there = await world.perform(relocation(tenantId));
    await Promise.all(writers.map((writer) => writer.hasWritten(50)));
    const back = await world.perform({ kind: 'reverse-move', moveId: there.id });
    await Promise.all(writers.map((writer) => writer.hasWritten(50)));
    for (const writer of writers) await writer.stop();
    for (const { result } of [there, back]) {
      expect(result).toMatchObject({ latePoolers: [], poolerPauseMs: expect.any(Number) as number });
      // Held for the switch, not for what comes before and after it.
      expect((result as { poolerPauseMs: number }).poolerPauseMs).toBeLessThan(5_000);
    }
    expect(await rowsOf(tenantId)).toEqual(writers.flatMap(({ acknowledged }) => acknowledged).sort());
    const told = [there, back].map(({ result }) => (result as { poolerPauseMs: number }).poolerPauseMs.toFixed(0));
    process.stdout.write(
      `clients were held for ${told.join(' and ')} ms, longest gap ${Math.max(...writers.map(({ longestGapMs }) => longestGapMs)).toFixed(0)} ms\n`,
    );
    await world.perform({ kind: 'complete-move', moveId: there.id });
  });

  it('are not sent into the fence by a pooler that is frozen: the move waits for it', async () => {
    const tenantId = await readyTenant(world);
    const writers = await writersOf(tenantId);
    const [, frozen] = poolers;
    const { id } = await world.desk.start(relocation(tenantId), 'test');
    let isOver = false;
    const moving = world.runToEnd(id).finally(() => (isOver = true));
    try {
      while (
        (await world.operation(id)).steps.every(({ name, state }) => name !== 'announce-target' || state !== 'done')
      )
        await new Promise((resolve) => setTimeout(resolve, 5));
      frozen!.freeze();
      for (;;) {
        const { state, reason } = await world.operation(id);
        if (state === 'waiting' && /could not be held at the pooler pool-2/.test(reason ?? '')) break;
        expect(isOver).toBe(false);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      // Those of the other one work on where they were.
      await writers[0]!.hasWritten(20);
      expect(await world.tools.placements.current(tenantId)).toMatchObject({ clusterId: 'shared-1' });
    } finally {
      frozen!.thaw();
    }
    expect(await moving).toMatchObject({ state: 'succeeded' });
    await Promise.all(writers.map((writer) => writer.hasWritten(20)));
    for (const writer of writers) await writer.stop();
    expect(await rowsOf(tenantId)).toEqual(writers.flatMap(({ acknowledged }) => acknowledged).sort());
    await world.perform({ kind: 'complete-move', moveId: id });
  });
});
