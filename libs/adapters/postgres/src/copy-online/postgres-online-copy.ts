import { type Actor, BerthError, type Place, type ReplicationStream } from '@berth/domain';
import {
  type CopiedRows,
  type LiveComparison,
  type LongWork,
  OnlineCopy,
  type OnlineCopyOptions,
  type RefreshedViews,
} from '@berth/ports';
import { schemaOid } from '../comparison/definitions.js';
import { PostgresTenantComparison } from '../comparison/postgres-tenant-comparison.js';
import { type ClusterConnections, type Connection, quoteQualified } from '../connection/index.js';
import { holdingMembership } from '../copy/held-membership.js';
import type { PostgresTenantCopy } from '../copy/postgres-tenant-copy.js';
import { withRestoreLogin } from '../copy/restore-login.js';
import { dropSlot, readSlot, withNewSlot } from '../replication/slot.js';
import { withHeldMoment } from '../replication/held-moment.js';
import { readSubscription } from '../replication/subscription.js';
import { refreshViews } from './refresh-views.js';
import { runLane } from './copy-lane.js';
import { beginLedger, endLedger, readLedger } from './copy-ledger.js';
import { type CopyPart, pagesOfPart, readParts } from './copy-parts.js';
import { Throttle } from './throttle.js';

export interface PostgresOnlineCopyOptions {
  readonly connections: ClusterConnections;
  /** Dumps and restores the definitions. */
  readonly copy: PostgresTenantCopy;
  /** Pages of one part of a big table; default 8,192 of 8 kB. */
  readonly pagesOfPart?: number;
}

/** Copies by many COPYs at once under the snapshot of a new slot; definitions by pg_dump and pg_restore. */
export class PostgresOnlineCopy extends OnlineCopy {
  readonly #connections: ClusterConnections;
  readonly #copy: PostgresTenantCopy;
  readonly #pagesOfPart: number;
  readonly #comparison: PostgresTenantComparison;

  constructor(options: PostgresOnlineCopyOptions) {
    super();
    this.#connections = options.connections;
    this.#copy = options.copy;
    this.#pagesOfPart = options.pagesOfPart ?? pagesOfPart;
    this.#comparison = new PostgresTenantComparison(options.connections);
  }

  async copyDefinitions({ from, to }: ReplicationStream, name: string, actor: Actor, work: LongWork): Promise<void> {
    await this.#copy.dumpDefinitions(from, name, work);
    await this.#copy.restoreSection(name, to, 'pre-data', actor, work);
  }

  async copyRows(
    stream: ReplicationStream,
    actor: Actor,
    options: OnlineCopyOptions,
    work: LongWork,
  ): Promise<CopiedRows> {
    throwIfCancelled(work.signal);
    const done = await this.#whatIsDone(stream, actor);
    if (done !== null) return done;
    const slot = { timeoutMs: options.keepTimeoutMs, snapshot: true };
    return withNewSlot(this.#connections, stream, slot, (snapshot) =>
      holdingMembership(this.#connections, stream.from, () =>
        holdingMembership(this.#connections, stream.to, () =>
          withRestoreLogin(this.#connections, stream.to, actor, (login) =>
            this.#copyUnder(stream, snapshot, { actor, login, options, work }),
          ),
        ),
      ),
    );
  }

  async finishDefinitions({ to }: ReplicationStream, name: string, actor: Actor, work: LongWork): Promise<void> {
    await this.#copy.restoreSection(name, to, 'post-data', actor, work);
    await this.#copy.analyze(to, work);
  }

  refreshViews(place: Place, actor: Actor, work: LongWork): Promise<RefreshedViews> {
    return refreshViews(this.#connections, place, actor, work);
  }

  async compareLive(
    stream: ReplicationStream,
    options: { readonly lockTimeoutMs: number; readonly lanes: number },
    work: LongWork,
  ): Promise<LiveComparison> {
    throwIfCancelled(work.signal);
    const { from, to } = stream;
    return withHeldMoment(this.#connections, stream, options, async ({ snapshots, heldMs, stamp }) => {
      const how = { lanes: options.lanes, sequences: false, snapshots };
      return { report: await this.#comparison.compareUnder(from, to, how, work), heldMs, stamp };
    });
  }

  /** Null: it has to be copied, and nothing of an earlier try is left that would be in the way. */
  async #whatIsDone(stream: ReplicationStream, actor: Actor): Promise<CopiedRows | null> {
    const { slot } = await this.#at(stream.from, (client) => readSlot(client, stream), actor);
    const there = await this.#at(
      stream.to,
      async (client) => ({ ...(await readSubscription(client, stream)), ledger: await readLedger(client, stream) }),
      actor,
    );
    if ((slot === 'idle' || slot === 'active') && there.ledger !== null) return there.ledger;
    if (there.subscription !== 'missing') {
      throw new BerthError('stream-lost', `The slot of ${stream.name} is ${slot}, and the target follows it already.`, {
        hint: 'Cancel the move and start it again.',
      });
    }
    await dropSlot(this.#connections, stream, actor);
    return null;
  }

  async #copyUnder(
    stream: ReplicationStream,
    snapshot: string,
    run: {
      readonly actor: Actor;
      readonly login: { readonly user: string; readonly password: string };
      readonly options: OnlineCopyOptions;
      readonly work: LongWork;
    },
  ): Promise<CopiedRows> {
    const started = performance.now();
    const { actor, login, options, work } = run;
    const { from, to } = stream;
    const parts = await this.#at(from, async (client) =>
      readParts(client, await schemaOid(client, from), { schema: from.schema, pagesOfPart: this.#pagesOfPart }),
    );
    await this.#at(to, (client) => beginLedger(client, stream, login.user), actor);
    await this.#emptyTables(to, parts);
    const ends = {
      source: await this.#connections.access(from.clusterId),
      target: { ...(await this.#connections.access(to.clusterId)), ...login },
    };
    const stop = new AbortController();
    const waiting = [...parts];
    const lane = {
      ...{ stream, snapshot, waiting },
      throttle: new Throttle(options.bytesPerSecond),
      signal: AbortSignal.any([work.signal, stop.signal]),
      onBytes: progressOf(parts, work),
    };
    const lanes = Array.from({ length: Math.max(1, options.lanes) }, () => runLane(ends, lane));
    try {
      await Promise.all(lanes);
    } catch (error) {
      // The others must not write on behind our back.
      stop.abort();
      await Promise.allSettled(lanes);
      throw error;
    }
    const ms = Math.round(performance.now() - started);
    return this.#at(
      to,
      async (client) => {
        // One commit that waits for the disk takes all before it there.
        await client.query('SET LOCAL synchronous_commit = on');
        await endLedger(client, stream, ms);
        const copied = await readLedger(client, stream);
        if (copied?.parts === parts.length) return copied;
        throw new BerthError(
          'copy-failed',
          `Of ${String(parts.length)} parts ${String(copied?.parts ?? 0)} have arrived.`,
        );
      },
      actor,
    );
  }

  /** All in one statement: keys between them, if an earlier try made any, are no hindrance then. */
  async #emptyTables(to: Place, parts: readonly CopyPart[]): Promise<void> {
    const tables = [...new Set(parts.map(({ table }) => table))].map((table) => quoteQualified(to.schema, table));
    if (tables.length > 0) await this.#at(to, (client) => client.query(`TRUNCATE ONLY ${tables.join(', ONLY ')}`));
  }

  #at<T>({ clusterId, database }: Place, fn: (client: Connection) => Promise<T>, actor?: Actor): Promise<T> {
    return this.#connections.withTransaction(clusterId, database, fn, actor === undefined ? {} : { actor });
  }
}

/** In bytes on the source's disk, of which COPY's own bytes are a guess; never past a part's weight. */
function progressOf(parts: readonly CopyPart[], work: LongWork): (part: CopyPart, bytes: number) => void {
  const total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  const passed = new Map<CopyPart, number>();
  let done = 0;
  return (part, bytes) => {
    const before = Math.min(part.bytes, passed.get(part) ?? 0);
    const after = Math.min(part.bytes, before + bytes);
    passed.set(part, after);
    done += after - before;
    work.onProgress({ text: `copying ${part.table}`, done, total, unit: 'bytes' });
  };
}

function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new BerthError('cancelled', 'The copy was stopped.');
}
