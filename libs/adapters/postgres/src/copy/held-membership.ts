import type { Place } from '@berth/domain';
import { type ClusterConnections, grantToSelf, revokeFromSelf, serverMajor } from '../connection/index.js';

/** How many in this process hold the admin's membership in an owner role, by cluster and role. */
const holders = new WeakMap<ClusterConnections, Map<string, number>>();

/**
 * Runs `fn` while the admin is a member of the owner role, committed: pg_dump, pg_restore and a comparison's read-only sessions
 * are connections of their own and would not see a grant inside a transaction. The last holder takes it back. A crash leaves
 * it behind, which the next holder ends. Meanwhile nobody may use the transaction's form (`memberOf`) for the same role: it
 * would take this one back at its end.
 */
export async function holdingMembership<T>(
  connections: ClusterConnections,
  place: Place,
  fn: () => Promise<T>,
): Promise<T> {
  const counts = holders.get(connections) ?? new Map<string, number>();
  holders.set(connections, counts);
  const key = `${place.clusterId}\0${place.ownerRole}`;
  counts.set(key, (counts.get(key) ?? 0) + 1);
  try {
    await connections.withTransaction(place.clusterId, undefined, async (client) => {
      await client.query(grantToSelf(await serverMajor(client), place.ownerRole));
    });
    return await fn();
  } finally {
    const left = (counts.get(key) ?? 1) - 1;
    counts.set(key, left);
    if (left === 0) {
      counts.delete(key);
      await connections
        .withTransaction(place.clusterId, undefined, (client) => client.query(revokeFromSelf(place.ownerRole)))
        .catch(() => undefined);
    }
  }
}
