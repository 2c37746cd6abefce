import { ownerOfStream } from '@berth/domain';
import type { ServerReading } from '@berth/ports';
import { atWork, type Evidence } from './evidence.js';

/** Names of streams of which something is on the server. */
export function streamsIn({ slots, streamParts }: Pick<ServerReading, 'slots' | 'streamParts'>): readonly string[] {
  const names = [...slots, ...streamParts].map(({ name }) => name);
  return [...new Set(names.filter((name) => ownerOfStream(name) !== null))].sort();
}

/** By an open move to that very generation, or by whoever is at work on the tenant. */
export function isNeeded(evidence: Evidence, name: string): boolean {
  const owner = ownerOfStream(name);
  if (owner === null || atWork(evidence, owner.tenantId) !== undefined) return true;
  return [...evidence.before.moves, ...evidence.after.moves].some(
    ({ tenantId, toGeneration }) => tenantId === owner.tenantId && toGeneration === owner.generation,
  );
}

export const megabytes = (bytes: number): string => `${String(Math.round(bytes / 2 ** 20))} MB`;
