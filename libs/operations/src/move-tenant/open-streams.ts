import {
  type Move,
  type MoveState,
  type ReplicationStream,
  type StreamState,
  streamsOf,
  type TenantId,
} from '@berth/domain';
import type { MoveCatalog, PlacementCatalog, TenantReplication } from '@berth/ports';
import { placeIn } from '../desk/plan-lifecycle.js';

interface StreamPorts {
  readonly moves: Pick<MoveCatalog, 'list'>;
  readonly placements: Pick<PlacementCatalog, 'get'>;
  readonly replication: Pick<TenantReplication, 'state'>;
}

/** A stream of a move that is open, and what its servers say of it; null: one of them did not answer. */
export interface OpenStream {
  readonly moveId: string;
  readonly tenantId: TenantId;
  readonly stream: ReplicationStream;
  readonly state: StreamState | null;
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
  if (strategy !== 'online' || withoutStreams.includes(moveState)) return [];
  const source = await ports.placements.get(tenantId, fromGeneration);
  const target = await ports.placements.get(tenantId, toGeneration);
  if (source === null || target === null) return [];
  const streams = Object.values(streamsOf(placeIn(source), placeIn(target), toGeneration));
  const states = await Promise.all(streams.map((stream) => ports.replication.state(stream).catch(() => null)));
  return streams.flatMap((stream, index) => {
    const state = states[index] ?? null;
    return state?.slot === 'missing' ? [] : [{ moveId, tenantId, stream, state }];
  });
}
