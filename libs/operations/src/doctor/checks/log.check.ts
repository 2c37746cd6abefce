import { defaultStreamLimits, isMuchRetained, type Move, ownerOfStream } from '@berth/domain';
import type { SeenSlot } from '@berth/ports';
import { type Check, remark, type Remark } from '../check.js';
import { type Evidence, readings } from '../evidence.js';
import { isNeeded, megabytes } from '../stream-evidence.js';

/** A slot of somebody else's that nobody reads from only grows. */
const warnedIdleBytes = 2 ** 30;

export const log: Check = {
  name: 'log',
  examine: (evidence) => ({
    findings: readings(evidence).flatMap(({ clusterId, reading }) =>
      reading.slots.flatMap((slot) => (isLeft(evidence, slot) ? [] : judged(evidence, clusterId, slot))),
    ),
  }),
};

/** Told by the check of the streams. */
function isLeft(evidence: Evidence, { name }: SeenSlot): boolean {
  return ownerOfStream(name) !== null && !isNeeded(evidence, name);
}

function judged(evidence: Evidence, clusterId: string, slot: SeenSlot): readonly Remark[] {
  const object = `slot ${slot.name} on cluster ${clusterId}`;
  const owner = ownerOfStream(slot.name);
  const move = evidence.after.moves.find(({ tenantId }) => tenantId === owner?.tenantId);
  const kept = megabytes(slot.retainedBytes);
  if (owner === null) return ofOthers(object, slot, kept);
  if (slot.lost)
    return [
      remark('error', 'stream-lost', object, 'The server has thrown away what the open move needs.', endOf(move)),
    ];
  const most = move?.maxRetainedBytes ?? defaultStreamLimits.maxRetainedBytes;
  if (!isMuchRetained(slot.retainedBytes, most)) return [];
  const message = `The server keeps ${kept} of its log for an open move, which may keep ${megabytes(most)}.`;
  return [remark('warning', 'log-kept', object, message, endOf(move))];
}

/** Before its switch a move goes back, afterwards it is completed; one that only the look before has known, has ended by itself. */
function endOf(move: Move | undefined): string {
  if (move === undefined) return 'berth doctor';
  if (move.switchedAt === null) return `berth moves cancel ${move.id}`;
  return `berth moves complete ${move.id}; while its stream is whole, or: berth moves reverse ${move.id}`;
}

function ofOthers(
  object: string,
  { name, active, temporary, lost, retainedBytes }: SeenSlot,
  kept: string,
): readonly Remark[] {
  if (active || temporary || (!lost && retainedBytes < warnedIdleBytes)) return [];
  const message = lost
    ? "It is not Berth's, and of no use any more: the server has thrown away what it needed."
    : `It is not Berth's, nobody reads from it, and the server keeps ${kept} of its log for it: the disk of every tenant there.`;
  const remedy = `If nobody needs it, on the server: SELECT pg_drop_replication_slot('${name}')`;
  return [remark('warning', 'slot-idle', object, message, remedy)];
}
