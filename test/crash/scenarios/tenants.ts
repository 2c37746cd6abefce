import type { MoveStrategy, SwitchMode, TenantId } from '@berth/domain';
import { fill } from '../tenant-data.js';
import { freshTenantId, type World } from '../world.js';

export const unconstrained = { labels: {} };

/** A tenant with rows, on `shared-1` or on an instance of its own. */
export async function readyTenant(world: World, tier: 'shared' | 'dedicated' = 'shared'): Promise<TenantId> {
  const tenantId = freshTenantId();
  const plan = await world.planOfTier(tier);
  const where = tier === 'shared' ? { clusterId: 'shared-1' } : {};
  await world.perform({ kind: 'provision-tenant', tenantId, plan, constraints: unconstrained, ...where });
  await fill(world, tenantId);
  return tenantId;
}

export const toOwn = { tier: 'dedicated' } as const;
export const toFirst = { tier: 'shared', clusterId: 'shared-1' } as const;
export const toSecond = { tier: 'shared', clusterId: 'shared-2' } as const;

/** What `input` of a move says to the conditions of its steps, without an instance of its own and with one. */
export const intoExisting = { instance: null, switchMode: 'auto', planAfter: null };
export const intoInstance = { ...intoExisting, instance: {} };

export const moveTo = (
  tenantId: TenantId,
  target: typeof toOwn | typeof toFirst | typeof toSecond,
  switchMode: SwitchMode = 'auto',
  strategy: MoveStrategy = 'dump',
) => ({ kind: 'move-tenant', tenantId, target, strategy, switchMode }) as const;

/** A tenant whose move has switched and was not completed. */
export async function switched(
  world: World,
  from: 'shared' | 'dedicated',
  target: Parameters<typeof moveTo>[1],
  strategy: MoveStrategy = 'dump',
) {
  const tenantId = await readyTenant(world, from);
  const { id: moveId } = await world.perform(moveTo(tenantId, target, 'auto', strategy));
  return { tenantId, request: { kind: 'complete-move', moveId } as const };
}
