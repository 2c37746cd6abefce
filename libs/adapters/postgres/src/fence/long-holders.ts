import { setTimeout as delay } from 'node:timers/promises';
import { BerthError, type Place } from '@berth/domain';
import type { ClusterConnections, Connection } from '../connection/index.js';

const pollMs = 5;
/** Nobody is kept by it, so it may last. */
const holdersMs = 2_000;

/** Transactions whose locks ours would have to wait for; VACUUM has one too. $1 the schema's name, $2 modes that ours goes with. */
const holdersQuery = `
  SELECT l.virtualtransaction AS holder, l.pid, c.relname AS table FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
  WHERE l.locktype = 'relation' AND l.granted AND c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1) AND c.relkind IN ('r', 'p') AND l.pid <> pg_backend_pid()
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND l.mode <> ALL ($2)`;

/**
 * With `writers` ours is against writes and definitions, with `everybody` it is that of DROP TRIGGER. What a serializable transaction has
 * read (`SIReadLock`) is in nobody's way.
 */
const goesWith = { writers: ['AccessShareLock', 'RowShareLock', 'SIReadLock'], everybody: ['SIReadLock'] } as const;

interface Holder {
  readonly holder: string;
  readonly pid: number;
  readonly table: string;
}

/**
 * Waits, without a lock of its own, for who holds a table now: behind a lock that waits all the tenant's writers would. Who comes
 * later is not waited for. @throws BerthError `lock-timeout` that names one of them
 */
export async function awaitHolders(
  client: Connection,
  place: Place,
  timeoutMs: number,
  whom: keyof typeof goesWith = 'writers',
): Promise<void> {
  const look = async (): Promise<readonly Holder[]> =>
    (await client.query<Holder>(holdersQuery, [place.schema, goesWith[whom]])).rows;
  const deadline = performance.now() + timeoutMs;
  let left = await look();
  while (left[0] !== undefined) {
    if (performance.now() >= deadline) throw held(place, left[0]);
    await delay(pollMs);
    const now = new Set((await look()).map(({ holder }) => holder));
    left = left.filter(({ holder }) => now.has(holder));
  }
}

/** The same, in a transaction that holds nothing else. */
export async function awaitFree(
  connections: ClusterConnections,
  place: Place,
  whom: keyof typeof goesWith = 'writers',
): Promise<void> {
  await connections.withTransaction(
    place.clusterId,
    place.database,
    (client) => awaitHolders(client, place, holdersMs, whom),
    { readOnly: true },
  );
}

function held({ clusterId, schema }: Place, { pid, table }: Holder): BerthError {
  return new BerthError(
    'lock-timeout',
    `A long transaction, or a VACUUM, holds table ${table} of ${schema}: session ${String(pid)} of cluster ${clusterId}.`,
    {
      hint: `See what it does in pg_stat_activity. It is waited for; to end it: SELECT pg_terminate_backend(${String(pid)})`,
      details: { table, pid },
    },
  );
}
