import { setTimeout as delay } from 'node:timers/promises';
import { BerthError, type Place, type ReplicationStream } from '@berth/domain';
import { schemaOid } from '../comparison/definitions.js';
import { beginUnder, exportSnapshot } from '../comparison/compared-snapshot.js';
import { boundBy, type ClusterConnections, type Connection } from '../connection/index.js';
import { holdingMembership } from '../copy/held-membership.js';
import { readTables } from '../fence/fence-triggers.js';
import { lockTables } from '../fence/lock-tables.js';
import { awaitHolders } from '../fence/long-holders.js';
import { readStamp, stampOfBoth } from './definition-stamp.js';
import { awaitMark, writeMark } from './marker.js';
import { refuseUnpublished } from './publication.js';
import { markerTable } from './stream-names.js';

export interface HeldMoment {
  /** Exported and open while `fn` runs: the same rows at both ends, if nothing went wrong. */
  readonly snapshots: { readonly source: string; readonly target: string };
  /** How long the tenant's writers waited, in ms. */
  readonly heldMs: number;
  /** Of both ends' definitions, read while the tables were locked and the worker was stopped. */
  readonly stamp: string;
}

/** How long what was committed before the moment may take to be applied; nobody waits for that. */
const applyTimeoutMs = 60_000;
/** Some ms are needed: the server gives the writers back after this long, whatever became of us. */
const mostHeldMs = 2_000;
const pollMs = 1;

/**
 * One moment of both ends while the tenant works: the target's worker is stopped at the marker that is the first thing
 * committed after the tenant's tables were locked, and nothing else can have been; then each end opens a snapshot.
 */
export async function withHeldMoment<T>(
  connections: ClusterConnections,
  stream: ReplicationStream,
  options: { readonly lockTimeoutMs: number },
  fn: (moment: HeldMoment) => Promise<T>,
): Promise<T> {
  const { from, to } = stream;
  const session = <R>(place: Place, work: (client: Connection) => Promise<R>): Promise<R> =>
    connections.withClient(place.clusterId, place.database, work);
  return holdingMembership(connections, from, () =>
    session(from, (lock) =>
      session(from, (mark) =>
        session(from, (source) =>
          session(to, (hold) =>
            session(to, async (target) => {
              const sessions = { lock, mark, source, hold, target };
              // Again where somebody else's marker came between; it takes one to write them without a pause to come twice.
              const moment =
                (await takeMoment(sessions, stream, options.lockTimeoutMs)) ??
                (await takeMoment(sessions, stream, options.lockTimeoutMs));
              if (moment !== null) return fn(moment);
              throw new BerthError('stream-stalled', `Somebody else writes markers of ${stream.name} all the time.`, {
                hint: 'Wait for the comparison that is under way, then ask for this one again.',
              });
            }),
          ),
        ),
      ),
    ),
  );
}

interface Sessions {
  /** Locks the tenant's tables. */
  readonly lock: Connection;
  /** Writes markers. */
  readonly mark: Connection;
  /** Keeps the snapshot of the source. */
  readonly source: Connection;
  /** Stops the target's worker at the marker. */
  readonly hold: Connection;
  /** Keeps the snapshot of the target. */
  readonly target: Connection;
}

/** Null: the worker stopped at somebody else's marker, before ours, and what was committed between the two is not there yet. */
async function takeMoment(
  { lock, mark, source, hold, target }: Sessions,
  stream: ReplicationStream,
  lockTimeoutMs: number,
): Promise<HeldMoment | null> {
  await mark.query('SET synchronous_commit = on');
  // With the stream up to date the worker reaches the marker at once, and no earlier marker is under way.
  await awaitMark({ from: mark, to: target }, stream, await writeMark(mark, stream), applyTimeoutMs);
  // The worker waits for it and nobody else does; a stopped process must not keep it for ever all the same.
  await hold.query(`BEGIN; ${boundBy(applyTimeoutMs)}; LOCK TABLE ${markerTable(stream)} IN SHARE MODE`);
  let heldMs: number;
  let ours: number;
  let sourceSnapshot: string;
  let stamp: string;
  try {
    for (const reader of [source, target]) await beginUnder(reader);
    await refuseUnpublished(lock, stream);
    const oid = await schemaOid(lock, stream.from);
    const tables = await readTables(lock, oid);
    await awaitHolders(lock, stream.from, lockTimeoutMs);
    await lock.query(`BEGIN; ${boundBy(mostHeldMs)}`);
    await lockTables(lock, stream.from, tables, lockTimeoutMs);
    const locked = performance.now();
    try {
      // In any order: nobody writes.
      [ours, sourceSnapshot, stamp] = await Promise.all([
        writeMark(mark, stream),
        exportSnapshot(source),
        readStamp(lock, oid),
      ]);
    } finally {
      await lock.query('ROLLBACK');
    }
    heldMs = performance.now() - locked;
    if ((await markAtWhichHeld(hold, stream)) !== ours) {
      // Else the next moment would have this one's snapshot, as it opens none inside a transaction.
      for (const reader of [source, target]) await reader.query('ROLLBACK');
      return null;
    }
    const theirs = await readStamp(hold, await schemaOid(hold, stream.to));
    const targetSnapshot = await exportSnapshot(target);
    return { snapshots: { source: sourceSnapshot, target: targetSnapshot }, heldMs, stamp: stampOfBoth(stamp, theirs) };
  } finally {
    await hold.query('ROLLBACK');
  }
}

/** All before this marker is applied and committed once the worker waits for our lock: it commits in the source's order. */
async function markAtWhichHeld(hold: Connection, stream: ReplicationStream): Promise<number> {
  const deadline = performance.now() + applyTimeoutMs;
  for (;;) {
    const { rows } = await hold.query<{ next: number }>(
      `SELECT n::float8 + 1 AS next FROM ${markerTable(stream)}
       WHERE id = 1 AND EXISTS (SELECT FROM pg_locks WHERE relation = $1::regclass AND NOT granted)`,
      [markerTable(stream)],
    );
    const [held] = rows;
    if (held !== undefined) return held.next;
    if (performance.now() >= deadline) {
      throw new BerthError(
        'stream-stalled',
        `The marker did not come to cluster ${stream.to.clusterId} within a minute.`,
      );
    }
    await delay(pollMs);
  }
}
