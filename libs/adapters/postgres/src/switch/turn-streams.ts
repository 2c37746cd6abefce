import { setTimeout as delay } from 'node:timers/promises';
import { type Actor, BerthError, type Place, type ReplicationStream, type StreamDirection } from '@berth/domain';
import {
  asMember,
  type ClusterConnections,
  type Connection,
  inTransaction,
  quoteIdent,
  serverMajor,
} from '../connection/index.js';
import { readMarker } from '../fence/moved-marker.js';
import { readOpened } from '../gate/gate-triggers.js';
import { type MarkerEnds, writeMark } from '../replication/marker.js';
import { recipeFor, recipeOf } from '../replication/recipe.js';
import { carrySql, readSubscription } from '../replication/subscription.js';
import type { SwitchSessions } from './switch-sessions.js';

type Streams = Readonly<Record<StreamDirection, ReplicationStream>>;

/** How long a worker may take to end that was told to; one of PostgreSQL 15 looks once a second. */
const endTimeoutMs = 10_000;
const pollMs = 10;

/** Where streams take turns one carries and the other rests, which is stopped before the switch and carries after it. */
export async function takeTurns({ source, target }: SwitchSessions): Promise<boolean> {
  return recipeFor(await serverMajor(source), await serverMajor(target)) === 'in-turns';
}

/**
 * Before the lock: the way back, which brings its marker alone, stops. It would else pass by what is written at the target once the gate is open,
 * and say that it has it. Its slot keeps everything from here on; what is written there before the gate opens came by the other stream, and is left out
 * by `turnStreams`.
 */
export async function stopWayBack(sessions: SwitchSessions, reverse: ReplicationStream, actor: Actor): Promise<void> {
  const { source, watch } = sessions;
  await inTransaction(source, (client) => alter(client, reverse, 'DISABLE'), { actor });
  await awaitEnded({ from: watch, to: source }, reverse);
}

/** The marker alone comes by it again; where that is so already, nothing happens. */
export async function startWayBack(
  { source }: SwitchSessions,
  reverse: ReplicationStream,
  actor: Actor,
): Promise<void> {
  if (await carries(source, reverse)) {
    throw new BerthError('stream-lost', `The stream ${reverse.name} carries before the switch: changes go round.`, {
      hint: 'Cancel the move and start it again.',
    });
  }
  if ((await readSubscription(source, reverse)).subscription === 'missing') {
    throw new BerthError('stream-lost', `The subscription ${reverse.name} is missing.`, {
      hint: 'Cancel the move and start it again.',
    });
  }
  await inTransaction(source, (client) => alter(client, reverse, 'ENABLE'), { actor });
}

/**
 * After a switch that decided nothing: else the target would keep log for it. Behind the tenant's row, as the decision is: where it was
 * made after all the way back has to stay as it is.
 */
export async function startWayBackUndecided(
  connections: ClusterConnections,
  { forward, reverse }: Streams,
  actor: Actor,
): Promise<void> {
  if ((await recipeOf(connections, forward)) === 'filtered') return;
  const { clusterId, database, tenantId } = forward.from;
  const unlessDecided = async (client: Connection): Promise<void> => {
    if ((await readMarker(client, tenantId)) === null) await alter(client, reverse, 'ENABLE');
  };
  await connections.withTransaction(clusterId, database, unlessDecided, { actor });
}

/**
 * After the switch: what was written at the target since its gate opened goes back, and the stream that led there rests. In this order, and each
 * act committed before the next: two streams that carry at once send one change round and round. Convergent.
 */
export async function turnStreams(connections: ClusterConnections, streams: Streams, actor: Actor): Promise<void> {
  const { forward, reverse } = streams;
  if ((await recipeOf(connections, forward)) === 'filtered') return;
  const session = <R>({ clusterId, database }: Place, work: (client: Connection) => Promise<R>): Promise<R> =>
    connections.withClient(clusterId, database, work);
  await session(forward.from, (source) =>
    session(forward.to, async (target) => {
      if (await carries(target, forward)) {
        await inTransaction(target, (client) => alter(client, forward, 'DISABLE'), { actor });
        await awaitEnded({ from: source, to: target }, forward);
        await inTransaction(target, (client) => alter(client, forward, carry('marker')), { actor });
      }
      if (!(await carries(source, reverse))) {
        await beginAtOpening(connections, { source, target }, reverse, actor);
        const both = async (client: Connection): Promise<void> => {
          await alter(client, reverse, carry('tables'));
          await alter(client, reverse, 'ENABLE');
        };
        await inTransaction(source, both, { actor });
      }
      await inTransaction(target, (client) => alter(client, forward, 'ENABLE'), { actor });
    }),
  );
}

/** What was committed at the target before its gate opened came by the other stream: the worker will ask for what comes after it. */
async function beginAtOpening(
  connections: ClusterConnections,
  { source, target }: { readonly source: Connection; readonly target: Connection },
  reverse: ReplicationStream,
  actor: Actor,
): Promise<void> {
  const opened = await readOpened(target, reverse.from.tenantId);
  const { rows } = await target.query<{ kept: boolean }>(
    `SELECT confirmed_flush_lsn <= $2::pg_lsn AS kept FROM pg_replication_slots
     WHERE slot_name = $1 AND coalesce(wal_status <> 'lost', true)`,
    [reverse.name, opened],
  );
  if (rows[0]?.kept !== true) {
    throw new BerthError('stream-lost', `The slot ${reverse.name} does not keep what was written since the switch.`, {
      retry: 'operator',
      hint: 'The tenant works at its new place, and the old one does not follow: the move cannot be reversed any more.',
      details: { opened },
    });
  }
  await awaitEnded({ from: target, to: source }, reverse);
  await connections.withStreamsLogin(
    reverse.to.clusterId,
    reverse.to.database,
    (client) =>
      client.query(
        `SELECT pg_replication_origin_advance('pg_' || oid, $2::pg_lsn) FROM pg_subscription
         WHERE subname = $1 AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())`,
        [reverse.name, opened],
      ),
    { actor },
  );
}

/** Whether the subscription asks for tables; else it rests. */
async function carries(client: Connection, { name }: ReplicationStream): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM pg_subscription WHERE subname = $1 AND $1 = ANY (subpublications)
     AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [name],
  );
  return rowCount !== 0;
}

type Alteration = 'ENABLE' | 'DISABLE' | ReturnType<typeof carry>;

const carry = (what: 'tables' | 'marker') => ({ carry: what }) as const;

function alter(client: Connection, stream: ReplicationStream, how: Alteration): Promise<unknown> {
  const sql =
    typeof how === 'string' ? `ALTER SUBSCRIPTION ${quoteIdent(stream.name)} ${how}` : carrySql(stream, how.carry);
  return asMember(client, [stream.name], () => client.query(sql));
}

/**
 * No worker is at the subscription, and nobody reads from the slot. A worker that comes to it later reads first that it is disabled; one that is there
 * may still take what it was sent. A marker wakes it: by itself it looks once a second on PostgreSQL 15.
 */
async function awaitEnded({ from, to }: MarkerEnds, stream: ReplicationStream): Promise<void> {
  await writeMark(from, stream);
  const deadline = performance.now() + endTimeoutMs;
  const worker = 'SELECT FROM pg_stat_subscription WHERE subname = $1 AND pid IS NOT NULL';
  const reader = 'SELECT FROM pg_replication_slots WHERE slot_name = $1 AND active';
  for (;;) {
    const found = [await to.query(worker, [stream.name]), await from.query(reader, [stream.name])];
    if (found.every(({ rowCount }) => rowCount === 0)) return;
    if (performance.now() >= deadline) {
      const message = `The worker of ${stream.name} did not end within ${String(endTimeoutMs)} ms.`;
      throw new BerthError('stream-stalled', message);
    }
    await delay(pollMs);
  }
}
