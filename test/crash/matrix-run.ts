import type { TenantId } from '@berth/domain';
import { AuditLog } from '@berth/ports';
import { BatchWriters } from './batch-writers.js';
import type { Cell } from './cells.js';
import type { Row } from './crash-table.js';
import { CrashWorker, type CrashOrder } from './crash-worker.js';
import { inTurns } from './in-turns.js';
import { lastBefore } from './scenarios/scenario.js';
import { readyTenant } from './scenarios/tenants.js';
import { snapshot } from './snapshot.js';
import { UnbrokenRuns } from './unbroken-runs.js';
import type { World } from './world.js';

/** How many operations one worker takes with it. */
const batchSize = 24;

/** They lock a pooler while they call on it: who waits there for the others to come to their places keeps them from coming. */
const lockPoolers = [
  'route-tenant',
  'unroute-tenant',
  'hold-route',
  'ready-route',
  'admit-new-login',
  'dismiss-old-login',
];

/** One operation that is to be broken, and who waits for what comes of it. */
interface Shot {
  readonly cell: Cell;
  readonly call: number;
  readonly resolve: (row: Row) => void;
  readonly reject: (reason: unknown) => void;
}

interface Begun {
  readonly shot: Shot;
  readonly operationId: string;
  readonly tenantId: TenantId;
}

/** Breaks cells in batches: one worker dies with the operations of many tenants, and then each is resumed or cancelled. */
export class MatrixRun {
  readonly unbroken: UnbrokenRuns;
  readonly #waiting: Shot[] = [];
  #firing = false;
  #spare: CrashWorker | null = null;

  private constructor(
    private readonly world: World,
    /** A tenant that no operation concerns: what is done to the others must not touch it. */
    private readonly neighbour: { readonly tenantId: TenantId; readonly is: object },
    private readonly onBatch: (done: number, waiting: number) => void,
  ) {
    this.unbroken = new UnbrokenRuns(world);
  }

  static async in(world: World, onBatch: (done: number, waiting: number) => void): Promise<MatrixRun> {
    const tenantId = await readyTenant(world);
    return new MatrixRun(world, { tenantId, is: await snapshot(world, tenantId) }, onBatch);
  }

  /** `inside` means once for each call of a port that the step makes. */
  async break(cell: Cell): Promise<readonly Row[]> {
    const times = cell.point === 'inside' ? await this.#callsOf(cell) : 1;
    return await Promise.all(Array.from({ length: times }, (_, index) => this.#shoot(cell, index + 1)));
  }

  async end(): Promise<void> {
    await this.#spare?.end();
  }

  async #callsOf({ scenario, step, direction }: Cell): Promise<number> {
    const calls =
      direction === 'run' ? (await this.unbroken.forward(scenario)).calls : await this.unbroken.back(scenario);
    return calls.get(step.name) ?? 0;
  }

  #shoot(cell: Cell, call: number): Promise<Row> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ cell, call, resolve, reject });
      if (this.#firing) return;
      this.#firing = true;
      // Not at once: whoever asks for one cell asks for many.
      setImmediate(() => void this.#fireAll());
    });
  }

  async #fireAll(): Promise<void> {
    for (let done = 0; this.#waiting.length > 0;) {
      this.onBatch(done, this.#waiting.length);
      const batch = this.#takeBatch();
      done += batch.length;
      await this.#fire(batch).catch((error: unknown) => {
        for (const { reject } of batch) reject(error);
      });
    }
    this.#firing = false;
  }

  #takeBatch(): readonly Shot[] {
    const isAlone = ({ cell: { step, point } }: Shot) => point === 'inside' && lockPoolers.includes(step.name);
    const next = this.#waiting.findIndex(isAlone);
    return this.#waiting.splice(0, next === 0 ? 1 : Math.min(batchSize, next === -1 ? Infinity : next));
  }

  async #fire(batch: readonly Shot[]): Promise<void> {
    const { world, neighbour } = this;
    const worker = this.#spare ?? new CrashWorker(world.config);
    // The next one starts while this one is waited for.
    this.#spare = this.#waiting.length > 0 ? new CrashWorker(world.config) : null;
    const writers = new BatchWriters(world);
    try {
      // Whatever happens to the others, nothing keeps the neighbour's writer from writing.
      await writers.startOn(neighbour.tenantId, 30_000);
      const begun = await inTurns(batch, (shot) => this.#begin(shot, writers));
      const orders = begun.flatMap((one) => (one.status === 'fulfilled' ? [orderOf(one.value)] : []));
      const survivors = await worker.dieAt(orders);
      const rows = await inTurns(begun, async (one) => {
        if (one.status === 'rejected') throw one.reason;
        return await this.#seeItThrough(one.value, survivors, writers);
      });
      await this.#expectOthersWhole(writers);
      answer(batch, rows);
      if (this.#waiting.length > 0) await this.#makeRoom(begun, rows);
    } finally {
      await writers.stop();
    }
  }

  async #begin(shot: Shot, writers: BatchWriters): Promise<Begun> {
    const { world } = this;
    const { scenario } = shot.cell;
    const { tenantId, request } = await scenario.prepare(world);
    await writers.startOn(tenantId);
    const { id: operationId } = await world.ask(request);
    await scenario.begun?.(world, operationId);
    return { shot, operationId, tenantId };
  }

  /** The worker is dead: resumes or cancels what it left, and compares all there is with what it should be. */
  async #seeItThrough(
    { shot: { cell, call }, operationId, tenantId }: Begun,
    survivors: ReadonlyMap<string, string>,
    writers: BatchWriters,
  ): Promise<Row> {
    const { world } = this;
    const { scenario, saga, step, direction, point, ending } = cell;
    const survived = survivors.get(operationId);
    if (survived !== undefined) throw new Error(`the worker was not killed there: ${survived}`);
    const accepted = ending === 'cancel' && (await cancelled(world, operationId));
    await world.endLease(operationId);
    const { state, error } = await world.runToEnd(operationId);
    expect({ state, error }).toEqual({ state: expect.stringMatching(endsOf(cell, accepted)), error: null });
    await writers.endOn(tenantId);
    const { start, end } = await this.unbroken.forward(scenario);
    const found = await snapshot(world, tenantId);
    expect(found).toEqual(state === 'cancelled' ? start : end);
    expect(found).toMatchObject({ leftOfMoves: [] });
    await scenario.afterwards?.(world, tenantId);
    return { scenario: scenario.name, saga, step: step.name, direction, point, call, ending, endedAs: state };
  }

  /** A full matrix has more cells than one machine has memory for their instances. What failed stays, to be looked at. */
  async #makeRoom(
    begun: readonly PromiseSettledResult<Begun>[],
    rows: readonly PromiseSettledResult<Row>[],
  ): Promise<void> {
    const whole = begun.filter((one, index) => one.status === 'fulfilled' && rows[index]?.status === 'fulfilled');
    const ended = await inTurns(whole, async (one) => {
      if (one.status === 'fulfilled') await this.world.letGo(one.value.tenantId);
    });
    // What came of the cells is told already; a server that stays takes memory, and nothing else.
    for (const one of ended) if (one.status === 'rejected') process.stderr.write(`not let go: ${String(one.reason)}\n`);
  }

  /** The neighbour is as it was and could write all the time, and what was asked for is on record, in an unbroken chain. */
  async #expectOthersWhole(writers: BatchWriters): Promise<void> {
    const { world, neighbour } = this;
    expect(await writers.endOn(neighbour.tenantId)).toBeNull();
    expect(await snapshot(world, neighbour.tenantId)).toEqual(neighbour.is);
    const { asked } = world;
    const { entries, brokenAt } = await world.app.get(AuditLog).verify();
    expect({ brokenAt, unrecorded: Math.max(0, asked - entries) }).toEqual({ brokenAt: null, unrecorded: 0 });
  }
}

function answer(batch: readonly Shot[], rows: readonly PromiseSettledResult<Row>[]): void {
  for (const [index, { resolve, reject }] of batch.entries()) {
    const row = rows[index];
    if (row?.status === 'fulfilled') resolve(row.value);
    else reject(row?.reason);
  }
}

const orderOf = ({ shot: { cell, call }, operationId }: Begun): CrashOrder => ({
  operationId,
  step: cell.step.name,
  direction: cell.direction,
  point: cell.point,
  call,
  cancelAfter: cell.direction === 'undo' ? lastBefore(cell.scenario) : null,
});

/** Whether the cancellation was taken; after the point of no return it is refused, and the operation goes forward. */
async function cancelled(world: World, id: string): Promise<boolean> {
  try {
    await world.desk.cancel(id);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'past-point-of-no-return' });
    return false;
  }
}

/** A wish that comes after the deciding act, though before the journal knew of it, finds that the decision was made. */
function endsOf({ step, direction, point }: Cell, cancelAccepted: boolean): RegExp {
  if (direction === 'undo') return /^cancelled$/;
  if (!cancelAccepted || (step.side === 'pivot' && point === 'after')) return /^succeeded$/;
  // Which of its calls decides is the step's own business: both ends are right, if only they are whole.
  return step.side === 'pivot' && point === 'inside' ? /^(succeeded|cancelled)$/ : /^cancelled$/;
}
