import { saga } from '@berth/saga';
import { isRouted, unrouteTenant, type RoutedPlace, type Routed } from '../routing/route-tenant.steps.js';
import { changeTenantState, type ChangesTenantState } from '../steps/change-tenant-state.js';
import { closeLogins, type HasLogins } from '../steps/logins.step.js';

export interface QuarantineTenant extends HasLogins, ChangesTenantState, RoutedPlace, Routed {
  /** ISO 8601. Until then the data is kept and `resume` brings the tenant back. */
  readonly quarantinedUntil: string;
}

export const quarantineTenant = saga<QuarantineTenant>('quarantine-tenant', 1)
  .stepWhen(isRouted, unrouteTenant)
  .step(closeLogins)
  .step(changeTenantState<QuarantineTenant>('quarantined', (input) => new Date(input.quarantinedUntil)));
