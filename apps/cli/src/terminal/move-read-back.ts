import type { Schemas } from '../api/client.js';

type ReadBack = NonNullable<Schemas['Move']['readBack']>;

/** `nothing is left on shared-1, shared-2 (stream, place, fence, gate), at 2026-11-28T10:00:00.000Z`. */
export function readBackText({ gone, at }: ReadBack): string {
  const clusters = [...new Set(gone.map(({ clusterId }) => clusterId))].sort();
  const kinds = [...new Set(gone.map(({ what }) => what))];
  return `nothing is left on ${clusters.join(', ')} (${kinds.join(', ')}), at ${at}`;
}

/** One line each, for a record: what was looked for, and where. */
export function readBackLines({ gone }: ReadBack): readonly string[] {
  return gone.map(({ what, name, clusterId }) => `${what} ${name} on ${clusterId}: gone`);
}
