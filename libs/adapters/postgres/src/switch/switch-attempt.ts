import { type Actor, BerthError, type Place } from '@berth/domain';
import type { HeldClients, SwitchPositions, SwitchRequest, SwitchTimes } from '@berth/ports';
import { type Position, positionsOf, setPositionSql, standElsewhere } from '../comparison/sequence-positions.js';
import { boundBy, type Connection, fenceOff, inTransaction, sqlStateOf } from '../connection/index.js';
import { awaitCreators, countCreators, giveCreate, takeCreate } from '../fence/create-right.js';
import { readTables, setTriggersSql } from '../fence/fence-triggers.js';
import { lockTables } from '../fence/lock-tables.js';
import { alreadyMoved, newMarkerSql, readMarker } from '../fence/moved-marker.js';
import { openGateSql } from '../gate/gate-triggers.js';
import { readStamp } from '../replication/definition-stamp.js';
import { awaitMark, writeMark } from '../replication/marker.js';
import { awaitHolders } from '../fence/long-holders.js';
import type { FrozenPair } from './frozen-pair.js';
import { comparedBefore, type Readiness, schemaChanged } from './ready-to-switch.js';
import type { SwitchSessions } from './switch-sessions.js';

type Phase = Exclude<keyof SwitchTimes, 'prepare'>;

/** Who switches, and who else takes part. */
interface SwitchParties {
  readonly actor: Actor;
  readonly frozen: FrozenPair;
  readonly clients: HeldClients | undefined;
}

/**
 * One try of the switch. From the first step on the tenant's writers wait on a lock, and on nothing that this process would have to take back: if it
 * dies, its connection goes, the lock with it, and the tenant works on where it is. The fourth step decides.
 */
export class SwitchAttempt {
  readonly times: Partial<Record<Phase, number>> = {};
  decided = false;
  lockedAt = new Date();
  /** From the lock to the open gate, in ms. */
  writePauseMs = 0;
  #lockedAt = 0;
  /** The sequences, when nobody could write. */
  #sourceStood: ReadonlyMap<string, Position> = new Map();
  #targetStood: ReadonlyMap<string, Position> = new Map();
  #marker = 0;
  #markerLsn: string | null = null;

  constructor(
    private readonly sessions: SwitchSessions,
    private readonly request: SwitchRequest,
    private readonly ready: Readiness,
    private readonly by: SwitchParties,
  ) {}

  async run(): Promise<void> {
    await this.#bringSequences(); //                                        0 most sequences stand by then where they will
    await this.#stopCreators(); //                                            nobody makes a table that no fence stands on
    await this.by.clients?.hold(); //                                         those who come through a pooler wait there
    await this.#timed('lock', () => this.#lockSource()); //                 1 writers wait from here on; readers go on
    await allOf([
      this.#timed('arm', () => this.#armFence()), //                        2a the source will refuse writes, once this commits
      this.#timed('marker', () => this.#awaitEverything()), //              2b the target has all that was committed
      this.#readSource(), //                                                2c where the sequences stand
      this.#fenceTarget(), //                                               2d no newer worker acts on the target; where they stand there
    ]);
    await this.#timed('sequences', () => this.#setSequences()); //          3 and all that was applied is on the target's disk
    await this.#timed('pivot', () => this.#decide()); //                    4 one local transaction: from here on only forward
    await this.#timed('open', () => this.#openGate()); //                   5 the target takes writes
    this.writePauseMs = this.#waitedMs;
    await this.by.clients?.follow().catch(() => undefined); //                and those at a pooler go there: if not now, by the saga's next steps
  }

  /** For the record, when nobody waits for it. */
  async positions(): Promise<SwitchPositions> {
    const { lock, target } = this.sessions;
    const [pivotLsn, openLsn] = await Promise.all([positionOf(lock), positionOf(target)]);
    return { marker: this.#marker, markerLsn: this.#markerLsn, pivotLsn, openLsn };
  }

  /** Gives the tenant back to its writers. After the pivot there is nothing to give back. */
  async giveUp(): Promise<void> {
    await this.sessions.lock.query('ROLLBACK').catch(() => undefined);
    for (const client of [this.sessions.source, this.sessions.watch, this.sessions.target])
      await client.query('ROLLBACK').catch(() => undefined);
    if (this.decided) return;
    // A COMMIT whose answer was lost may have decided: this waits for it, as both lock the tenant's row, and then looks.
    await inTransaction(
      this.sessions.source,
      async (client) => {
        if ((await readMarker(client, this.by.actor.tenantId)) === null) await giveCreate(client, this.#from);
      },
      { actor: this.by.actor },
    ).catch(() => undefined);
  }

  /** Setting hundreds of them takes longer than all the rest, and few move until the lock: those alone are set while writers wait. */
  async #bringSequences(): Promise<void> {
    const { source, target } = this.sessions;
    // Who drops one may wait for the tables in turn. No server sees that circle, as it goes through this process: it would have no end.
    for (const client of [source, target])
      await client.query(`SET lock_timeout = ${String(this.request.lockTimeoutMs)}`);
    const { to } = this.request.streams.forward;
    const stand = await this.#positionsAt('source');
    await inTransaction(
      target,
      async (client) => {
        const sets = standElsewhere(stand, await this.#positionsAt('target'));
        if (sets.length > 0) await client.query(sets.map((one) => setPositionSql(to.schema, one)).join('; '));
      },
      { actor: this.by.actor, lockTimeoutMs: this.request.lockTimeoutMs },
    );
  }

  /** Committed before the lock: a right that is taken away inside T1 stops nobody before T1 commits, and what is made meanwhile would be lost. */
  async #stopCreators(): Promise<void> {
    const { lock } = this.sessions;
    const { lockTimeoutMs } = this.request;
    const { actor } = this.by;
    await awaitHolders(lock, this.#from, lockTimeoutMs);
    await inTransaction(lock, (client) => takeCreate(client, this.#from), { actor, lockTimeoutMs });
    await awaitCreators(this.#from, () => countCreators(lock, this.ready.schemaOids.source), lockTimeoutMs);
  }

  async #lockSource(): Promise<void> {
    const { lock } = this.sessions;
    await lock.query(`BEGIN; SET LOCAL synchronous_commit = on; ${this.#bound}`);
    await fenceOff(lock, this.by.actor);
    await lockTables(lock, this.#from, this.ready.tables, this.request.lockTimeoutMs);
    this.lockedAt = new Date();
    this.#lockedAt = performance.now();
  }

  /** All ALTERs in one message. Under the lock nobody alters a table; who made one before and commits now is waited for by trying again. */
  async #armFence(): Promise<void> {
    const { lock } = this.sessions;
    await lock.query(`${this.#bound}; ${setTriggersSql(this.#from, this.ready.tables, 'ENABLE')}`);
    const tables = await readTables(lock, this.ready.schemaOids.source, this.request.generation);
    const armed = tables.filter(({ genuine, enabled }) => genuine && enabled === 'O');
    if (armed.length !== tables.length || tables.length !== this.ready.tables.length) {
      throw schemaChanged(this.#from.schema, {
        tables: tables.filter((one) => !armed.includes(one)).map(({ name }) => name),
      });
    }
  }

  async #awaitEverything(): Promise<void> {
    const { mark, watch } = this.sessions;
    const { forward } = this.request.streams;
    this.#marker = await writeMark(mark, forward);
    const come = awaitMark({ from: mark, to: watch }, forward, this.#marker, Math.max(1, this.#leftMs));
    [this.#markerLsn = null] = await allOf([positionOf(mark), come.then(() => null)]);
  }

  async #readSource(): Promise<void> {
    const { source } = this.sessions;
    const { from } = this.request.streams.forward;
    if ((await readStamp(source, this.ready.schemaOids.source)) !== this.ready.stamps.source)
      throw comparedBefore(from.schema);
    this.#sourceStood = await this.#positionsAt('source');
  }

  /** Its transaction stays open for the sequences. The row that it writes is what makes their commit wait for the disk. */
  async #fenceTarget(): Promise<void> {
    const { target } = this.sessions;
    await target.query(`BEGIN; ${this.#bound}`);
    await fenceOff(target, this.by.actor);
    // Nobody writes behind the gate, but who comes too early may take a number there, or set one.
    this.#targetStood = await this.#positionsAt('target');
  }

  #positionsAt(side: 'source' | 'target'): Promise<ReadonlyMap<string, Position>> {
    const { forward } = this.request.streams;
    const { schema } = side === 'source' ? forward.from : forward.to;
    return positionsOf(this.sessions[side], { schema, oid: this.ready.schemaOids[side] }, this.ready.sequences);
  }

  /**
   * All in one message. The commit waits for the disk, and for what the worker committed without waiting: PostgreSQL waits for a
   * transaction that has written something, which one without sequences would not have but for the fence's row.
   */
  async #setSequences(): Promise<void> {
    const { target } = this.sessions;
    const { to } = this.request.streams.forward;
    const sets = standElsewhere(this.#sourceStood, this.#targetStood).map((one) => setPositionSql(to.schema, one));
    const opening = `BEGIN; SET LOCAL synchronous_commit = off; ${this.#bound}`;
    const written = target.query([...sets, 'COMMIT', opening].join('; ')).then(() => this.#readyToOpen());
    await allOf([written, this.by.frozen.take()]);
  }

  /**
   * All of it but the commit: whatever is done after the pivot is done while all writers wake at once. A worker that stands still from here on
   * loses the transaction, and opens no gate of a later move.
   */
  async #readyToOpen(): Promise<void> {
    const { target } = this.sessions;
    await fenceOff(target, this.by.actor);
    await target.query(openGateSql(this.request.streams.forward.to));
  }

  async #decide(): Promise<void> {
    const { lock } = this.sessions;
    if (this.#leftMs <= 0) {
      throw new BerthError(
        'lock-timeout',
        `The switch did not get there within ${String(this.request.deadlineMs)} ms; nothing was decided.`,
      );
    }
    const { actor } = this.by;
    const commit = `${newMarkerSql(actor, this.request.generation)}; COMMIT`;
    const answers: unknown = await lock.query(commit).catch((error: unknown) => {
      throw sqlStateOf(error) === '23505' ? alreadyMoved(actor, null) : error;
    });
    // COMMIT of a transaction that an error broke answers ROLLBACK, without an error.
    if ((answers as readonly { readonly command: string }[]).at(-1)?.command !== 'COMMIT')
      throw new BerthError('database-error', 'The switch was rolled back instead of committed.');
    this.decided = true;
  }

  /**
   * Without waiting for the disk: what is written behind the open gate and waits, takes this there before it, and what does not is of no
   * promise. Should a crash take it back, nothing was acknowledged, and the saga's next step opens again, on the disk.
   */
  async #openGate(): Promise<void> {
    await this.sessions.target.query('COMMIT');
  }

  get #from(): Place {
    return this.request.streams.forward.from;
  }

  /** From the lock to now, in ms. */
  get #waitedMs(): number {
    return performance.now() - this.#lockedAt;
  }

  get #leftMs(): number {
    return this.request.deadlineMs - this.#waitedMs;
  }

  /** The server's clock is for when ours stands still: ours tells what went wrong, so it comes first. */
  get #bound(): string {
    return boundBy(this.request.deadlineMs + 500);
  }

  async #timed(phase: Phase, act: () => Promise<void>): Promise<void> {
    const started = performance.now();
    try {
      await act();
    } finally {
      this.times[phase] = performance.now() - started;
    }
  }
}

/** Never a reason to fail: nothing but the record needs it. */
async function positionOf(client: Connection): Promise<string | null> {
  const position = client.query<{ lsn: string }>('SELECT pg_current_wal_lsn()::text AS lsn');
  return position.then(({ rows }) => rows[0]?.lsn ?? null).catch(() => null);
}

/** All have ended, well or not, before the first failure is told: nothing is rolled back behind the back of one that still works. */
async function allOf<T>(acts: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(acts);
  return Promise.all(acts);
}
