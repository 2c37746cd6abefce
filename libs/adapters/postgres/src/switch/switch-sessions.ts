import type { Place, ReplicationStream, StreamDirection } from '@berth/domain';
import type { ClusterConnections, Connection } from '../connection/index.js';
import { holdingMembership } from '../copy/held-membership.js';

/** Connections that are open before anything is felt: opening one in the middle would cost more than all the rest. */
export interface SwitchSessions {
  /** Locks, arms and decides, at the source. */
  readonly lock: Connection;
  /** Writes the marker, at the source. */
  readonly mark: Connection;
  /** Reads the sequences. */
  readonly source: Connection;
  /** Sets the sequences and opens the gate. */
  readonly target: Connection;
  /** Watches for the marker. */
  readonly watch: Connection;
}

/** While the admin is a member of the owner role at both ends. */
export function withSwitchSessions<T>(
  connections: ClusterConnections,
  { forward }: Readonly<Record<StreamDirection, ReplicationStream>>,
  fn: (sessions: SwitchSessions) => Promise<T>,
): Promise<T> {
  const { from, to } = forward;
  const session = <R>({ clusterId, database }: Place, work: (client: Connection) => Promise<R>): Promise<R> =>
    connections.withClient(clusterId, database, work);
  return holdingMembership(connections, from, () =>
    holdingMembership(connections, to, () =>
      session(from, (lock) =>
        session(from, (mark) =>
          session(from, (source) =>
            session(to, (target) =>
              session(to, async (watch) => {
                for (const client of [mark, target]) await client.query('SET synchronous_commit = on');
                return fn({ lock, mark, source, target, watch });
              }),
            ),
          ),
        ),
      ),
    ),
  );
}
