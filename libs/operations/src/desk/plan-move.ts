import {
  BerthError,
  defaultStreamLimits,
  directionOf,
  type Finding,
  placeOf,
  type Cluster,
  type MoveStrategy,
  type Place,
  type Placement,
  type Plan,
  type RowIdentities,
  type StreamLimits,
  streamsOf,
  type SwitchMode,
  type SwitchWindow,
  type Tenant,
  type Tier,
} from '@berth/domain';
import { changePlan } from '../change-plan/change-plan.saga.js';
import { completeMove } from '../complete-move/complete-move.saga.js';
import { completeOnline } from '../complete-move/complete-online.saga.js';
import { moveByDump } from '../move-tenant/move-by-dump.saga.js';
import { moveOnline } from '../move-tenant/move-online.saga.js';
import type { OperationRequest } from '../request.js';
import { asked, unanswered } from './asked.js';
import { chooseCluster, type WantedCluster } from './choose-cluster.js';
import { draftOf, isAnyPooler, type Draft, type PlanningPorts } from './draft.js';
import { knownTenant, planNamed, seen, type KnownTenant } from './known-tenant.js';
import { driftAt, driftOfSource, limitsAt, lossesAt, takenAt } from './live-checks.js';
import { ownSecretFinding } from './own-secret.js';
import { finalDumpOf, placeIn } from './plan-lifecycle.js';
import { ownServer, type Destination } from './plan-provision.js';

type Request<K extends OperationRequest['kind']> = Extract<OperationRequest, { kind: K }>;

export async function planMove(ports: PlanningPorts, request: Request<'move-tenant'>): Promise<Draft> {
  const known = await knownTenant(ports, request.tenantId, { states: ['ready'], to: 'move' });
  return await moveDraft(ports, known, { ...request, limits: known.plan.limits, planAfter: null });
}

/** A change within the tier sets limits; a change of the tier is a move that records the plan at its end. */
export async function planChangePlan(ports: PlanningPorts, request: Request<'change-plan'>): Promise<Draft> {
  const known = await knownTenant(ports, request.tenantId, {
    states: ['ready', 'suspended'],
    to: 'change the plan of',
    expectedVersion: request.expectedVersion,
    whileMoving: true,
  });
  const { tenant, placement } = known;
  const plan = await planNamed(ports, request.plan);
  if (plan.tier !== placement.tier) {
    const moving = await knownTenant(ports, request.tenantId, { states: ['ready'], to: 'move' });
    const target = { tier: plan.tier };
    const { limits, name } = plan;
    return await moveDraft(ports, moving, {
      target,
      strategy: request.strategy,
      switchMode: 'auto',
      limits,
      planAfter: name,
    });
  }
  const input = {
    tenantId: tenant.id,
    place: placeIn(placement),
    plan: plan.name,
    planBefore: tenant.plan,
    limits: plan.limits,
    limitsBefore: known.plan.limits,
    logins: tenant.state === 'ready' ? ('open' as const) : ('closed' as const),
    routed: await isAnyPooler(ports),
  };
  return draftOf(changePlan, input, {
    clusterIds: [placement.clusterId],
    findings: await driftAt(ports, { place: input.place, limits: known.plan.limits, tenant }),
    seen: seen(known),
  });
}

interface MoveWish {
  readonly target: { readonly tier: Tier; readonly clusterId?: string };
  readonly strategy: MoveStrategy;
  readonly switchMode: SwitchMode;
  readonly identities?: RowIdentities;
  readonly streamLimits?: Partial<StreamLimits>;
  readonly window?: Partial<SwitchWindow>;
  readonly limits: Plan['limits'];
  readonly planAfter: string | null;
}

async function moveDraft(ports: PlanningPorts, known: KnownTenant, wish: MoveWish): Promise<Draft> {
  refuseForDump(wish);
  const { tenant, placement } = known;
  const { target } = wish;
  const tenantId = tenant.id;
  const generation = await ports.placements.nextGeneration(tenantId);
  const destination = await destinationOf(ports, known, wish, generation);
  const source = placeIn(placement);
  const place = placeOf(tenantId, destination.clusterId, destination.database, source.schema);
  const findings = [
    ...destination.findings,
    ...(await moveChecks(ports, { source, place, limits: wish.limits, destination }, wish)),
    ...(wish.strategy === 'online'
      ? await driftOfSource(ports, { place: source, limits: known.plan.limits, tenant })
      : []),
    ...(wish.strategy === 'online' ? await onlineChecks(ports, { source, place, destination }, generation, wish) : []),
    ownSecretFinding({ tenantId, generation, refusedFrom: wish.strategy === 'online' ? 'switch-over' : 'arm-fence' }),
  ];
  const input = {
    tenantId,
    source: { place: source, tier: placement.tier, generation: placement.generation },
    target: { place, tier: target.tier, generation },
    instance: destination.instance,
    limits: wish.limits,
    switchMode: wish.switchMode,
    window: windowOf(ports, wish),
    planAfter: wish.planAfter,
    routed: await isAnyPooler(ports),
  };
  const rest = {
    clusterIds: [source.clusterId, place.clusterId],
    findings,
    decision: destination.decision,
    seen: seen(known),
    newMove: {
      strategy: wish.strategy,
      direction: directionOf(placement.tier, target.tier),
      switchMode: wish.switchMode,
      planBefore: wish.planAfter === null ? null : tenant.plan,
      fromGeneration: placement.generation,
      toGeneration: generation,
      fromClusterId: source.clusterId,
      toClusterId: place.clusterId,
      maxRetainedBytes: wish.strategy === 'online' ? onlineInput(wish).streamLimits.maxRetainedBytes : null,
    },
  };
  if (wish.strategy === 'dump') return draftOf(moveByDump, input, rest);
  return draftOf(moveOnline, { ...input, ...onlineInput(wish), limitsBefore: known.plan.limits }, rest);
}

const onlineInput = ({ identities = {}, streamLimits }: MoveWish) => ({
  identities,
  streamLimits: { ...defaultStreamLimits, ...streamLimits },
});

/** What a stream needs of both ends; of a target that is still to be made, when it is there. */
async function onlineChecks(
  ports: PlanningPorts,
  { source, place, destination }: Omit<MoveEnds, 'limits'>,
  generation: number,
  { identities = {} }: MoveWish,
): Promise<readonly Finding[]> {
  const { forward } = streamsOf(source, place, generation);
  const ends = destination.cluster === null ? 'from' : 'both';
  return await asked(source.clusterId, () => ports.replication.preflight(forward, identities, ends));
}

/** A move begins only when both ends answer: it would make the target, and then wait for the source. */
async function moveChecks(
  ports: PlanningPorts,
  { source, place, limits, destination }: MoveEnds,
  wish: MoveWish,
): Promise<readonly Finding[]> {
  const pace = wish.strategy === 'online' ? onlineInput(wish).streamLimits : undefined;
  const checks = await asked(source.clusterId, async () => [
    ...(await ports.copy.preflight(source, destination.cluster && destination, pace)),
    ...(destination.cluster === null ? [] : await takenAt(ports, place)),
    ...(destination.cluster === null ? [] : await limitsAt(ports, place.clusterId, limits)),
  ]);
  return checks.map((finding) => (finding.code in unanswered ? { ...finding, severity: 'error' } : finding));
}

interface MoveEnds {
  readonly source: Place;
  readonly place: Place;
  readonly limits: Plan['limits'];
  readonly destination: Destination;
}

async function destinationOf(
  ports: PlanningPorts,
  { tenant, placement }: KnownTenant,
  { target }: MoveWish,
  generation: number,
): Promise<Destination> {
  const { constraints, ...elsewhere } = elsewhereThan(tenant, placement, await ports.clusters.get(placement.clusterId));
  if (target.tier === 'dedicated') {
    if (placement.tier === 'dedicated') {
      throw new BerthError('placement-conflict', `Tenant ${tenant.id} has an instance of its own already.`, {
        hint: 'To bring it back to a shared cluster, ask for the tier shared.',
      });
    }
    return await ownServer(ports, {
      tenantId: tenant.id,
      generation,
      constraints,
      ...(target.clusterId !== undefined && { only: target.clusterId }),
    });
  }
  const { cluster, decision } = chooseCluster(await ports.clusters.list(), await ports.clusters.tenantCounts(), {
    ...elsewhere,
    constraints,
    broken: await ports.isolation.brokenClusters(),
    ...(target.clusterId !== undefined && { only: target.clusterId }),
  });
  return { clusterId: cluster.id, database: cluster.database, cluster, instance: null, findings: [], decision };
}

/** Another shared cluster: it keeps to the tenant's constraints, and is not older than where the tenant is, as a dump goes one way. */
export function elsewhereThan(
  tenant: Tenant,
  placement: Placement,
  source: Cluster | null,
): Omit<WantedCluster, 'broken'> {
  const major = Math.max(tenant.constraints.minPostgresMajor ?? 0, source?.postgresMajor ?? 0);
  return {
    tier: 'shared',
    constraints: { ...tenant.constraints, minPostgresMajor: major },
    not: placement.clusterId,
  };
}

export async function planComplete(ports: PlanningPorts, request: Request<'complete-move'>): Promise<Draft> {
  const move = await ports.moves.get(request.moveId);
  if (move === null) {
    throw new BerthError('move-not-found', `There is no move ${request.moveId}.`, { hint: 'Type: berth moves list' });
  }
  const reversed = move.state === 'reversed';
  const old = await ports.placements.get(move.tenantId, reversed ? move.toGeneration : move.fromGeneration);
  if ((move.state !== 'switched' && !reversed) || old === null) {
    throw new BerthError(
      'move-state',
      `The move is ${move.state}; only a switched or a reversed one can be completed.`,
      {
        details: { state: move.state },
      },
    );
  }
  const cluster = await ports.clusters.get(old.clusterId);
  const input = {
    tenantId: move.tenantId,
    moveId: move.id,
    place: placeIn(old),
    generation: old.generation,
    ownInstance: cluster?.managed === true,
    finalDump: finalDumpOf(old, ports.now()),
  };
  const findings = await lossesAt(ports, input.place);
  if (move.strategy === 'dump') return draftOf(completeMove, input, { clusterIds: [old.clusterId], findings });
  const current = await ports.placements.current(move.tenantId);
  if (current === null) throw new BerthError('move-state', `Tenant ${move.tenantId} has no place.`);
  const now = { place: placeIn(current), generation: current.generation };
  const online = { ...input, now, ...(reversed && { reversed: { generation: move.toGeneration } }) };
  return draftOf(completeOnline, online, { clusterIds: [old.clusterId, current.clusterId], findings });
}

/** A window that is over, or that never opens, would undo the move at the end of its work. */
function windowOf(ports: PlanningPorts, { window = {} }: MoveWish): SwitchWindow {
  const { notBefore = null, deadline = null } = window;
  const opens = Math.max(ports.now().getTime(), notBefore === null ? 0 : Date.parse(notBefore));
  if (deadline !== null && Date.parse(deadline) <= opens) {
    throw new BerthError('window-passed', `The deadline ${deadline} is over before the move may switch.`, {
      hint: 'Give a deadline after notBefore, and in the future; a move of much data needs hours.',
    });
  }
  return { notBefore, deadline };
}

/** A choice that means nothing was meant to mean something: never a silent fallback. */
function refuseForDump({ strategy, identities = {}, streamLimits = {} }: MoveWish): void {
  if (strategy === 'online') return;
  if (Object.keys(identities).length > 0) {
    throw new BerthError('strategy-mismatch', 'Only an online move asks how tables tell their rows apart.', {
      hint: 'Leave the identities out, or choose the strategy online.',
    });
  }
  if (Object.keys(streamLimits).length > 0) {
    throw new BerthError('strategy-mismatch', 'Only an online move has limits of what its stream may take.', {
      hint: 'Leave maxBytesPerSecond, maxStandbyLagBytes and maxRetainedBytes out, or choose the strategy online.',
    });
  }
}
