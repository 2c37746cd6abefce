import type { Place } from './placement.js';
import type { TenantId } from './names.js';

/**
 * One direction of replication between two places of a tenant. Publication, slot, subscription, the roles that they need and
 * a schema with the stream's own tables all bear its name, so that half-made work is found without a record of it.
 */
export interface ReplicationStream {
  readonly name: string;
  readonly from: Place;
  readonly to: Place;
}

/** Forward: from the old place to the new one. Reverse: what is written after the switch, back to the old place. */
export type StreamDirection = 'forward' | 'reverse';

/** What a stream is made for: to carry from the start, or to lead back after the switch. */
export type StreamUse = 'carry' | 'lead-back';

/** Both streams of the move that leads to `generation`. */
export function streamsOf(
  source: Place,
  target: Place,
  generation: number,
): Readonly<Record<StreamDirection, ReplicationStream>> {
  const name = (direction: 'f' | 'r'): string => `${prefixOf(source.tenantId)}g${String(generation)}_${direction}`;
  return {
    forward: { name: name('f'), from: source, to: target },
    reverse: { name: name('r'), from: target, to: source },
  };
}

/** Both streams as they are from the other end: what led there leads back. */
export function exchanged(
  streams: Readonly<Record<StreamDirection, ReplicationStream>>,
): Readonly<Record<StreamDirection, ReplicationStream>> {
  return { forward: streams.reverse, reverse: streams.forward };
}

/** Whether `name` is that of a stream of this tenant: a slot or a role that belongs to it. */
export function isStreamOf(tenantId: TenantId, name: string): boolean {
  const prefix = prefixOf(tenantId);
  return name.startsWith(prefix) && /^g\d+_[fr]$/.test(name.slice(prefix.length));
}

/** Whose stream bears this name, and of which move: the one to that generation. Null: it is no name of a stream. */
export function ownerOfStream(name: string): { readonly tenantId: TenantId; readonly generation: number } | null {
  const [, words, generation] = /^berth_([a-z][a-z0-9_]*)_g(\d+)_[fr]$/.exec(name) ?? [];
  if (words === undefined || generation === undefined) return null;
  return { tenantId: words.replaceAll('_', '-') as TenantId, generation: Number(generation) };
}

/** Names of slots are made of a-z, digits and underscores; tenant ids have no underscore, so no two meet in one name. */
function prefixOf(tenantId: TenantId): string {
  return `berth_${tenantId.replaceAll('-', '_')}_`;
}

/** How a table without a usable key tells its rows apart in a stream: by a unique index over NOT NULL columns, or by all columns. */
export type RowIdentity = { readonly useIndex: string } | 'full';

/** By the table's name. */
export type RowIdentities = Readonly<Record<string, RowIdentity>>;

/** What the servers say of a stream; read back, never remembered. */
export interface StreamState {
  /** Bytes of write-ahead log that the slot holds back on its server; null: there is no slot. */
  readonly retainedBytes: number | null;
  /** Bytes of that log which the other end has not confirmed yet, neighbours' among them; null: there is no slot. */
  readonly lagBytes: number | null;
  /** `lost`: the server has thrown away what the slot needed (`max_slot_wal_keep_size`); the stream cannot go on. */
  readonly slot: 'missing' | 'idle' | 'active' | 'lost';
  readonly subscription: 'missing' | 'disabled' | 'enabled';
  /** Changes that could not be applied since the subscription was made; a stream that stands still with a growing number needs a look. */
  readonly applyErrors: number;
}

/** What a stream may take of its servers. */
export interface StreamLimits {
  /** Of the copy, all its lanes together; null: as fast as both ends can. */
  readonly maxBytesPerSecond: number | null;
  /** Whether the copy goes slower than that when other tenants of the source would feel it. */
  readonly yields: boolean;
  /** Of log that a standby of the source has not replayed: past it the copy pauses; null: it pauses for none. */
  readonly maxStandbyLagBytes: number | null;
  /** Of write-ahead log that the source keeps for the move. Past it the move is undone, before the disk of everybody there is full. */
  readonly maxRetainedBytes: number;
}

/**
 * From half of what a move may keep of a server's log on, somebody has to look: before the switch it is undone at the whole; afterwards
 * nobody but a person can say which place may go.
 */
export function isMuchRetained(retainedBytes: number, maxRetainedBytes: number): boolean {
  return retainedBytes >= maxRetainedBytes / 2;
}

export const defaultStreamLimits: StreamLimits = {
  maxBytesPerSecond: null,
  yields: true,
  // Four files of log: a standby that is well stays within one, also while a server is busy.
  maxStandbyLagBytes: 64 * 2 ** 20,
  maxRetainedBytes: 16 * 2 ** 30,
};
