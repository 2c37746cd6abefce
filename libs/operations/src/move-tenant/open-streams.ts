import {
  defaultStreamLimits,
  type Move,
  type MoveState,
  type ReplicationStream,
  type StreamDirection,
  type StreamState,
  streamsOf,
  type TenantId,
} from '@berth/domain';
import type { MoveCatalog, OperationCatalog, PlacementCatalog, TenantReplication } from '@berth/ports';
import { placeIn } from '../desk/plan-lifecycle.js';
import type { Tools } from '../tools.js';
import { noteLag } from './note-lag.js';

interface StreamPorts {
  readonly moves: Pick<MoveCatalog, 'list'>;
  readonly placements: Pick<PlacementCatalog, 'get'>;
  readonly replication: Pick<TenantReplication, 'state'>;
}

/** A stream of a move that is open, and what its servers say of it; null: one of them did not answer. */
export interface OpenStream {
  readonly moveId: string;
  readonly tenantId: TenantId;
  readonly moveState: MoveState;
  readonly direction: StreamDirection;
  readonly stream: ReplicationStream;
  readonly state: StreamState | null;
  /** Of log that a server may keep for the move. */
  readonly maxRetainedBytes: number;
}

const pageSize = 200;

/** Before that there is nothing to look at, nor perhaps a server. */
const withoutStreams: readonly MoveState[] = ['preflight', 'provisioned', 'schema-copied'];

/**
 * A move that has switched may be open for days, and each of its servers keeps its log until the other one has it. Streams that are
 * not made yet are left out.
 */
export async function lookAtOpenStreams(ports: StreamPorts): Promise<readonly OpenStream[]> {
  const found: OpenStream[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await ports.moves.list(
      { open: true },
      { limit: pageSize, ...(cursor === undefined ? {} : { cursor }) },
    );
    for (const move of page.items) found.push(...(await streamsOfOpen(ports, move)));
    if (page.next === null) return found;
    cursor = page.next;
  }
}

async function streamsOfOpen(ports: StreamPorts, move: Move): Promise<readonly OpenStream[]> {
  const { id: moveId, tenantId, strategy, state: moveState, fromGeneration, toGeneration } = move;
  const maxRetainedBytes = move.maxRetainedBytes ?? defaultStreamLimits.maxRetainedBytes;
  if (strategy !== 'online' || withoutStreams.includes(moveState)) return [];
  const source = await ports.placements.get(tenantId, fromGeneration);
  const target = await ports.placements.get(tenantId, toGeneration);
  if (source === null || target === null) return [];
  const both = streamsOf(placeIn(source), placeIn(target), toGeneration);
  const looks = (['forward', 'reverse'] as const).map(async (direction) => {
    const stream = both[direction];
    const state = await ports.replication.state(stream).catch(() => null);
    return state?.slot === 'missing'
      ? []
      : [{ moveId, tenantId, moveState, direction, stream, state, maxRetainedBytes }];
  });
  return (await Promise.all(looks)).flat();
}

/** Which stream keeps the place fresh that the tenant has left. */
const kept: Partial<Record<MoveState, StreamDirection>> = { switched: 'reverse', reversed: 'forward' };

/** How far the old place is behind, for moves that nobody works on: what works on one looks itself, or must not be disturbed. */
export async function noteLagsOfKept(
  ports: Pick<Tools, 'lag' | 'moves'> & { readonly operations: Pick<OperationCatalog, 'openOf'> },
  streams: readonly OpenStream[],
): Promise<void> {
  const old = streams.filter(({ direction, moveState }) => kept[moveState] === direction);
  const atWork = await ports.operations.openOf(old.map(({ tenantId }) => tenantId));
  const busy = new Set(atWork.map(({ tenantId }) => tenantId));
  for (const { moveId, tenantId, stream, state } of old) {
    if (busy.has(tenantId) || state === null) continue;
    await noteLag(ports, moveId, stream, state, 'marker');
  }
}
