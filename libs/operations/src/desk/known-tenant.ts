import { BerthError, type Placement, type Plan, type Tenant, type TenantId, type TenantState } from '@berth/domain';
import type { SeenTenant } from '@berth/ports';
import type { PlanningPorts } from './draft.js';

/** A tenant with its place, as every operation on an existing one needs it. */
export interface KnownTenant {
  readonly tenant: Tenant;
  readonly placement: Placement;
  readonly plan: Plan;
}

/** @throws `tenant-not-found`, `tenant-state` (with what the tenant's state allows), `version-conflict`, `move-open` */
export async function knownTenant(
  ports: PlanningPorts,
  tenantId: TenantId,
  wanted: {
    readonly states: readonly TenantState[];
    readonly to: string;
    readonly expectedVersion?: number | undefined;
    readonly whileMoving?: boolean;
  },
): Promise<KnownTenant> {
  const tenant = await ports.tenants.get(tenantId);
  if (tenant === null) {
    throw new BerthError('tenant-not-found', `There is no tenant ${tenantId}.`, { hint: 'Type: berth tenants list' });
  }
  refuseState(tenant, wanted);
  if (wanted.expectedVersion !== undefined && wanted.expectedVersion !== tenant.version) {
    throw new BerthError(
      'version-conflict',
      `Tenant ${tenantId} was changed meanwhile: it is at version ${String(tenant.version)}.`,
      {
        details: { expectedVersion: wanted.expectedVersion, foundVersion: tenant.version },
      },
    );
  }
  const placement = await ports.placements.current(tenantId);
  if (placement === null) {
    throw new BerthError('tenant-state', `Tenant ${tenantId} has no place, so there is nothing to ${wanted.to}.`);
  }
  if (wanted.whileMoving !== true) await refuseOpenMove(ports, tenantId, wanted.to);
  return { tenant, placement, plan: await planNamed(ports, tenant.plan) };
}

/** What a start compares with the catalog once more. */
export function seen({ tenant, placement }: KnownTenant): SeenTenant {
  return { state: tenant.state, plan: tenant.plan, generation: placement.generation };
}

/** @throws `plan-not-found` with the plans there are */
export async function planNamed(ports: PlanningPorts, name: string): Promise<Plan> {
  const plan = await ports.plans.get(name);
  if (plan !== null) return plan;
  const names = (await ports.plans.list()).map((known) => known.name).join(', ');
  throw new BerthError('plan-not-found', `There is no plan ${JSON.stringify(name)}.`, { hint: `Plans are: ${names}.` });
}

function refuseState(
  tenant: Tenant,
  { states, to }: { readonly states: readonly TenantState[]; readonly to: string },
): void {
  if (states.includes(tenant.state)) return;
  throw new BerthError(
    'tenant-state',
    `Tenant ${tenant.id} is ${tenant.state}; to ${to} it, it has to be ${states.join(' or ')}.`,
    {
      hint: `Type: berth tenants show ${tenant.id}`,
      details: { state: tenant.state, allowed: states },
    },
  );
}

async function refuseOpenMove(ports: PlanningPorts, tenantId: TenantId, to: string): Promise<void> {
  const move = await ports.moves.openMoveOf(tenantId);
  if (move?.state !== 'switched' && move?.state !== 'reversed') return;
  const kept = move.state === 'switched' ? 'old place' : 'abandoned place';
  throw new BerthError(
    'move-open',
    `Tenant ${tenantId} has a move whose ${kept} is still kept; complete it before you ${to} the tenant.`,
    {
      hint: `Type: berth moves complete ${move.id}`,
      details: { moveId: move.id },
    },
  );
}
