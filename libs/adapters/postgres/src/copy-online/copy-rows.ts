import { type Actor, BerthError, type Place, type ReplicationStream } from '@berth/domain';
import type { CopiedRows, LongWork, OnlineCopyOptions } from '@berth/ports';
import { beginUnder } from '../comparison/compared-snapshot.js';
import { schemaOid } from '../comparison/definitions.js';
import { type ClusterConnections, type Connection, quoteQualified } from '../connection/index.js';
import { holdingMembership } from '../copy/held-membership.js';
import { type RestoreLogin, withRestoreLogin } from '../copy/restore-login.js';
import { withLaterMoment } from '../replication/later-moment.js';
import { dropSlot, readSlotStart, withNewSlot } from '../replication/slot.js';
import { readSubscription } from '../replication/subscription.js';
import { runLane } from './copy-lane.js';
import {
  beginLedger,
  endLedger,
  openLedger,
  planTables,
  type PlannedTable,
  readLedger,
  readPlan,
} from './copy-ledger.js';
import { type CopyPart, readParts } from './copy-parts.js';
import { CopyProgress } from './copy-progress.js';
import { type StandbyLag, waitForStandbys } from './standbys.js';
import { Throttle } from './throttle.js';
import { yieldToOthers } from './yielding.js';

interface Moment {
  readonly snapshot: string;
  /** 0 for the slot's own. */
  readonly mark: number;
  readonly slotStart: string;
}

/** Copies the rows of one stream. All that a later try has to know stands in the ledger. */
export class RowCopy {
  constructor(
    private readonly connections: ClusterConnections,
    private readonly stream: ReplicationStream,
    private readonly actor: Actor,
    private readonly options: OnlineCopyOptions & { readonly pagesOfPart: number },
    private readonly work: LongWork,
  ) {}

  async run(): Promise<CopiedRows> {
    const { connections, stream, actor } = this;
    const slotStart = await this.#at(stream.from, (client) => readSlotStart(client, stream), actor);
    const done = await this.#whatIsDone(slotStart);
    if (done !== null) return done;
    return holdingMembership(connections, stream.from, () =>
      holdingMembership(connections, stream.to, () =>
        // Making the login ends what an earlier try left at work: from here on the ledger stands still.
        withRestoreLogin(
          connections,
          stream.to,
          actor,
          async (login) => (await this.#goOn(slotStart, login)) ?? this.#beginAnew(login),
        ),
      ),
    );
  }

  async #whatIsDone(slotStart: string | null): Promise<CopiedRows | null> {
    const { stream, actor } = this;
    return this.#at(
      stream.to,
      async (client) => {
        const { subscription } = await readSubscription(client, stream);
        const copied = slotStart === null ? null : await readLedger(client, stream, slotStart);
        if (copied !== null || subscription === 'missing') return copied;
        throw new BerthError('stream-lost', `The slot of ${stream.name} is not the one that the target follows.`, {
          hint: 'Cancel the move and start it again.',
        });
      },
      actor,
    );
  }

  /**
   * Keeps the tables that have arrived whole, and copies the others at a later moment: changes of these that came before it are passed over
   * when the target follows. Null: there is nothing to keep, or a table was written anew meanwhile, which the stream tells of as TRUNCATE.
   */
  async #goOn(slotStart: string | null, login: RestoreLogin): Promise<CopiedRows | null> {
    if (slotStart === null) return null;
    const { connections, stream, options } = this;
    const plan = await this.#at(stream.to, (client) => readPlan(client, stream, slotStart));
    const missing = new Map(plan.filter(({ arrived }) => !arrived).map((one) => [one.table, one]));
    if (missing.size === plan.length) return null;
    if (missing.size === 0) return this.#end(0, slotStart);
    const timeoutMs = options.keepTimeoutMs;
    return withLaterMoment(connections, stream, [...missing.keys()], { timeoutMs }, async ({ snapshot, mark }) => {
      const parts = (await this.#partsUnder(snapshot)).filter(({ table }) => missing.has(table));
      if (!areSame(missing, parts)) return null;
      const kept = plan.filter(({ arrived }) => arrived);
      return this.#copy(parts, kept, { snapshot, mark, slotStart }, login);
    });
  }

  async #beginAnew(login: RestoreLogin): Promise<CopiedRows> {
    const { connections, stream, actor, options } = this;
    await dropSlot(connections, stream, actor);
    const slot = { timeoutMs: options.keepTimeoutMs, snapshot: true };
    return withNewSlot(connections, stream, slot, async (snapshot) => {
      const slotStart = await this.#at(stream.from, (client) => readSlotStart(client, stream), actor);
      if (slotStart === null)
        throw new BerthError('stream-lost', `The slot ${stream.name} went as soon as it was made.`);
      await this.#at(stream.to, (client) => beginLedger(client, stream), actor);
      return this.#copy(await this.#partsUnder(snapshot), [], { snapshot, mark: 0, slotStart }, login);
    });
  }

  /** As the tables are at that moment, also their files. */
  #partsUnder(snapshot: string): Promise<readonly CopyPart[]> {
    const { from } = this.stream;
    return this.connections.withClient(from.clusterId, from.database, async (client) => {
      await beginUnder(client, snapshot);
      const { pagesOfPart } = this.options;
      return readParts(client, await schemaOid(client, from), { schema: from.schema, pagesOfPart });
    });
  }

  async #copy(
    parts: readonly CopyPart[],
    kept: readonly PlannedTable[],
    moment: Moment,
    login: RestoreLogin,
  ): Promise<CopiedRows> {
    const started = performance.now();
    const { connections, stream, actor, options, work } = this;
    await this.#at(
      stream.to,
      async (client) => {
        await planTables(client, stream, parts, moment);
        await openLedger(client, stream, login.user);
      },
      actor,
    );
    await this.#emptyTables(parts);
    const ends = {
      source: await connections.access(stream.from.clusterId),
      target: { ...(await connections.access(stream.to.clusterId)), ...login },
    };
    const stop = new AbortController();
    const throttle = new Throttle(options.bytesPerSecond);
    const progress = new CopyProgress(parts, kept, work);
    const lane = {
      ...{ stream, snapshot: moment.snapshot, waiting: [...parts], throttle },
      signal: AbortSignal.any([work.signal, stop.signal]),
      onBytes: progress.add.bind(progress),
      onArrival: progress.arrived.bind(progress),
    };
    const watches = progress.isLong ? this.#giveWay(throttle, progress, stop.signal) : [];
    const lanes = Array.from({ length: Math.max(1, options.lanes) }, () => runLane(ends, lane));
    try {
      await Promise.all(lanes);
    } finally {
      // The others must not write on behind our back.
      stop.abort();
      await Promise.allSettled([...lanes, ...watches]);
    }
    return this.#end(Math.round(performance.now() - started), moment.slotStart);
  }

  /** To whom it is asked to give way. */
  #giveWay(throttle: Throttle, progress: CopyProgress, signal: AbortSignal): readonly Promise<void>[] {
    const { connections, options } = this;
    const { from } = this.stream;
    const { maxStandbyLagBytes: mostBehind = null } = options;
    const watches: Promise<void>[] = [];
    if (options.yields) {
      const most = options.bytesPerSecond ?? Number.POSITIVE_INFINITY;
      const onPace = progress.setPace.bind(progress);
      watches.push(yieldToOthers(connections, from, throttle, { most, signal, onPace }));
    }
    if (mostBehind !== null) {
      const onBehind = (standby: StandbyLag | null): void => progress.setBehind(standby, mostBehind);
      watches.push(waitForStandbys(connections, from, throttle, { most: mostBehind, signal, onBehind }));
    }
    return watches;
  }

  async #end(ms: number, slotStart: string): Promise<CopiedRows> {
    const { stream, actor } = this;
    return this.#at(
      stream.to,
      async (client) => {
        // One commit that waits for the disk takes all before it there.
        await client.query('SET LOCAL synchronous_commit = on');
        const missing = await endLedger(client, stream, ms);
        const copied = await readLedger(client, stream, slotStart);
        if (copied !== null) return copied;
        throw new BerthError('copy-failed', `${String(missing)} parts of the copy have not arrived.`);
      },
      actor,
    );
  }

  /** All in one statement: keys between them, if an earlier try made any, are no hindrance then. */
  async #emptyTables(parts: readonly CopyPart[]): Promise<void> {
    const { to } = this.stream;
    const tables = [...new Set(parts.map(({ table }) => table))].map((table) => quoteQualified(to.schema, table));
    if (tables.length > 0) await this.#at(to, (client) => client.query(`TRUNCATE ONLY ${tables.join(', ONLY ')}`));
  }

  #at<T>({ clusterId, database }: Place, fn: (client: Connection) => Promise<T>, actor?: Actor): Promise<T> {
    return this.connections.withTransaction(clusterId, database, fn, actor === undefined ? {} : { actor });
  }
}

/** Every table that is missing is there, and lies in the file in which it lay when the stream began. */
function areSame(missing: ReadonlyMap<string, PlannedTable>, parts: readonly CopyPart[]): boolean {
  const files = new Map(parts.map(({ table, file }) => [table, file]));
  return [...missing.values()].every(({ table, file }) => files.get(table) === file);
}
