import type { ReplicationStream } from '@berth/domain';
import { beginUnder, exportSnapshot } from '../comparison/compared-snapshot.js';
import { boundBy, type ClusterConnections, type Connection } from '../connection/index.js';
import { lockTables } from '../fence/lock-tables.js';
import { awaitHolders } from '../fence/long-holders.js';
import { writeMark } from './marker.js';
import { refuseUnpublished } from './publication.js';
import { endlessSession } from './slot.js';

export interface LaterMoment {
  /** Exported and open while `fn` runs. */
  readonly snapshot: string;
  /** Every change of the tables that is seen under the snapshot was committed before it, every other one after it. */
  readonly mark: number;
}

/** Writers of the tables wait as long at most; and the server gives them back after this long, whatever became of us. */
const lockTimeoutMs = 300;
const mostHeldMs = 2_000;

/**
 * A later moment of some tables of a stream: with the tables locked nobody has an open change of them, so what was committed before the mark
 * and what the snapshot sees are the same. Writers of these tables wait for some ms. The admin is a member of the owner role.
 * @throws `lock-timeout` when a transaction holds one of them for longer than `timeoutMs`; nobody waited for that
 */
export async function withLaterMoment<T>(
  connections: ClusterConnections,
  stream: ReplicationStream,
  tables: readonly string[],
  { timeoutMs }: { readonly timeoutMs: number },
  fn: (moment: LaterMoment) => Promise<T>,
): Promise<T> {
  const { clusterId, database } = stream.from;
  const session = <R>(work: (client: Connection) => Promise<R>): Promise<R> =>
    connections.withClient(clusterId, database, work);
  return session((source) =>
    session(async (mark) => {
      const moment = await session((lock) => take({ lock, mark, source }, stream, tables, timeoutMs));
      return fn(moment);
    }),
  );
}

async function take(
  { lock, mark, source }: { readonly lock: Connection; readonly mark: Connection; readonly source: Connection },
  stream: ReplicationStream,
  tables: readonly string[],
  timeoutMs: number,
): Promise<LaterMoment> {
  await mark.query('SET synchronous_commit = on');
  await source.query(endlessSession);
  await beginUnder(source);
  await refuseUnpublished(lock, stream);
  await awaitHolders(lock, stream.from, timeoutMs);
  await lock.query(`BEGIN; ${boundBy(mostHeldMs)}`);
  try {
    await lockTables(
      lock,
      stream.from,
      tables.map((name) => ({ name })),
      lockTimeoutMs,
    );
    const [marked, snapshot] = await Promise.all([writeMark(mark, stream), exportSnapshot(source)]);
    return { mark: marked, snapshot };
  } finally {
    await lock.query('ROLLBACK');
  }
}
