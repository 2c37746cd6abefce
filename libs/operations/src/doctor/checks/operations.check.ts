import type { Move, Operation } from '@berth/domain';
import { type Check, remark, type Remark, unseen } from '../check.js';
import type { Evidence } from '../evidence.js';

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** A step that fails is tried again within seconds at first; after this somebody should know. */
const retriedMs = 10 * minuteMs;
/** For a yes, a switch or a window people may take their time. */
const waitedMs = dayMs;
/** The old place costs, and each of its servers keeps log for the other. */
const openMoveMs = 7 * dayMs;

export const operations: Check = {
  name: 'operations',
  examine: (evidence) => {
    const mine = evidence.after.operations.filter(({ clusterIds }) => concerns(evidence, clusterIds));
    const { overdue } = evidence;
    return {
      findings: [
        ...mine.flatMap((operation) => judged(operation, evidence.now)),
        ...('value' in overdue ? untaken(mine, overdue.value) : []),
        ...evidence.after.moves
          .filter(({ fromClusterId, toClusterId }) => concerns(evidence, [fromClusterId, toClusterId]))
          .flatMap((move) => openTooLong(move, evidence.now)),
      ],
      notExamined: 'fault' in overdue ? [unseen('operations that no worker takes', overdue.fault)] : [],
    };
  },
};

function concerns({ system, servers }: Evidence, clusterIds: readonly string[]): boolean {
  return system !== null || servers.some(({ clusterId }) => clusterIds.includes(clusterId));
}

function judged({ id, kind, state, tenantId, reason, steps, createdAt }: Operation, now: Date): readonly Remark[] {
  const object = `operation ${id}`;
  const what = `The ${kind} of ${tenantId}`;
  const why = reason === null ? '' : `: ${reason}`;
  const age = Number(now) - Number(createdAt);
  if (state === 'needs-operator')
    return [
      remark(
        'error',
        'needs-operator',
        object,
        `${what} needs an operator${why}`,
        `berth operations show ${id} names what to mend. Then: berth operations retry ${id}, or before its point of no return: berth operations cancel ${id}`,
      ),
    ];
  if (state !== 'waiting' && state !== 'undoing') return [];
  const isRetried = steps.some((step) => step.error !== null && step.endedAt === null);
  if (isRetried && age > retriedMs)
    return [
      remark(
        'warning',
        'operation-retried',
        object,
        `${what} fails again and again${why}`,
        `berth operations show ${id} names what to mend; then it goes on by itself.${takenBack(state, id)}`,
      ),
    ];
  if (age <= waitedMs) return [];
  const message = `${what} has been ${state} since ${createdAt.toISOString()}${why}`;
  return [remark('warning', 'operation-waits', object, message, `${goOn(kind, id)}${takenBack(state, id)}`)];
}

/** For what only people can give; anything else stands in its reason. */
function goOn(kind: Operation['kind'], id: string): string {
  switch (kind) {
    case 'adopt-tenant':
      return `To keep it: berth operations confirm ${id}.`;
    case 'move-tenant':
      return `If it waits for its switch: berth moves switch ${id}.`;
    default:
      return `berth operations show ${id} says what it waits for.`;
  }
}

function takenBack(state: Operation['state'], id: string): string {
  return state === 'undoing' ? '' : ` To take it back, before its point of no return: berth operations cancel ${id}`;
}

/** Of one that is under way the lease has run out; of another the time has come. Either is a worker's to take at once. */
function untaken(mine: readonly Operation[], overdue: readonly string[]): readonly Remark[] {
  return mine
    .filter(({ id }) => overdue.includes(id))
    .map(({ id, kind, tenantId }) => ({
      code: 'operation-untaken',
      severity: 'error',
      object: `operation ${id}`,
      message: `The ${kind} of ${tenantId} has been due for more than a minute, and no worker has taken it.`,
      remedy: 'See that a worker runs (berth status), and tell the queue again: berth doctor --fix',
      fix: { kind: 'tell-queue', operationId: id },
    }));
}

function openTooLong({ id, tenantId, state, switchedAt }: Move, now: Date): readonly Remark[] {
  if ((state !== 'switched' && state !== 'reversed') || switchedAt === null) return [];
  const days = Math.floor((Number(now) - Number(switchedAt)) / dayMs);
  if (Number(now) - Number(switchedAt) < openMoveMs) return [];
  const message = `The move of ${tenantId} has been ${state} for ${String(days)} days, and its other place is kept all the while.`;
  return [remark('warning', 'move-open', `move ${id}`, message, `berth moves complete ${id}`)];
}
