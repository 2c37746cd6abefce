import type { Place } from '@berth/domain';
import { type ClusterConnections, type Connection, serverMajor } from '../connection/index.js';
import { holdingMembership } from '../copy/held-membership.js';
import { beginUnder, exportSnapshot } from './compared-snapshot.js';

/** One place under one snapshot: several connections that all see the same moment. */
export interface Side {
  readonly place: Place;
  readonly major: number;
  readonly lanes: readonly Connection[];
}

interface SideOptions {
  readonly lanes: number;
  readonly signal: AbortSignal;
  /** A snapshot that another session has exported; without it the side takes one of its own. */
  readonly snapshot?: string;
}

/** Opens `lanes` connections that share one REPEATABLE READ READ ONLY snapshot, and closes them after `fn`. */
export async function withSide<T>(
  connections: ClusterConnections,
  place: Place,
  options: SideOptions,
  fn: (side: Side) => Promise<T>,
): Promise<T> {
  return holdingMembership(connections, place, () => openLane(connections, place, options, [], options.snapshot, fn));
}

async function openLane<T>(
  connections: ClusterConnections,
  place: Place,
  options: SideOptions,
  open: readonly Connection[],
  snapshot: string | undefined,
  fn: (side: Side) => Promise<T>,
): Promise<T> {
  const [leader] = open;
  if (leader !== undefined && open.length === options.lanes) {
    const major = await serverMajor(leader);
    return cancelledBy(options.signal, connections, place, open, () => fn({ place, major, lanes: open }));
  }
  return connections.withClient(place.clusterId, place.database, async (client) => {
    await beginUnder(client, snapshot);
    const shared = snapshot ?? (await exportSnapshot(client));
    return openLane(connections, place, options, [...open, client], shared, fn);
  });
}

/** A statement over a big table runs on after its client is gone: an abort cancels it on the server. */
async function cancelledBy<T>(
  signal: AbortSignal,
  connections: ClusterConnections,
  place: Place,
  lanes: readonly Connection[],
  fn: () => Promise<T>,
): Promise<T> {
  const pids: number[] = [];
  for (const lane of lanes) {
    const { rows } = await lane.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    pids.push(...rows.map(({ pid }) => pid));
  }
  const cancel = (): void => {
    connections
      .withTransaction(place.clusterId, undefined, (client) =>
        client.query('SELECT pg_cancel_backend(pid) FROM unnest($1::int[]) AS pid', [pids]),
      )
      .catch(() => undefined);
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await fn();
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
