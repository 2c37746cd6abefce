import type { ReplicationStream, StreamState } from '@berth/domain';
import type { Tools } from '../tools.js';

/** A marker that takes longer is on its way at the next look still, and then its age is told. */
const markerMs = 1_000;

/** By what the server says of its log alone, or by a marker too, which only times when nobody takes a moment of both ends allow. */
export type LagBy = 'log' | 'marker';

/**
 * Keeps with the move how far the other end of its stream is behind, for people who watch: what cannot be measured is left out,
 * and what cannot be written keeps nothing from going on.
 */
export async function noteLag(
  tools: Pick<Tools, 'lag' | 'moves'>,
  moveId: string,
  stream: ReplicationStream,
  { lagBytes: bytes, retainedBytes }: Pick<StreamState, 'lagBytes' | 'retainedBytes'>,
  by: LagBy,
): Promise<void> {
  if (bytes === null || retainedBytes === null) return;
  const measured = by === 'log' ? null : await tools.lag.measure(stream, { timeoutMs: markerMs }).catch(() => null);
  const seconds = measured === null ? null : measured.ms / 1_000;
  await tools.moves.noteLag(moveId, { bytes, seconds, retainedBytes, at: new Date() }).catch(() => undefined);
}
