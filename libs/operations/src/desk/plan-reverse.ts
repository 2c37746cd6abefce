import { BerthError, type Finding, type Move, type Place, type ReplicationStream } from '@berth/domain';
import { streamsOfMove } from '../move-tenant/course.js';
import { reverseMove } from '../reverse-move/reverse-move.saga.js';
import type { OperationRequest } from '../request.js';
import { asked, unanswered } from './asked.js';
import { draftOf, isAnyPooler, type Draft, type PlanningPorts } from './draft.js';
import { knownTenant, planNamed, seen } from './known-tenant.js';
import { ownSecretFinding } from './own-secret.js';
import { placeIn } from './plan-lifecycle.js';

/** Back to the place that an online move left, as long as that one is kept. */
export async function planReverse(
  ports: PlanningPorts,
  request: Extract<OperationRequest, { kind: 'reverse-move' }>,
): Promise<Draft> {
  const move = await reversible(ports, request.moveId);
  const known = await knownTenant(ports, move.tenantId, {
    states: ['ready'],
    to: 'reverse the move of',
    whileMoving: true,
  });
  const { tenant, placement } = known;
  const old = await ports.placements.get(tenant.id, move.fromGeneration);
  if (old?.state !== 'previous' || placement.generation !== move.toGeneration) {
    throw new BerthError('placement-conflict', `Tenant ${tenant.id} is not where the move ${move.id} led.`, {
      hint: `Type: berth tenants show ${tenant.id}`,
      details: { current: placement.generation, old: old?.state ?? null },
    });
  }
  const planAfter = move.planBefore === tenant.plan ? null : move.planBefore;
  const input = {
    tenantId: tenant.id,
    source: { place: placeIn(placement), tier: placement.tier, generation: placement.generation },
    target: { place: placeIn(old), tier: old.tier, generation: await ports.placements.nextGeneration(tenant.id) },
    back: old.generation,
    reverses: { moveId: move.id, generation: move.toGeneration },
    limits: planAfter === null ? known.plan.limits : (await planNamed(ports, planAfter)).limits,
    limitsBefore: known.plan.limits,
    planAfter,
    routed: await isAnyPooler(ports),
  };
  const clusterIds = [placement.clusterId, old.clusterId];
  const { generation } = input.target;
  const findings = [
    ...(await reverseChecks(ports, input)),
    ownSecretFinding({ tenantId: tenant.id, generation, refusedFrom: 'switch-over' }),
  ];
  return draftOf(reverseMove, input, { clusterIds, findings, seen: seen(known) });
}

/** @throws `move-not-found`; `move-state` with what to do instead */
async function reversible(ports: PlanningPorts, moveId: string): Promise<Move> {
  const move = await ports.moves.get(moveId);
  if (move === null)
    throw new BerthError('move-not-found', `There is no move ${moveId}.`, { hint: 'Type: berth moves list' });
  if (move.state === 'switched' && move.strategy === 'online') return move;
  throw new BerthError(
    'move-state',
    `The move ${move.id} (${move.strategy}, ${move.state}) cannot be reversed: ${whyNot(move)}`,
    { hint: insteadOfReverse(move), details: { strategy: move.strategy, state: move.state } },
  );
}

function whyNot({ state }: Move): string {
  if (state === 'reversing' || state === 'reversed') return 'that is done already, or on its way.';
  if (state !== 'switched') return 'only a move that has switched and is not completed can be.';
  return 'the old place has not got the writes made since the switch.';
}

function insteadOfReverse({ id, tenantId, state, direction }: Move): string {
  switch (state) {
    case 'reversing':
      return `Watch it: berth operations list --tenant ${tenantId}`;
    case 'reversed':
      return `Give the place up that it had led to: berth moves complete ${id}`;
    case 'completing':
    case 'completed':
    case 'cancelled':
      return 'Start a new move to where the tenant should be.';
    case 'switched': {
      const back = direction === 'demote' ? 'dedicated' : 'shared';
      return `Move it back, which keeps every write: type "berth moves complete ${id}", then "berth moves start ${tenantId} --to ${back} --strategy dump".`;
    }
    default:
      return `Type "berth moves cancel ${id}" to stop it before the switch.`;
  }
}

/** Both ends have to answer: it would fence nobody out, and then wait for one of them. */
async function reverseChecks(
  ports: PlanningPorts,
  input: Parameters<typeof streamsOfMove>[0],
): Promise<readonly Finding[]> {
  const { source, target } = input;
  const checks = await asked(target.place.clusterId, async () => [
    ...(await Promise.all(Object.values(streamsOfMove(input)).map((stream) => streamFaults(ports, stream)))).flat(),
    ...(await definitionFaults(ports, source.place, target.place)),
    ...(await losses(ports, source.place)),
  ]);
  return checks.map((finding) => (finding.code in unanswered ? { ...finding, severity: 'error' } : finding));
}

/** Over one of them every later write comes back; the other one is the way back of the reverse, as long as it is not completed. */
async function streamFaults(ports: PlanningPorts, stream: ReplicationStream): Promise<readonly Finding[]> {
  const { slot, subscription, applyErrors } = await ports.replication.state(stream);
  const error = (code: string, message: string, remedy: string): readonly Finding[] => [
    { code, severity: 'error', object: `stream ${stream.name}`, message, remedy },
  ];
  if (slot === 'lost' || slot === 'missing' || subscription === 'missing') {
    const end = subscription === 'missing' ? 'subscription is missing' : `slot is ${slot}`;
    return error(
      'stream-lost',
      `The stream from cluster ${stream.from.clusterId} to ${stream.to.clusterId} cannot go on: its ${end}.`,
      'Complete the move, then start a new one to where the tenant should be.',
    );
  }
  if (subscription === 'enabled') return [];
  return error(
    'stream-stalled',
    `The stream to cluster ${stream.to.clusterId} is disabled, after ${String(applyErrors)} changes that could not be applied.`,
    `The log of that server says why. Then, on it: ALTER SUBSCRIPTION ${stream.name} ENABLE`,
  );
}

/** A stream carries no definitions: what a migration made at the new place, the old one does not have. */
async function definitionFaults(ports: PlanningPorts, source: Place, target: Place): Promise<readonly Finding[]> {
  return (await ports.comparison.compareDefinitions(source, target)).map(({ object, message }) => ({
    code: 'definitions-differ',
    severity: 'error',
    object,
    message: `Since the switch: ${message}.`,
    remedy: `Take the change back on cluster ${source.clusterId}, or move back by dump.`,
  }));
}

/** Nothing is dumped here: what a dump needs around it does not count. */
const ofDumps: readonly string[] = ['dump-room', 'postgres-programs-missing'];

/** What the tenant made since the switch that no stream carries, large objects for one. */
async function losses(ports: PlanningPorts, source: Place): Promise<readonly Finding[]> {
  const findings = await ports.copy.preflight(source, null);
  return findings.filter(({ code, severity }) => severity === 'error' && !ofDumps.includes(code));
}
