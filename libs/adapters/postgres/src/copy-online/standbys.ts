import { setTimeout as delay } from 'node:timers/promises';
import type { Place } from '@berth/domain';
import type { ClusterConnections, Connection } from '../connection/index.js';
import type { Throttle } from './throttle.js';

const lookMs = 500;
const againMs = 1_000;

export interface StandbyLag {
  readonly name: string;
  /** Of the source's log that it has not replayed yet; what only stores the log, as pg_receivewal, has not stored. */
  readonly bytes: number;
}

/**
 * Who gets the source's log as it is: standbys, also those behind which others stand. A sender of a logical slot is no standby; Berth's own is one
 * of those. What a login without pg_read_all_stats may not see is not there.
 */
const furthestQuery = `
  SELECT coalesce(nullif(r.application_name, ''), host(r.client_addr), 'of process ' || r.pid) AS name,
    pg_wal_lsn_diff(pg_current_wal_lsn(), coalesce(r.replay_lsn, r.flush_lsn))::float8 AS bytes
  FROM pg_stat_replication r WHERE coalesce(r.replay_lsn, r.flush_lsn) IS NOT NULL
    AND NOT EXISTS (SELECT FROM pg_replication_slots s WHERE s.active_pid = r.pid AND s.slot_type = 'logical')
  ORDER BY bytes DESC, name LIMIT 1`;

/** The one that is furthest behind; null: there is none, or none that may be seen. */
export async function furthestStandby(client: Connection): Promise<StandbyLag | null> {
  return (await client.query<StandbyLag>(furthestQuery)).rows[0] ?? null;
}

/**
 * Holds a copy while a standby of the source is further behind than `most` bytes: who reads there sees old data, and more of it would be lost with
 * the source. `onBehind` hears of every look at which it is held, and null when it goes on. Runs until `signal` ends it. It has no end of its own: as
 * long as the copy is held the slot keeps log, and past the move's limit of that the move is undone.
 */
export async function waitForStandbys(
  connections: ClusterConnections,
  { clusterId, database }: Place,
  throttle: Throttle,
  {
    most,
    signal,
    onBehind,
  }: {
    readonly most: number;
    readonly signal: AbortSignal;
    readonly onBehind: (standby: StandbyLag | null) => void;
  },
): Promise<void> {
  const tell = (standby: StandbyLag | null): void => {
    if (!throttle.held && standby === null) return;
    throttle.held = standby !== null;
    onBehind(standby);
  };
  const rest = (ms: number): Promise<void> => delay(ms, undefined, { signal }).catch(() => undefined);
  while (!signal.aborted) {
    try {
      await connections.withClient(clusterId, database, async (client) => {
        while (!signal.aborted) {
          const furthest = await furthestStandby(client);
          tell(furthest !== null && furthest.bytes > most ? furthest : null);
          await rest(lookMs);
        }
      });
    } catch {
      // A look that fails says nothing of standbys; the copy's own connections know what is wrong.
      tell(null);
      await rest(againMs);
    }
  }
}
