import { saga } from '@berth/saga';
import { changeTenantState, type ChangesTenantState } from '../steps/change-tenant-state.js';
import { openLogins, type HasLogins } from '../steps/logins.step.js';

/** From suspension or out of quarantine. */
export interface ResumeTenant extends HasLogins, ChangesTenantState {}

export const resumeTenant = saga<ResumeTenant>('resume-tenant', 1)
  .step(openLogins)
  .step(changeTenantState<ResumeTenant>('ready'));
