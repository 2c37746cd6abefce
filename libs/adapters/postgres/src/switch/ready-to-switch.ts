import { BerthError, type ReplicationStream } from '@berth/domain';
import type { SwitchRequest } from '@berth/ports';
import { fingerprintOf, readDefinitions, schemaOid } from '../comparison/definitions.js';
import { readSequences, type Sequence } from '../comparison/sequence-positions.js';
import type { Connection } from '../connection/index.js';
import { type FencedTable, readTables } from '../fence/fence-triggers.js';
import { completeGateTable, readGated } from '../gate/gate-triggers.js';
import { readStamp, stampOfBoth } from '../replication/definition-stamp.js';
import { awaitMark, type MarkerEnds, writeMark } from '../replication/marker.js';
import { refuseUnpublished } from '../replication/publication.js';
import { readSlot } from '../replication/slot.js';
import { readSubscription } from '../replication/subscription.js';
import type { Stamps } from './frozen-pair.js';
import type { SwitchSessions } from './switch-sessions.js';

/** A stream that is further behind would make writers wait for it. */
const mostLagMs = 250;
/** For a stream to come that near: nobody waits yet, and one busy moment of a server is no reason to give up. */
const nearWithinMs = 5_000;
/** Nobody waits for the way back. One that an earlier try had stopped may take five seconds to start (`wal_retrieve_retry_interval`). */
const mostBackMs = 12_000;

/** What was looked at before anything is felt, and is looked at again under the lock. */
export interface Readiness {
  readonly schemaOids: { readonly source: string; readonly target: string };
  readonly tables: readonly FencedTable[];
  /** Of the source; who makes one changes the stamp. */
  readonly sequences: readonly Sequence[];
  /** Change with every change of a definition; a fingerprint of everything would take too long under the lock. */
  readonly stamps: Stamps;
}

/** Everything that can be known without making anybody wait; it also warms what the switch will ask. */
export async function readyToSwitch(sessions: SwitchSessions, request: SwitchRequest): Promise<Readiness> {
  const { lock, source, watch, mark, target } = sessions;
  const { forward, reverse } = request.streams;
  const sourceOid = await schemaOid(lock, forward.from);
  // The stamp first: what changes after it, changes it.
  const targetOid = await schemaOid(target, forward.to);
  const stamps = { source: await readStamp(source, sourceOid), target: await readStamp(target, targetOid) };
  await refuseChanged(lock, request);
  if (request.stamp !== null && request.stamp !== stampOfBoth(stamps.source, stamps.target))
    throw comparedBefore(forward.from.schema);
  const tables = await readTables(lock, sourceOid, request.generation);
  const sequences = await readSequences(source, sourceOid);
  const bare = tables.filter(({ genuine }) => !genuine).map(({ name }) => name);
  if (bare.length > 0) throw missing('The fence does not stand, disabled, on', bare);
  const gated = await readGated(target, targetOid);
  const open = gated.filter(({ stands }) => !stands).map(({ name }) => name);
  if (open.length > 0) throw missing('The gate of the target does not stand on', open);
  await completeGateTable(target);
  const { rows: gates } = await target.query<{ open: boolean }>('SELECT open FROM berth.gate WHERE tenant_id = $1', [
    forward.to.tenantId,
  ]);
  // Without its row there would be nothing to open.
  if (gates[0]?.open !== false)
    throw missing(
      'The gate of the target is not closed for',
      gated.map(({ name }) => name),
    );
  const streams = [
    { stream: forward, slot: await readSlot(source, forward), follower: await readSubscription(watch, forward) },
    { stream: reverse, slot: await readSlot(watch, reverse), follower: await readSubscription(source, reverse) },
  ];
  for (const { stream, slot, follower } of streams) {
    if (slot.slot === 'lost' || slot.slot === 'missing') {
      throw new BerthError('stream-lost', `The slot ${stream.name} is ${slot.slot}.`, {
        hint: 'Cancel the move and start it again.',
      });
    }
    if (follower.subscription !== 'enabled')
      throw new BerthError('stream-stalled', `The subscription ${stream.name} is ${follower.subscription}.`);
  }
  for (const [client, stream] of [
    [lock, forward],
    [watch, reverse],
  ] as const)
    await refuseUnpublished(client, stream);
  await awaitNear({ from: mark, to: watch }, forward);
  // The way back is worth nothing unless something has come by it.
  await awaitMark({ from: target, to: source }, reverse, await writeMark(target, reverse), mostBackMs);
  return { schemaOids: { source: sourceOid, target: targetOid }, tables, sequences, stamps };
}

async function awaitNear(ends: MarkerEnds, stream: ReplicationStream): Promise<void> {
  const deadline = performance.now() + nearWithinMs;
  for (;;) {
    const mark = await writeMark(ends.from, stream);
    const written = performance.now();
    await awaitMark(ends, stream, mark, Math.max(mostLagMs, deadline - written));
    const lagMs = performance.now() - written;
    if (lagMs <= mostLagMs) return;
    if (performance.now() < deadline) continue;
    const way = `from cluster ${stream.from.clusterId} to ${stream.to.clusterId}`;
    throw new BerthError(
      'stream-stalled',
      `A change takes ${String(Math.round(lagMs))} ms ${way}: writers would wait for that.`,
      { hint: 'The switch is tried again when the target follows sooner.', details: { stream: stream.name, lagMs } },
    );
  }
}

async function refuseChanged(client: Connection, { streams, fingerprint }: SwitchRequest): Promise<void> {
  const place = streams.forward.from;
  const found = fingerprintOf(await readDefinitions(client, place, { withMaintain: true }));
  if (found === fingerprint) return;
  throw schemaChanged(place.schema, { expected: fingerprint, found });
}

export function schemaChanged(schema: string, details: Readonly<Record<string, unknown>>): BerthError {
  return new BerthError('schema-changed', `The definition of schema ${schema} changed during the move.`, {
    hint: 'Cancel the move and start it again when no migration runs.',
    details,
  });
}

/** The definitions are what they were, or that is looked at next: some table was written anew all the same, by TRUNCATE or an ALTER and its way back. */
export function comparedBefore(schema: string): BerthError {
  return new BerthError(
    'verification-stale',
    `Tables of schema ${schema} were written anew after their rows were compared.`,
    {
      hint: 'The move compares them again by itself.',
    },
  );
}

function missing(what: string, names: readonly string[]): BerthError {
  return new BerthError(
    'fence-missing',
    `${what} ${String(names.length)} of the tenant's tables: ${names.slice(0, 5).join(', ')}.`,
    { hint: 'Somebody changed the tables during the move. Cancel it and start it again.', details: { tables: names } },
  );
}
