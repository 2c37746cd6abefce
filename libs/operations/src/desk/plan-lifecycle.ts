import type { Placement } from '@berth/domain';
import { quarantineTenant } from '../quarantine-tenant/quarantine-tenant.saga.js';
import { removeTenant } from '../remove-tenant/remove-tenant.saga.js';
import { repairTenant } from '../repair-tenant/repair-tenant.saga.js';
import type { OperationRequest } from '../request.js';
import { resumeTenant } from '../resume-tenant/resume-tenant.saga.js';
import { suspendTenant } from '../suspend-tenant/suspend-tenant.saga.js';
import { draftOf, isAnyPooler, type Draft, type PlanningPorts } from './draft.js';
import { knownTenant, seen, type KnownTenant } from './known-tenant.js';
import { driftAround, driftAt, lossesAt, secretDrift } from './live-checks.js';

type Request<K extends OperationRequest['kind']> = Extract<OperationRequest, { kind: K }>;

export async function planSuspend(ports: PlanningPorts, request: Request<'suspend-tenant'>): Promise<Draft> {
  const known = await knownTenant(ports, request.tenantId, {
    states: ['ready'],
    to: 'suspend',
    whileMoving: true,
  });
  const { placement } = known;
  return draftOf(suspendTenant, await stateChange(ports, known, request.reason), {
    clusterIds: [placement.clusterId],
    findings: await driftAround(ports, placeAndLimits(known)),
    seen: seen(known),
  });
}

/** Who is called ready has to be able to log in. */
const unusable: readonly string[] = ['missing-role', 'missing-schema'];

export async function planResume(ports: PlanningPorts, request: Request<'resume-tenant'>): Promise<Draft> {
  const known = await knownTenant(ports, request.tenantId, {
    states: ['suspended', 'quarantined'],
    to: 'resume',
    whileMoving: true,
  });
  const { tenant, placement } = known;
  return draftOf(resumeTenant, await stateChange(ports, known, null), {
    clusterIds: [placement.clusterId],
    findings: (await driftAround(ports, placeAndLimits(known))).map((finding) =>
      unusable.includes(finding.code)
        ? { ...finding, severity: 'error', remedy: `Type: berth tenants repair ${tenant.id}` }
        : finding,
    ),
    seen: seen(known),
  });
}

/** The dry run is the drift report: its findings are what the repair would mend. */
export async function planRepair(ports: PlanningPorts, request: Request<'repair-tenant'>): Promise<Draft> {
  const known = await knownTenant(ports, request.tenantId, {
    states: ['ready', 'suspended', 'quarantined'],
    to: 'repair',
    whileMoving: true,
  });
  const { tenant, placement, plan } = known;
  const place = placeIn(placement);
  const { generation } = placement;
  const input = {
    tenantId: tenant.id,
    place,
    limits: plan.limits,
    logins: tenant.state === 'ready' ? ('open' as const) : ('closed' as const),
    generation,
    routed: await isAnyPooler(ports),
  };
  const findings = [
    ...(await driftAt(ports, placeAndLimits(known))),
    ...(await secretDrift(ports, { place, generation })),
  ];
  return draftOf(repairTenant, input, { clusterIds: [place.clusterId], findings, seen: seen(known) });
}

export async function planQuarantine(ports: PlanningPorts, request: Request<'quarantine-tenant'>): Promise<Draft> {
  const known = await knownTenant(ports, request.tenantId, {
    states: ['ready', 'suspended'],
    to: 'delete',
    expectedVersion: request.expectedVersion,
  });
  const { placement } = known;
  const quarantinedUntil = new Date(ports.now().getTime() + ports.retentionDays * 86_400_000).toISOString();
  const input = { ...(await stateChange(ports, known, request.reason)), quarantinedUntil };
  return draftOf(quarantineTenant, input, {
    clusterIds: [placement.clusterId],
    findings: await driftAround(ports, placeAndLimits(known)),
    seen: seen(known),
  });
}

export async function planRemove(ports: PlanningPorts, request: Request<'remove-tenant'>): Promise<Draft> {
  const known = await knownTenant(ports, request.tenantId, {
    states: ['ready', 'suspended', 'quarantined'],
    to: 'remove',
    expectedVersion: request.expectedVersion,
  });
  const { placement } = known;
  const cluster = await ports.clusters.get(placement.clusterId);
  const input = {
    ...(await stateChange(ports, known, request.reason)),
    tier: placement.tier,
    generation: placement.generation,
    ownInstance: cluster?.managed === true,
    finalDump: finalDumpOf(placement, ports.now()),
  };
  return draftOf(removeTenant, input, {
    clusterIds: [placement.clusterId],
    findings: await lossesAt(ports, input.place),
    seen: seen(known),
  });
}

/**
 * Unique to the operation: a worker that was thought dead, of an earlier removal that was cancelled, discards its own dump and
 * never the one on which this removal relies.
 */
export function finalDumpOf({ tenantId, generation }: Placement, now: Date): string {
  const at = now.toISOString().replace(/[^0-9TZ]/g, '');
  return `final-${tenantId}-g${String(generation)}-${at}`;
}

/** The place alone, without the catalog's own columns: inputs are JSON and hold what steps need. */
export function placeIn({ tenantId, clusterId, database, schema, ownerRole, loginRoles }: Placement) {
  return { tenantId, clusterId, database, schema, ownerRole, loginRoles };
}

function placeAndLimits({ tenant, placement, plan }: KnownTenant) {
  return { tenant, place: placeIn(placement), limits: plan.limits };
}

async function stateChange(ports: PlanningPorts, { tenant, placement, plan }: KnownTenant, reason: string | null) {
  return {
    tenantId: tenant.id,
    place: placeIn(placement),
    limits: plan.limits,
    routed: await isAnyPooler(ports),
    loginsBefore: tenant.state === 'ready' ? ('open' as const) : ('closed' as const),
    stateBefore: tenant.state,
    reasonBefore: tenant.reason,
    quarantinedUntilBefore: tenant.quarantinedUntil?.toISOString() ?? null,
    reason,
  };
}
