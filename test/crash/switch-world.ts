import type { TenantId } from '@berth/domain';
import {
  startPgBouncer,
  type StartPostgresOptions,
  TcpProxy,
  TenantWriters,
  type TestPgBouncer,
  type WorkerProcess,
} from '@berth/testing';
import { WorkerWorld } from '../e2e/worker-world.js';
import type { BrokenSystem, UnderWay } from '../faults/expect-whole.js';
import { FaultApi, lineTo } from '../faults/fault-world.js';
import { readyTenant } from './scenarios/tenants.js';
import type { SwitchCell, SwitchLine, SwitchPoint } from './switch-points.js';
import type { World } from './world.js';

/** A tenant whose online move waits for its switch, and who writes to it. */
interface ReadyMove extends UnderWay {
  readonly moveId: string;
}

/** Two servers and a pooler, each behind a line on which a message can be waited for, and two workers as they run in production. */
export class SwitchWorld implements BrokenSystem {
  #workers: readonly WorkerProcess[] = [];

  private constructor(
    readonly here: WorkerWorld,
    readonly api: FaultApi,
    readonly parts: { readonly poolers: readonly TestPgBouncer[] },
    readonly lines: Readonly<Record<SwitchLine, TcpProxy>>,
  ) {}

  static async open(servers: StartPostgresOptions): Promise<SwitchWorld> {
    const here = await WorkerWorld.open({}, servers);
    // On whatever machine: only the test's own time says when it is too long.
    here.patienceMs = 400_000;
    const pooler = await startPgBouncer();
    const lines = {
      'shared-1': await lineTo(here.world, 'shared-1'),
      'shared-2': await lineTo(here.world, 'shared-2'),
      'pool-1': await TcpProxy.before(pooler.access),
    };
    await here.world.registerPooler('pool-1', { access: { ...pooler.access, port: lines['pool-1'].port } });
    return new SwitchWorld(here, await FaultApi.over(here.world), { poolers: [pooler] }, lines);
  }

  get world(): World {
    return this.here.world;
  }

  /** Two that live: whoever was killed is replaced. */
  async staff(): Promise<void> {
    const alive = this.#workers.filter(({ child }) => child.exitCode === null && child.signalCode === null);
    const hired = Array.from({ length: 2 - alive.length }, () => this.here.worker());
    this.#workers = [...alive, ...(await Promise.all(hired))];
  }

  async readyToSwitch(): Promise<ReadyMove> {
    const { here, world } = this;
    const mover = await readyTenant(world);
    const target = { tier: 'shared', clusterId: 'shared-2' };
    const asked = { target, strategy: 'online', switch: 'manual' };
    const moveId = await this.api.ask('POST', `tenants/${mover}/moves`, asked);
    const writers = TenantWriters.start(mover, { secrets: world.tools.secrets, writers: 2 });
    try {
      const isReady = /moves switch/;
      await here.until(moveId, ({ state, reason }) => state === 'waiting' && isReady.test(reason ?? ''));
      await writers.more(5);
      return { mover, others: [], ids: [moveId], writers, moveId };
    } catch (error) {
      await writers.stop();
      throw error;
    }
  }

  /** Somebody presses switch, and the worker that comes to the cell's message is killed with it. Answers when it is dead. */
  async dieIn({ point, when }: SwitchCell, { mover, moveId }: ReadyMove): Promise<void> {
    const died = new Promise<void>((resolve, reject) => {
      const act = () => this.#killHolder(moveId).then(resolve, reject);
      this.#listen(point, mover, moveId, () => {
        this.lines[point.line].ambush = { words: point.words(mover, moveId), when, act, cutsOff: true };
      });
    });
    await this.world.desk.requestSwitch(moveId);
    const survived = this.here.ended(moveId).then(({ state }) => {
      throw new Error(`the move ${state} without coming to the point ${point.name}`);
    });
    survived.catch(() => undefined);
    await Promise.race([died, survived]);
  }

  /** The move comes to its end by itself: the other worker takes over as soon as the lease has run out. */
  async takenOver({ ending }: SwitchCell, { moveId }: ReadyMove): Promise<string> {
    if (ending === 'cancel') await this.world.desk.cancel(moveId);
    await this.world.endLease(moveId);
    return (await this.here.ended(moveId)).state;
  }

  /** Of the place that the tenant has now: what the switch takes from its owner is given back. */
  async mayCreate(tenantId: TenantId): Promise<boolean> {
    const place = await this.world.tools.placements.current(tenantId);
    if (place === null) return false;
    const { ownerRole, schema, database, clusterId } = place;
    const asked = `SELECT has_schema_privilege('${ownerRole}', '${schema}', 'CREATE')`;
    return (await this.world.servers[clusterId]?.psql(asked, database)) === 't';
  }

  /** Nobody waits for a message any more. */
  deaf(): void {
    for (const line of Object.values(this.lines)) line.ambush = null;
  }

  async close(): Promise<void> {
    await this.api.stop();
    await this.here.close();
    for (const line of Object.values(this.lines)) await line.close();
    for (const pooler of this.parts.poolers) await pooler.stop();
  }

  #listen({ from }: SwitchPoint, mover: TenantId, moveId: string, start: () => void): void {
    if (from === undefined) return start();
    const act = async () => start();
    this.lines[from.line].ambush = { words: from.words(mover, moveId), when: 'before the server', act };
  }

  /** All are stopped at once, and only then asked who it is: the switch has a second. */
  async #killHolder(moveId: string): Promise<void> {
    const children = this.#workers.map(({ child }) => child);
    for (const child of children) child.kill('SIGSTOP');
    try {
      const owner = await this.here.inCatalog(`SELECT lease_owner FROM berth.operations WHERE id = '${moveId}'`);
      const holder = this.#workers.find(({ child }) => owner.endsWith(`:${String(child.pid)}`));
      if (holder === undefined) throw new Error(`no worker of ours holds ${moveId}: ${owner}`);
      await holder.end('SIGKILL');
    } finally {
      for (const child of children) child.kill('SIGCONT');
    }
  }
}
