import type { Place, SwitchMode, SwitchWindow, TenantId, TenantLimits, Tier } from '@berth/domain';
import type { InstanceSpec } from '@berth/ports';
import type { Routed } from '../routing/route-tenant.steps.js';

export interface MoveEnd {
  readonly place: Place;
  readonly tier: Tier;
  readonly generation: number;
}

export interface MoveTenant extends Routed {
  readonly tenantId: TenantId;
  readonly source: MoveEnd;
  readonly target: MoveEnd;
  /** The instance to make; null where the target is a cluster that is there already. */
  readonly instance: InstanceSpec | null;
  /** Limits at the target. */
  readonly limits: TenantLimits;
  readonly switchMode: SwitchMode;
  /** Absent in a move that was begun before there was one: it may switch at any time. */
  readonly window?: SwitchWindow;
  /** The plan that the tenant has after the switch; null: it keeps its own. */
  readonly planAfter: string | null;
}
