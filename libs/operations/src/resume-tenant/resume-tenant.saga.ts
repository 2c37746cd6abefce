import { saga } from '@berth/saga';
import { isRouted, routeTenant, type RoutedPlace, type Routed } from '../routing/route-tenant.steps.js';
import { changeTenantState, type ChangesTenantState } from '../steps/change-tenant-state.js';
import { openLogins, type HasLogins } from '../steps/logins.step.js';

/** From suspension or out of quarantine. */
export interface ResumeTenant extends HasLogins, ChangesTenantState, RoutedPlace, Routed {}

export const resumeTenant = saga<ResumeTenant>('resume-tenant', 1)
  .step(openLogins)
  .step(changeTenantState<ResumeTenant>('ready'))
  .stepWhen(
    isRouted,
    routeTenant<ResumeTenant>(
      (input) => input,
      () => null,
    ),
  );
