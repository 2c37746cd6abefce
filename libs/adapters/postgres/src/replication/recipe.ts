import type { Actor, Place, ReplicationStream } from '@berth/domain';
import { type ClusterConnections, type Connection, serverMajor } from '../connection/index.js';

/** The first whose worker asks for `origin = none` and whose sender knows it, and the first with `pg_create_subscription`. */
const filtersFrom = 16;

/**
 * How the two streams of a move keep from sending each other's changes round and round. `filtered`: both carry all the time, and what came by a
 * stream is not sent on. `in-turns`: where either end cannot filter, one carries and the other rests, which brings its marker alone.
 */
export type Recipe = 'filtered' | 'in-turns';

/** The one place that decides. */
export function recipeFor(...majors: readonly number[]): Recipe {
  return majors.every((major) => major >= filtersFrom) ? 'filtered' : 'in-turns';
}

/** Whether the admin may make streams without being a superuser. */
export function needsStreamsLogin(major: number): boolean {
  return major < filtersFrom;
}

export async function recipeOf(connections: ClusterConnections, { from, to }: ReplicationStream): Promise<Recipe> {
  return recipeFor(...(await Promise.all([from, to].map((place) => majorAt(connections, place)))));
}

/** What makes a subscription, or a login that may replicate: by the admin where it may, and else by the login for streams. */
export async function withStreamRights<T>(
  connections: ClusterConnections,
  place: Place,
  actor: Actor,
  fn: (client: Connection) => Promise<T>,
): Promise<T> {
  const { clusterId, database } = place;
  return needsStreamsLogin(await majorAt(connections, place))
    ? connections.withStreamsLogin(clusterId, database, fn, { actor })
    : connections.withTransaction(clusterId, database, fn, { actor });
}

export function majorAt(connections: ClusterConnections, { clusterId, database }: Place): Promise<number> {
  return connections.withTransaction(clusterId, database, serverMajor, { readOnly: true });
}
