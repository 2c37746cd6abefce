import type { Placement } from '@berth/domain';
import { quarantineTenant } from '../quarantine-tenant/quarantine-tenant.saga.js';
import { removeTenant } from '../remove-tenant/remove-tenant.saga.js';
import { repairTenant } from '../repair-tenant/repair-tenant.saga.js';
import type { OperationRequest } from '../request.js';
import { resumeTenant } from '../resume-tenant/resume-tenant.saga.js';
import { suspendTenant } from '../suspend-tenant/suspend-tenant.saga.js';
import { wantedAt } from '../tools.js';
import { draftOf, isAnyPooler, type Draft, type PlanningPorts } from './draft.js';
import { knownTenant, seen, type KnownTenant } from './known-tenant.js';

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
    seen: seen(known),
  });
}

export async function planResume(ports: PlanningPorts, request: Request<'resume-tenant'>): Promise<Draft> {
  const known = await knownTenant(ports, request.tenantId, {
    states: ['suspended', 'quarantined'],
    to: 'resume',
    whileMoving: true,
  });
  const { placement } = known;
  return draftOf(resumeTenant, await stateChange(ports, known, null), {
    clusterIds: [placement.clusterId],
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
  const logins = tenant.state === 'ready' ? 'open' : 'closed';
  const wanted = await wantedAt(ports, placeIn(placement), plan.limits, logins);
  const drift = await ports.database.inspect(wanted);
  const { tenantId } = request;
  const input = {
    tenantId,
    place: placeIn(placement),
    limits: plan.limits,
    logins,
    generation: placement.generation,
    routed: await isAnyPooler(ports),
  } as const;
  const findings = drift.map((finding) => ({
    ...finding,
    severity: finding.severity === 'error' ? ('warning' as const) : finding.severity,
  }));
  return draftOf(repairTenant, input, { clusterIds: [placement.clusterId], findings, seen: seen(known) });
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
