import { saga } from '@berth/saga';
import { isRouted, unrouteTenant, type RoutedPlace, type Routed } from '../routing/route-tenant.steps.js';
import { changeTenantState, type ChangesTenantState } from '../steps/change-tenant-state.js';
import { closeLogins, type HasLogins } from '../steps/logins.step.js';

export interface SuspendTenant extends HasLogins, ChangesTenantState, RoutedPlace, Routed {}

export const suspendTenant = saga<SuspendTenant>('suspend-tenant', 1)
  .stepWhen(isRouted, unrouteTenant)
  .step(closeLogins)
  .step(changeTenantState<SuspendTenant>('suspended'));
