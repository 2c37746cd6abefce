import { hasEnded, type TenantId } from '@berth/domain';
import { TenantWriters, type Ambush } from '@berth/testing';
import { fill } from '../crash/tenant-data.js';
import { freshTenantId } from '../crash/world.js';
import { eventually } from '../e2e/worker-world.js';
import type { FaultWorld } from './fault-world.js';

/** Where the online move is when something breaks: its next message, or the answer on its way, is held back meanwhile. */
export type Moment = 'ready to switch' | 'just before the pivot' | 'just after the pivot';

/** What the worker says to the source of this move: the marker, and then the COMMIT that decides. */
const markerOf = (moveId: string): RegExp => new RegExp(`INSERT INTO berth\\.moved.*${moveId}`, 's');

/** Operations on ten tenants at once: five are created, four are changed, and one, at work, moves online. */
export class TenOperations {
  readonly #ids: string[] = [];
  #underWay = 0;
  /** The move by dump, once it has begun. */
  relocation = '';

  private constructor(
    private readonly system: FaultWorld,
    readonly mover: TenantId,
    private readonly made: TenantId[],
    readonly moveId: string,
    readonly writers: TenantWriters,
  ) {}

  /** With the move ready to switch, and five creations in the middle of a long migration. */
  static async begin(system: FaultWorld, prepare: (tenants: readonly TenantId[]) => Promise<void>) {
    const { here, api } = system;
    const ready = Array.from({ length: 5 }, () => freshTenantId());
    const made = await Promise.all(ready.map((id) => here.provision('shared-1', id)));
    for (const id of made) expect(await here.ended(id)).toMatchObject({ state: 'succeeded' });
    const [mover, ...changed] = ready as [TenantId, ...TenantId[]];
    await fill(here.world, mover);
    await fill(here.world, changed[0]!);
    const target = { tier: 'shared', clusterId: 'shared-2' };
    const moveId = await api.ask('POST', `tenants/${mover}/moves`, { target, strategy: 'online', switch: 'manual' });
    const writers = TenantWriters.start(mover, system.world.tools);
    const created = Array.from({ length: 5 }, () => freshTenantId());
    const ten = new TenOperations(system, mover, [...changed, ...created], moveId, writers);
    try {
      await here.until(
        moveId,
        ({ state, reason }) => state === 'waiting' && (reason?.includes('moves switch') ?? false),
      );
      await prepare(ready);
      await here.hold('shared-2');
      const held = await Promise.all(created.map((id) => here.provision('shared-2', id)));
      for (const id of held) await here.inMigration(id);
      ten.#ids.push(moveId, ...held);
      await writers.more(20);
      return ten;
    } catch (error) {
      await writers.stop();
      throw error;
    }
  }

  get others(): readonly TenantId[] {
    return this.made;
  }

  /** One more, that a fault is about. */
  add(operationId: string, tenantId: TenantId): void {
    this.#ids.push(operationId);
    this.made.push(tenantId);
  }

  get ids(): readonly string[] {
    return this.#ids;
  }

  /** How each ended, by kind, in one line. */
  async told(): Promise<string> {
    const operations = await Promise.all(this.#ids.map((id) => this.system.world.operation(id)));
    const move = operations.find(({ id }) => id === this.moveId);
    const states = [...new Set(operations.map(({ state }) => state))];
    const counts = states.map((end) => `${String(operations.filter(({ state }) => state === end).length)} ${end}`);
    const { acknowledged, unsure } = this.writers;
    const writes = `${String(acknowledged.length)} writes acknowledged, ${String(unsure.length)} unsure`;
    return `online move ${move?.state ?? ''}; in all ${counts.join(', ')}; ${String(this.#underWay)} under way at the blow; ${writes}`;
  }

  /** The other four begin, somebody presses switch, and at its moment the fault strikes. */
  async strike(moment: Moment, act: () => Promise<void>): Promise<void> {
    await this.#changeOthers();
    const operations = await Promise.all(this.#ids.map((id) => this.system.world.operation(id)));
    this.#underWay = operations.filter(({ state }) => !hasEnded(state)).length;
    if (moment === 'ready to switch') {
      await act();
      await this.#pressSwitch();
      return;
    }
    const before = moment === 'just before the pivot';
    let ambush: Ambush | null = null;
    const struck = new Promise<void>((resolve, reject) => {
      ambush = {
        words: before ? [markerOf(this.moveId)] : [markerOf(this.moveId), /COMMIT/],
        when: before ? 'before the server' : 'after the server',
        act: () => act().then(resolve, reject),
      };
    });
    struck.catch(() => undefined);
    this.system.lines['shared-1'].ambush = ambush;
    await this.#pressSwitch();
    const ended = this.#endOfMove().then(() => {
      throw new Error('the move ended without coming to its pivot');
    });
    await Promise.race([struck, ended]);
  }

  /** Those that were held go on; all come to an end, or ask a person. */
  async end(): Promise<void> {
    const { here } = this.system;
    await here.letGo();
    for (const id of this.#ids)
      await eventually(async () => {
        const { state } = await here.world.operation(id);
        return hasEnded(state) || state === 'needs-operator' ? true : null;
      }, 180_000);
    await this.writers.stop();
  }

  async #changeOthers(): Promise<void> {
    const { api } = this.system;
    const [relocated, suspended, rotated, upgraded] = this.others;
    const target = { tier: 'shared', clusterId: 'shared-2' };
    this.relocation = await api.ask('POST', `tenants/${relocated!}/moves`, {
      target,
      strategy: 'dump',
      switch: 'auto',
    });
    this.#ids.push(
      this.relocation,
      await api.ask('POST', `tenants/${suspended!}/suspend`, { reason: 'unpaid' }),
      await api.ask('POST', `tenants/${rotated!}/secret/rotate`, { graceMs: 0, settleMs: 0 }),
      await api.ask('PUT', `tenants/${upgraded!}/plan`, { plan: 'pro', strategy: 'dump' }),
    );
  }

  /** The catalog may be what is broken. */
  async #pressSwitch(): Promise<void> {
    await eventually(async () => this.system.world.desk.requestSwitch(this.moveId));
  }

  async #endOfMove(): Promise<void> {
    await eventually(async () => (hasEnded((await this.system.world.operation(this.moveId)).state) ? true : null));
  }
}
