import { setTimeout as delay } from 'node:timers/promises';
import { BerthError, type Place } from '@berth/domain';
import type { Connection } from '../connection/index.js';

const pollMs = 5;

/** Transactions whose locks the switch's lock would have to wait for; VACUUM has one too. $1 schema. */
const holdersQuery = `
  SELECT DISTINCT l.virtualtransaction AS holder FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
  WHERE l.locktype = 'relation' AND l.granted AND c.relnamespace = $1::oid AND c.relkind IN ('r', 'p') AND l.pid <> pg_backend_pid()
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND l.mode NOT IN ('AccessShareLock', 'RowShareLock')`;

/**
 * Waits, without a lock of its own, for who holds a table now: behind a lock that waits all the tenant's writers would. Who comes
 * later is not waited for. @throws BerthError `lock-timeout`
 */
export async function awaitHolders(client: Connection, place: Place, oid: string, timeoutMs: number): Promise<void> {
  const look = async (): Promise<readonly string[]> =>
    (await client.query<{ holder: string }>(holdersQuery, [oid])).rows.map(({ holder }) => holder);
  const deadline = performance.now() + timeoutMs;
  let left = await look();
  while (left.length > 0) {
    if (performance.now() >= deadline)
      throw new BerthError('lock-timeout', `A long transaction, or a VACUUM, holds a table of ${place.schema}.`);
    await delay(pollMs);
    const now = new Set(await look());
    left = left.filter((holder) => now.has(holder));
  }
}
