import { type Actor, BerthError, type Place, type ReplicationStream } from '@berth/domain';
import {
  type CopiedRows,
  type LiveComparison,
  type LongWork,
  OnlineCopy,
  type OnlineCopyOptions,
  type RefreshedViews,
} from '@berth/ports';
import { PostgresTenantComparison } from '../comparison/postgres-tenant-comparison.js';
import type { ClusterConnections, Connection } from '../connection/index.js';
import type { PostgresTenantCopy } from '../copy/postgres-tenant-copy.js';
import { hasLateTables, isGuarded } from '../replication/late-tables.js';
import { awaitWorkerGone, disableSubscription, followPublication } from '../replication/subscription.js';
import { compareInPieces, mostSnapshotMs } from './compare-in-pieces.js';
import { pagesOfPart } from './copy-parts.js';
import { RowCopy } from './copy-rows.js';
import { refreshViews } from './refresh-views.js';

export interface PostgresOnlineCopyOptions {
  readonly connections: ClusterConnections;
  /** Dumps and restores the definitions. */
  readonly copy: PostgresTenantCopy;
  /** Pages of one part of a big table; default 8,192 of 8 kB. */
  readonly pagesOfPart?: number;
  /** How long a comparison holds one snapshot of both ends; default two minutes. */
  readonly snapshotMs?: number;
}

/** Copies by many COPYs at once, under the snapshot of a new slot and, where one was cut off, a later one; definitions by pg_dump and pg_restore. */
export class PostgresOnlineCopy extends OnlineCopy {
  readonly #connections: ClusterConnections;
  readonly #copy: PostgresTenantCopy;
  readonly #pagesOfPart: number;
  readonly #snapshotMs: number;
  readonly #comparison: PostgresTenantComparison;

  constructor(options: PostgresOnlineCopyOptions) {
    super();
    this.#connections = options.connections;
    this.#copy = options.copy;
    this.#pagesOfPart = options.pagesOfPart ?? pagesOfPart;
    this.#snapshotMs = options.snapshotMs ?? mostSnapshotMs;
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
    const how = { ...options, pagesOfPart: this.#pagesOfPart };
    return new RowCopy(this.#connections, stream, actor, how, work).run();
  }

  async finishDefinitions(stream: ReplicationStream, name: string, actor: Actor, work: LongWork): Promise<void> {
    const { to } = stream;
    const late = await this.#at(to, (client) => hasLateTables(client, stream));
    await this.#copy.restoreSection(name, to, late ? 'after-rows' : 'post-data', actor, work);
    await this.#copy.analyze(to, work);
  }

  async joinTables(stream: ReplicationStream, name: string, actor: Actor, work: LongWork): Promise<boolean> {
    const { to } = stream;
    if (!(await this.#at(to, (client) => isGuarded(client, stream)))) return false;
    await this.#at(to, (client) => disableSubscription(client, stream), actor);
    await this.#connections.withClient(to.clusterId, to.database, (client) => awaitWorkerGone(client, stream));
    await this.#copy.restoreSection(name, to, 'between-tables', actor, work);
    // Takes the triggers away in the transaction that lets the worker go on: a crash before it leaves all this to be done again.
    await followPublication(this.#connections, stream, actor, 'carry');
    return true;
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
    const how = { ...options, snapshotMs: this.#snapshotMs };
    return compareInPieces({ connections: this.#connections, comparison: this.#comparison, stream }, how, work);
  }

  #at<T>({ clusterId, database }: Place, fn: (client: Connection) => Promise<T>, actor?: Actor): Promise<T> {
    return this.#connections.withTransaction(clusterId, database, fn, actor === undefined ? {} : { actor });
  }
}

function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new BerthError('cancelled', 'The copy was stopped.');
}
