import type { Place, SwitchMode, SwitchWindow, TenantId, TenantLimits, Tier } from '@berth/domain';
import type { InstanceSpec } from '@berth/ports';
import type { Routed } from '../routing/route-tenant.steps.js';

export interface MoveEnd {
  readonly place: Place;
  readonly tier: Tier;
  readonly generation: number;
}

/** What the steps of every switch know: that of a move, and that of its reverse. */
export interface Switching extends Routed {
  readonly tenantId: TenantId;
  /** Where the tenant is. */
  readonly source: MoveEnd;
  readonly target: MoveEnd;
  /** Limits at the target. */
  readonly limits: TenantLimits;
  /** Absent where it may switch at any time. */
  readonly window?: SwitchWindow;
  /** The plan that the tenant has after the switch; null: it keeps its own. */
  readonly planAfter: string | null;
  /** The move that is taken back by this switch; its streams bear its generation. Without it the operation is the move itself. */
  readonly reverses?: { readonly moveId: string; readonly generation: number };
}

export interface MoveTenant extends Switching {
  /** The instance to make; null where the target is a cluster that is there already. */
  readonly instance: InstanceSpec | null;
  readonly switchMode: SwitchMode;
}
