import { setTimeout as delay } from 'node:timers/promises';
import { asBerthError, BerthError, type ReplicationStream } from '@berth/domain';
import type { LiveComparison, LongWork } from '@berth/ports';
import { ComparisonRun, type PostgresTenantComparison } from '../comparison/postgres-tenant-comparison.js';
import type { ClusterConnections } from '../connection/index.js';
import { type HeldMoment, withHeldMoment } from '../replication/held-moment.js';

/** While a snapshot is open no dead row of its whole server goes, of whatever tenant: a very large tenant is compared in pieces. */
export const mostSnapshotMs = 120_000;

/** Definitions that change between two moments make what was compared before them void. */
const mostStarts = 3;

/** Tries of a later moment that a long transaction is in the way of: what was compared is kept, and no snapshot is open meanwhile. */
const momentTries = 300;
const momentPauseMs = 1_000;

interface Compared {
  readonly connections: ClusterConnections;
  readonly comparison: PostgresTenantComparison;
  readonly stream: ReplicationStream;
}

interface How {
  readonly lockTimeoutMs: number;
  readonly lanes: number;
  readonly snapshotMs: number;
}

/** Holds a moment, compares as many ranges as fit into the time, lets it go, and takes the next one, until all are compared. */
export async function compareInPieces(compared: Compared, how: How, work: LongWork): Promise<LiveComparison> {
  for (let start = 1; start <= mostStarts; start += 1) {
    const found = await compareOnce(compared, how, work);
    if (found !== null) return found;
  }
  throw new BerthError(
    'verification-stale',
    `Definitions of ${compared.stream.from.schema} changed ${String(mostStarts)} times while rows were compared.`,
    { hint: 'Let no migration run until the tenant has moved.' },
  );
}

/** Null: a definition, or the file of a table, changed between two moments. */
async function compareOnce(compared: Compared, how: How, work: LongWork): Promise<LiveComparison | null> {
  const { connections, comparison, stream } = compared;
  const run = new ComparisonRun(connections, work, false);
  let stamp: string | null = null;
  let heldMs = 0;
  const advance = async (moment: HeldMoment): Promise<'done' | 'more' | 'void'> => {
    stamp ??= moment.stamp;
    heldMs = Math.max(heldMs, moment.heldMs);
    if (moment.stamp !== stamp) return 'void';
    const until = performance.now() + how.snapshotMs;
    const piece = { lanes: how.lanes, snapshots: moment.snapshots, timeUp: () => performance.now() >= until };
    return (await comparison.advanceUnder(run, stream.from, stream.to, piece, work)) ? 'done' : 'more';
  };
  for (;;) {
    const found = await atMoment(compared, how, stamp === null ? 1 : momentTries, work, advance);
    if (found === 'void') return null;
    if (found === 'done') return { report: run.report(), heldMs, stamp: stamp ?? '' };
  }
}

async function atMoment<T>(
  { connections, stream }: Compared,
  how: How,
  tries: number,
  { signal }: LongWork,
  fn: (moment: HeldMoment) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    let taken = false;
    try {
      return await withHeldMoment(connections, stream, how, (moment) => {
        taken = true;
        return fn(moment);
      });
    } catch (error) {
      if (taken || attempt >= tries || asBerthError(error).code !== 'lock-timeout') throw error;
    }
    await delay(momentPauseMs, undefined, { signal }).catch(() => {
      throw new BerthError('cancelled', 'The comparison was cancelled.');
    });
  }
}
