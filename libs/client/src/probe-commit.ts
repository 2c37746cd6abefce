import type { Lease } from './connections/lease.js';
import { isLost } from './connections/pg-faults.js';
import { pause } from './pause.js';
import { SessionGuard, type TenantClient } from './tenant-client.js';
import type { CommitUnknown } from './transaction.js';
import { TryAgain } from './try-again.js';

/** How long a session that was cut off may take to end. */
const endsWithinMs = 5_000;

/**
 * Asks the product's own probe, once the session that was to commit is seen no more: until then it might still commit, and a
 * repetition would do the work twice. Null: that session did not end. At another generation it has: the fence awaited it.
 * @throws TryAgain when this connection is lost too; what the probe throws
 */
export async function isCommittedBy(
  tenantId: string,
  lease: Lease,
  unknown: CommitUnknown,
  probe: (client: TenantClient) => Promise<boolean>,
): Promise<boolean | null> {
  const guard = new SessionGuard(tenantId, lease, 'session');
  try {
    const samePlace = unknown.generation === lease.generation;
    if (samePlace && !(await hasEnded(lease, unknown.processId))) return null;
    return await probe(guard.client);
  } catch (error) {
    lease.connection.note(error);
    throw isLost(error) ? new TryAgain('lost', error) : error;
  } finally {
    guard.end();
    await lease.connection.reset();
    lease.release();
  }
}

async function hasEnded({ connection }: Lease, processId: number | null): Promise<boolean> {
  const until = performance.now() + endsWithinMs;
  for (;;) {
    const { rowCount } = await connection.client.query(
      'SELECT FROM pg_stat_activity WHERE pid = $1 AND usename = session_user AND pid <> pg_backend_pid()',
      [processId],
    );
    if (rowCount === 0) return true;
    if (performance.now() > until) return false;
    await pause(25);
  }
}
