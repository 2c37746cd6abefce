import { setTimeout as pause } from 'node:timers/promises';
import { type Operation, type TenantId, tenantsDatabase } from '@berth/domain';
import type { SwitchTimes } from '@berth/ports';
import { startPgBouncer, type TestPgBouncer, type TestPostgres } from '@berth/testing';
import pg from 'pg';
import { moveTo, toSecond, unconstrained } from '../crash/scenarios/tenants.js';
import { secretOf } from '../crash/tenant-data.js';
import { freshTenantId, World } from '../crash/world.js';
import { durable } from './bench-system.js';
import { neighboursOf } from './neighbours.js';
import { type Acknowledged, Pgbench } from './pgbench.js';
import { SwitchLoad } from './switch-load.js';
import { switchedTables } from './switched-tables.js';

export interface PooledLoad {
  readonly clients: number;
  /** Transactions a second that are offered. */
  readonly rate: number;
  /** Others who write to the same servers, half of them to each. */
  readonly neighbours: number;
  /** How long pgbench is at work before the switch is pressed: what it reaches by itself. */
  readonly leadMs: number;
  /** An operation that takes longer than this after the press fails the benchmark. */
  readonly mostSeconds: number;
}

/** What an operation that switches has put on record; null: a crash took it, or there is no pooler. */
interface OnRecord {
  readonly switchMs: number | null;
  readonly switchTimes: SwitchTimes | null;
  readonly switchAttempts: number | null;
  readonly poolerPauseMs: number | null;
}

export interface PooledSwitch extends OnRecord {
  readonly direction: 'there' | 'back';
  /** Longest time between two acknowledged transactions of all clients together, from the press on until a second after the end. */
  readonly gapMs: number;
  /** The same before the press, when nothing was switched. */
  readonly quietMs: number;
  /** Acknowledged transactions a second of that time. */
  readonly rate: number;
  readonly acknowledged: number;
  /** Acknowledged, and not there. */
  readonly lost: number;
  /** There more than once. */
  readonly doubled: number;
  /** There, though pgbench heard of no commit: the last ones of clients that were sent away. */
  readonly unacknowledged: number;
  readonly errors: readonly string[];
}

/** A tenant behind PgBouncer, of a whole system on two durable servers; its clients are those of pgbench, which know no Berth. */
export class PooledTenant {
  #runs = 0;

  private constructor(
    private readonly world: World,
    private readonly pooler: TestPgBouncer,
    private readonly tenantId: TenantId,
    private readonly load: PooledLoad,
    private readonly noise: SwitchLoad,
  ) {}

  static async start(major: number, tables: number, load: PooledLoad): Promise<PooledTenant> {
    const settings = { ...durable, shared_buffers: '128MB', max_wal_size: '2GB', checkpoint_timeout: '15min' };
    const world = await World.open({}, {}, { major, replication: true, settings });
    const pooler = await startPgBouncer({ max_client_conn: '200' });
    await world.registerPooler('pool-1', pooler);
    const tenantId = freshTenantId();
    const plan = await world.planOfTier('shared');
    await world.perform({
      ...{ kind: 'provision-tenant', tenantId, plan, constraints: unconstrained, clusterId: 'shared-1' },
    });
    const client = new pg.Client({ connectionString: (await secretOf(world, tenantId)).url });
    await client.connect();
    await client.query(switchedTables(tables, 'run int NOT NULL, client int NOT NULL, n int NOT NULL'));
    await client.end();
    const place = { database: tenantsDatabase };
    const [now, other] = [serverOf(world, 'shared-1'), serverOf(world, 'shared-2')];
    const neighbours = await neighboursOf(
      { now: { server: now, place }, other: { server: other, place } },
      load.neighbours,
    );
    const noise = SwitchLoad.start(null, { writers: 0, rate: 1, neighbours });
    return new PooledTenant(world, pooler, tenantId, load, noise);
  }

  async close(): Promise<void> {
    this.noise.kill();
    await this.world.close();
    await this.pooler.stop();
  }

  /** There: asked for, copied, compared; and the switch pressed while pgbench is at work. */
  async goes(): Promise<{ readonly switched: PooledSwitch; readonly moveId: string }> {
    const { world, tenantId } = this;
    const { id } = await world.desk.start(moveTo(tenantId, toSecond, 'manual', 'online'), 'bench');
    const moving = world.runToEnd(id);
    while ((await world.operation(id)).steps.every(({ name, state }) => name !== 'prepare-fence' || state !== 'done'))
      await pause(25);
    const switched = await this.#during('there', async () => {
      await world.desk.requestSwitch(id);
      return moving;
    });
    return { switched, moveId: id };
  }

  /** And back; what was written is thrown away, so that the next move copies as much as this one. */
  async returns(moveId: string): Promise<PooledSwitch> {
    const switched = await this.#during('back', () => this.world.perform({ kind: 'reverse-move', moveId }));
    await this.world.perform({ kind: 'complete-move', moveId });
    const { server, database, schema } = await this.#where();
    await server.psql(`TRUNCATE "${schema}".written`, database);
    return switched;
  }

  async #during(direction: PooledSwitch['direction'], act: () => Promise<Operation>): Promise<PooledSwitch> {
    const { host, port } = this.pooler.access;
    const { username: user, password } = await secretOf(this.world, this.tenantId);
    const { clients, rate, leadMs, mostSeconds } = this.load;
    const run = (this.#runs += 1);
    const running = await Pgbench.start({
      ...{ bin: serverOf(this.world, 'shared-1').bin, host, port, database: this.tenantId, user, password },
      ...{ script: 'INSERT INTO written (run, client, n) VALUES (:run, :client_id, :n);', variables: { run } },
      ...{ clients, rate, seconds: Math.ceil(leadMs / 1_000) + 2 * mostSeconds },
    });
    try {
      await this.#atWork(run);
      await pause(leadMs);
      const pressedAt = Date.now();
      const { state, result } = await act();
      if (state !== 'succeeded') throw new Error(`the move ${state}`);
      const endedAt = Date.now();
      await pause(1_000);
      const { acknowledged, errors } = await running.end();
      const last = acknowledged.at(-1)?.at ?? 0;
      // What nobody wrote through would look like the best switch of all.
      if (last < endedAt)
        throw new Error(`nothing was acknowledged after the move had ended: ${errors.slice(0, 3).join('; ')}`);
      const before = acknowledged.filter(({ at }) => at < pressedAt);
      const [first] = before;
      if (first === undefined) throw new Error('pgbench was not at work when the switch was pressed');
      return {
        ...{ direction, acknowledged: acknowledged.length, errors, ...onRecord(result) },
        ...{ gapMs: longestGap([before.at(-1) ?? first, ...acknowledged.slice(before.length)]) },
        ...{ quietMs: longestGap(before), rate: (before.length * 1_000) / (pressedAt - first.at) },
        ...(await this.#check(run, acknowledged)),
      };
    } finally {
      running.kill();
    }
  }

  /** On a busy machine clients take seconds to connect. */
  async #atWork(run: number): Promise<void> {
    const { server, database, schema } = await this.#where();
    const deadline = Date.now() + this.load.mostSeconds * 1_000;
    while ((await server.psql(`SELECT n FROM "${schema}".written WHERE run = ${run} LIMIT 1`, database)) === '') {
      if (Date.now() > deadline) throw new Error('pgbench wrote nothing');
      await pause(100);
    }
  }

  /** Every acknowledged transaction has to be there once, by its client and its number. */
  async #check(
    run: number,
    acknowledged: readonly Acknowledged[],
  ): Promise<Pick<PooledSwitch, 'lost' | 'doubled' | 'unacknowledged'>> {
    const { server, database, schema } = await this.#where();
    // Not as the tenant: the pooler's connections may be all that its login has.
    const found = await server.psql(`SELECT client || '/' || n FROM "${schema}".written WHERE run = ${run}`, database);
    const rows = found.split('\n').filter((row) => row !== '');
    const there = new Set(rows);
    const lost = acknowledged.filter(({ client, n }) => !there.has(`${client}/${n}`)).length;
    const doubled = rows.length - there.size;
    return { lost, doubled, unacknowledged: there.size - (acknowledged.length - lost) };
  }

  async #where(): Promise<{ readonly server: TestPostgres; readonly database: string; readonly schema: string }> {
    const { port, database, schema } = await secretOf(this.world, this.tenantId);
    const server = Object.values(this.world.servers).find((one) => one.port === port);
    if (server === undefined) throw new Error(`no server of the bench listens on ${String(port)}`);
    return { server, database, schema };
  }
}

function serverOf({ servers }: World, id: string): TestPostgres {
  const server = servers[id];
  if (server === undefined) throw new Error(`there is no server ${id}`);
  return server;
}

function onRecord(result: object | null): OnRecord {
  const {
    switchMs = null,
    switchTimes = null,
    switchAttempts = null,
    poolerPauseMs = null,
  }: Partial<OnRecord> = {
    ...result,
  };
  return { switchMs, switchTimes, switchAttempts, poolerPauseMs };
}

/** In ms. */
function longestGap(acknowledged: readonly Acknowledged[]): number {
  return Math.max(0, ...acknowledged.slice(1).map(({ at }, index) => at - (acknowledged[index]?.at ?? at)));
}
