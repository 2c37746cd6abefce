import { setTimeout as delay } from 'node:timers/promises';
import { BerthError, type ReplicationStream } from '@berth/domain';
import { type ClusterConnections, type Connection, sqlStateOf } from '../connection/index.js';
import { readSlot } from './slot.js';
import { readSubscription } from './subscription.js';
import { markerTable } from './stream-names.js';

/** Between two looks at the target. A look takes some tenths of a millisecond; the switch waits for it. */
const pollMs = 1;

/**
 * Writes the next marker, in a transaction of its own that waits for the disk whatever the server's default: commits that did
 * not wait (`synchronous_commit = off`) lie before it in the log and are on the disk with it.
 */
export async function writeMark(from: Connection, stream: ReplicationStream): Promise<number> {
  const text = `UPDATE ${markerTable(stream)} SET n = n + 1 WHERE id = 1 RETURNING n::float8 AS n`;
  const { rows } = await from.query<{ n: number }>(text).catch((error: unknown) => {
    if (isMissing(error)) return { rows: [] };
    throw error;
  });
  const [row] = rows;
  if (row !== undefined) return row.n;
  throw new BerthError('stream-lost', `Nothing of ${stream.name} is published on cluster ${stream.from.clusterId}.`);
}

/** A marker that is not there has not come either: nobody follows yet. */
async function isApplied(to: Connection, stream: ReplicationStream, mark: number): Promise<boolean> {
  const text = `SELECT n >= $1 AS there FROM ${markerTable(stream)} WHERE id = 1`;
  try {
    return (await to.query<{ there: boolean }>(text, [mark])).rows[0]?.there === true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  const state = sqlStateOf(error);
  return state === '42P01' || state === '3F000';
}

export interface MarkerEnds {
  readonly from: Connection;
  readonly to: Connection;
}

/**
 * Waits until the mark is to be seen at the other end, and so everything committed before it. Positions in the log would not
 * do: neighbours' changes move them on without end, and of an idle tenant the slot reports none.
 */
export async function awaitMark(
  { from, to }: MarkerEnds,
  stream: ReplicationStream,
  mark: number,
  timeoutMs: number,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await isApplied(to, stream, mark))) {
    if (performance.now() >= deadline) throw await stalled({ from, to }, stream, timeoutMs);
    await delay(pollMs);
  }
}

async function stalled({ from, to }: MarkerEnds, stream: ReplicationStream, timeoutMs: number): Promise<BerthError> {
  const { slot } = await readSlot(from, stream);
  const { subscription, applyErrors } = await readSubscription(to, stream);
  const details = { stream: stream.name, slot, subscription, applyErrors };
  if (slot === 'lost' || slot === 'missing') {
    return new BerthError(
      'stream-lost',
      `The slot ${stream.name} on cluster ${stream.from.clusterId} is ${slot}: changes are gone that the copy needs.`,
      {
        hint: 'Cancel the move and start it again, with max_slot_wal_keep_size larger if that was it.',
        details,
      },
    );
  }
  return new BerthError(
    'stream-stalled',
    `After ${String(timeoutMs)} ms a change had not come from cluster ${stream.from.clusterId} to ${stream.to.clusterId}: subscription ${subscription}, ${String(applyErrors)} failed tries to apply.`,
    { hint: "The log of the target's server says why a change could not be applied.", details },
  );
}

export function sendMark(connections: ClusterConnections, stream: ReplicationStream): Promise<number> {
  const { clusterId, database } = stream.from;
  return connections.withTransaction(
    clusterId,
    database,
    async (client) => {
      await client.query('SET LOCAL synchronous_commit = on');
      return writeMark(client, stream);
    },
    {},
  );
}

/** In sessions, not in one transaction: what is asked again and again must see what was committed meanwhile. */
export function awaitMarkBetween(
  connections: ClusterConnections,
  stream: ReplicationStream,
  mark: number,
  timeoutMs: number,
): Promise<void> {
  const { from, to } = stream;
  return connections.withClient(from.clusterId, from.database, (source) =>
    connections.withClient(to.clusterId, to.database, (target) =>
      awaitMark({ from: source, to: target }, stream, mark, timeoutMs),
    ),
  );
}
