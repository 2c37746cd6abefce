import { setTimeout as delay } from 'node:timers/promises';
import { type Actor, BerthError, type ReplicationStream, type StreamState } from '@berth/domain';
import { Client, type ClientConfig } from 'pg';
import { clientConfig } from '../connection/client-config.js';
import {
  type ClusterConnections,
  type Connection,
  fenceOff,
  grantToSelf,
  quoteIdent,
  serverMajor,
  sqlStateOf,
  translateError,
} from '../connection/index.js';

const connectTimeoutMs = 5_000;
const dropTries = 50;
const dropPollMs = 100;

/** For a session that holds a snapshot for as long as a copy takes, and does nothing meanwhile. */
export const endlessSession = `SELECT set_config(name, '0', false) FROM pg_settings
  WHERE name IN ('idle_in_transaction_session_timeout', 'transaction_timeout', 'idle_session_timeout')`;

/**
 * Makes the slot and runs `fn` while the snapshot of that very moment can be imported: what is seen in it and what the slot
 * keeps are together everything, and nothing twice. The snapshot ends with the connection that made it, this process at the latest.
 */
export async function withNewSlot<T>(
  connections: ClusterConnections,
  stream: ReplicationStream,
  options: { readonly timeoutMs: number; readonly snapshot: boolean },
  fn: (snapshot: string) => Promise<T>,
): Promise<T> {
  const { clusterId, database } = stream.from;
  const access = await connections.access(clusterId);
  // `replication` is understood by `pg` and missing in its types. The protocol has statements of its own.
  const config: ClientConfig & { readonly replication: string } = {
    ...clientConfig(access, database, stream.name, connectTimeoutMs),
    replication: 'database',
  };
  const client = new Client(config);
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => undefined);
    throw translateError(error, { clusterId, connecting: true });
  }
  try {
    return await fn(await createSlot(connections, stream, client, options));
  } catch (error) {
    throw translateError(error, { clusterId });
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function createSlot(
  connections: ClusterConnections,
  stream: ReplicationStream,
  client: Client,
  { timeoutMs, snapshot }: { readonly timeoutMs: number; readonly snapshot: boolean },
): Promise<string> {
  await client.query(endlessSession);
  const { rows: own } = await client.query<{ pg_backend_pid: number }>('SELECT pg_backend_pid()');
  const pid = own[0]?.pg_backend_pid ?? 0;
  let ended: Promise<string> | undefined;
  // No timeout of the server's counts for this command: it waits for every older transaction that has written, of any database.
  const timer = setTimeout(() => {
    ended = endWaiting(connections, stream, pid);
    ended.catch(() => undefined);
  }, timeoutMs);
  try {
    const { rows } = await client.query<{ snapshot_name: string | null }>(
      `CREATE_REPLICATION_SLOT ${quoteIdent(stream.name)} LOGICAL pgoutput (SNAPSHOT '${snapshot ? 'export' : 'nothing'}')`,
    );
    return rows[0]?.snapshot_name ?? '';
  } catch (error) {
    if (ended === undefined) throw error;
    const holder = await ended;
    throw new BerthError(
      'lock-timeout',
      `The slot ${stream.name} waited ${String(timeoutMs)} ms for ${holder} on cluster ${stream.from.clusterId}, and was given up.`,
      { hint: 'End that transaction, or wait until it ends: the move tries again by itself.' },
    );
  } finally {
    clearTimeout(timer);
  }
}

/** Ends the session that waits, whose slot goes with it, and tells for whom it waited. */
async function endWaiting(connections: ClusterConnections, { from }: ReplicationStream, pid: number): Promise<string> {
  return connections.withTransaction(from.clusterId, from.database, async (client) => {
    const { rows } = await client.query<{ holder: string }>(
      `SELECT format('the open transaction of %s in database %s (process %s)', usename, datname, pid) AS holder
       FROM pg_stat_activity WHERE pid = ANY (pg_blocking_pids($1))`,
      [pid],
    );
    await client.query('SELECT pg_terminate_backend($1)', [pid]);
    return rows.map(({ holder }) => holder).join(' and ') || 'a transaction that is open';
  });
}

/** Whether it keeps changes: one that still waits for older transactions has a name already, and no position. */
export async function isSlotMade(client: Connection, { name }: ReplicationStream): Promise<boolean> {
  const { rowCount } = await client.query(
    'SELECT FROM pg_replication_slots WHERE slot_name = $1 AND confirmed_flush_lsn IS NOT NULL',
    [name],
  );
  return rowCount !== 0;
}

/**
 * From where on the slot keeps changes; null: it keeps none. While nobody follows it stays as it is, and so tells this slot from another one of the
 * same name.
 */
export async function readSlotStart(client: Connection, { name }: ReplicationStream): Promise<string | null> {
  const { rows } = await client.query<{ start: string | null }>(
    `SELECT confirmed_flush_lsn::text AS start FROM pg_replication_slots WHERE slot_name = $1 AND wal_status <> 'lost'`,
    [name],
  );
  return rows[0]?.start ?? null;
}

type SlotState = Pick<StreamState, 'lagBytes' | 'retainedBytes' | 'slot'>;

export async function readSlot(client: Connection, { name }: ReplicationStream): Promise<SlotState> {
  const { rows } = await client.query<{ active: boolean; lost: boolean; retained: number; lag: number }>(
    `SELECT active, coalesce(wal_status = 'lost', false) AS lost,
       coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::float8 AS retained,
       coalesce(greatest(pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn), 0), 0)::float8 AS lag
     FROM pg_replication_slots WHERE slot_name = $1`,
    [name],
  );
  const row = rows[0];
  if (row === undefined) return { slot: 'missing', retainedBytes: null, lagBytes: null };
  const slot = row.lost ? 'lost' : row.active ? 'active' : 'idle';
  return { slot, retainedBytes: row.retained, lagBytes: row.lag };
}

/**
 * Drops the slot, whoever reads from it. Convergent. The fencing number is shown in the very transaction that drops: a worker that was stopped and whose
 * operation another one runs by now must not drop what that one made. @throws BerthError `stream-stalled` when somebody does not let it go
 */
export async function dropSlot(
  connections: ClusterConnections,
  stream: ReplicationStream,
  actor: Actor,
): Promise<void> {
  const { clusterId, database } = stream.from;
  for (let turn = 0; turn < dropTries; turn += 1) {
    const gone = await connections.withTransaction(clusterId, database, (client) => dropOnce(client, stream, actor), {
      actor,
    });
    if (gone) return;
    await delay(dropPollMs);
  }
  throw new BerthError(
    'stream-stalled',
    `The slot ${stream.name} on cluster ${clusterId} is in use and could not be dropped.`,
  );
}

async function dropOnce(client: Connection, stream: ReplicationStream, actor: Actor): Promise<boolean> {
  const { rows } = await client.query<{ pid: number | null }>(
    'SELECT active_pid AS pid FROM pg_replication_slots WHERE slot_name = $1',
    [stream.name],
  );
  const [slot] = rows;
  if (slot === undefined) return true;
  if (slot.pid !== null) {
    const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [stream.name]);
    if (rowCount !== 0) await client.query(grantToSelf(await serverMajor(client), stream.name));
    await client.query('SELECT pg_terminate_backend($1)', [slot.pid]);
    return false;
  }
  try {
    await client.query('SELECT pg_drop_replication_slot($1)', [stream.name]);
    return true;
  } catch (error) {
    // Somebody took it, or dropped it, between the two statements.
    const state = sqlStateOf(error);
    if (state === '55006' || state === '42704') {
      await client.query('ROLLBACK; BEGIN');
      await fenceOff(client, actor);
      return false;
    }
    throw error;
  }
}
