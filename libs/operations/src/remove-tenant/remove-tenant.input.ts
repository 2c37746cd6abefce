import type { Tier } from '@berth/domain';
import type { RoutedPlace, Routed } from '../routing/route-tenant.steps.js';
import type { ChangesTenantState } from '../steps/change-tenant-state.js';
import type { HasLogins } from '../steps/logins.step.js';

export interface RemoveTenant extends HasLogins, ChangesTenantState, RoutedPlace, Routed {
  readonly tier: Tier;
  readonly generation: number;
  /** Berth made the cluster for this tenant, and destroys it with the tenant. */
  readonly ownInstance: boolean;
  /** Name of the final dump; it stays when the tenant is gone. */
  readonly finalDump: string;
}
