import { pipeline } from 'node:stream/promises';
import { BerthError, type ClusterAccess, passesByItself, type ReplicationStream } from '@berth/domain';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { beginUnder, comparedSettings } from '../comparison/compared-snapshot.js';
import { type Connection, quoteQualified, withFreshClient } from '../connection/index.js';
import { hasArrived, recordArrival } from './copy-ledger.js';
import type { CopyPart } from './copy-parts.js';
import type { Throttle } from './throttle.js';

export interface LaneEnds {
  /** As the admin, a member of the owner role. */
  readonly source: ClusterAccess;
  /** As the login that restores. */
  readonly target: ClusterAccess;
}

export interface LaneWork {
  readonly stream: ReplicationStream;
  readonly snapshot: string;
  /** Shared by all lanes: each takes the next part when it is done with the last. */
  readonly waiting: CopyPart[];
  readonly throttle: Throttle;
  readonly signal: AbortSignal;
  readonly onBytes: (part: CopyPart, bytes: number) => void;
  /** `rows` null: an earlier try had brought it, and nobody counted. */
  readonly onArrival: (part: CopyPart, rows: number | null) => void;
}

/** Tries of one part, each on new connections. */
const tries = 3;

/** Works at parts until none is left. */
export async function runLane(ends: LaneEnds, work: LaneWork): Promise<void> {
  const left: { part: CopyPart; attempt: number }[] = [];
  const next = (): { part: CopyPart; attempt: number } | undefined => {
    const again = left.pop();
    if (again !== undefined) return again;
    const part = work.waiting.shift();
    return part === undefined ? undefined : { part, attempt: 1 };
  };
  for (let now = next(); now !== undefined;) {
    const { part, attempt } = now;
    try {
      await withBoth(ends, work.stream, async (source, target) => {
        // While all goes well one pair of connections serves the whole lane.
        for (let one: typeof now = { part, attempt }; one !== undefined; one = next()) {
          now = one;
          await copyPart(source, target, one.part, one.attempt, work);
        }
        now = undefined;
      });
    } catch (error) {
      if (work.signal.aborted) throw new BerthError('cancelled', 'The copy was stopped.');
      if (now === undefined || now.attempt >= tries || !mayPass(error)) throw error;
      left.push({ part: now.part, attempt: now.attempt + 1 });
      now = next();
    }
  }
}

/** A connection that broke, a deadlock, a lock that somebody holds: the next try may do. */
function mayPass(error: unknown): boolean {
  return error instanceof BerthError && passesByItself(error.retry);
}

function withBoth<T>(
  { source, target }: LaneEnds,
  { from, to }: ReplicationStream,
  fn: (source: Connection, target: Connection) => Promise<T>,
): Promise<T> {
  return withFreshClient(source, from.database, (one) =>
    withFreshClient(target, to.database, async (two) => {
      // The end of the whole takes every commit to the disk.
      for (const setting of [...comparedSettings, 'synchronous_commit = off']) await two.query(`SET ${setting}`);
      return fn(one, two);
    }),
  );
}

async function copyPart(
  source: Connection,
  target: Connection,
  part: CopyPart,
  attempt: number,
  work: LaneWork,
): Promise<void> {
  const started = performance.now();
  let bytes = 0;
  // The try before may have come to its end without our hearing of it.
  if (attempt > 1 && (await hasArrived(target, work.stream, part))) {
    work.onArrival(part, null);
    return;
  }
  await beginUnder(source, work.snapshot);
  await target.query('BEGIN');
  const reading = source.query(copyTo(part.query));
  const writing = target.query(copyFrom(part.into));
  const counted = work.throttle.stream((some) => {
    bytes += some;
    work.onBytes(part, some);
  }, work.signal);
  await pipeline(reading, counted, writing, { signal: work.signal });
  if (!part.whole) await refuseRewritten(source, work.stream, part);
  await source.query('COMMIT');
  const ms = Math.round(performance.now() - started);
  await recordArrival(target, work.stream, part, { rows: writing.rowCount, bytes, ms, again: attempt - 1 });
  await target.query('COMMIT');
  work.onArrival(part, writing.rowCount);
}

/** CLUSTER, VACUUM FULL and TRUNCATE put rows on other pages: parts read before and after do not make a whole. */
async function refuseRewritten(source: Connection, { from }: ReplicationStream, part: CopyPart): Promise<void> {
  const { rows } = await source.query<{ file: string | null }>(
    'SELECT pg_relation_filenode($1::regclass)::text AS file',
    [quoteQualified(from.schema, part.table)],
  );
  if (rows[0]?.file === part.file) return;
  throw new BerthError(
    'copy-failed',
    `The table ${part.table} was rewritten while it was copied (TRUNCATE, CLUSTER or VACUUM FULL).`,
    {
      hint: 'Start the move again when nothing rewrites big tables.',
      details: { table: part.table },
    },
  );
}
