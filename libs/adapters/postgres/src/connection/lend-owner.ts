import type { Actor, Place } from '@berth/domain';
import type { ClientBase } from 'pg';
import type { ClusterConnections } from './cluster-connections.js';
import { grantToSelf, revokeFromSelf, serverMajor } from './owner-membership.js';

/**
 * `fn` while the admin is a lasting member of the owner role: for what spans several sessions (pg_dump, a comparison). Inside
 * one transaction `memberOf` does the same at less cost.
 */
export async function lendOwner<T>(
  connections: Pick<ClusterConnections, 'withTransaction'>,
  place: Place,
  actor: Actor | undefined,
  fn: () => Promise<T>,
): Promise<T> {
  const options = actor === undefined ? {} : { actor };
  const change = (sql: (client: ClientBase) => Promise<string>): Promise<unknown> =>
    connections.withTransaction(
      place.clusterId,
      place.database,
      async (client) => client.query(await sql(client)),
      options,
    );
  await change(async (client) => grantToSelf(await serverMajor(client), place.ownerRole));
  try {
    return await fn();
  } finally {
    // Left behind by a crash it harms nobody: the admin may give it to itself at any time, and a later return takes it.
    await change(async () => revokeFromSelf(place.ownerRole)).catch(() => undefined);
  }
}
