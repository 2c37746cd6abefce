import type { Place } from '@berth/domain';
import { type ClusterConnections, type Connection, serverMajor } from '../connection/index.js';
import { holdingMembership } from '../copy/held-membership.js';

/** One place under one snapshot: several connections that all see the same moment. */
export interface Side {
  readonly place: Place;
  readonly major: number;
  readonly lanes: readonly Connection[];
}

/**
 * The text form of a row must not depend on the server, the database, the role or the day; a row that a policy hides must be
 * an error and never silence. TimeZone and the others are settings that a database or a role may carry.
 */
export const comparedSettings: readonly string[] = [
  `search_path = pg_catalog`,
  `extra_float_digits = 1`,
  `"TimeZone" = 'UTC'`,
  `"DateStyle" = 'ISO, YMD'`,
  `"IntervalStyle" = 'postgres'`,
  `bytea_output = 'hex'`,
  `xmloption = 'content'`,
  `lc_monetary = 'C'`,
  `lc_numeric = 'C'`,
  `lc_time = 'C'`,
  `row_security = off`,
  `jit = off`,
  `work_mem = '64MB'`,
  `statement_timeout = 0`,
  `lock_timeout = '10s'`,
  `idle_in_transaction_session_timeout = 0`,
];

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
    await client.query(
      [
        'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
        ...(snapshot === undefined ? [] : [`SET TRANSACTION SNAPSHOT '${snapshot}'`]),
        ...comparedSettings.map((setting) => `SET LOCAL ${setting}`),
      ].join('; '),
    );
    const shared = snapshot ?? (await exportSnapshot(client));
    return openLane(connections, place, options, [...open, client], shared, fn);
  });
}

async function exportSnapshot(client: Connection): Promise<string> {
  const { rows } = await client.query<{ id: string }>('SELECT pg_export_snapshot() AS id');
  return rows[0]?.id ?? '';
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
