import { saga } from '@berth/saga';
import { changeTenantState, type ChangesTenantState } from '../steps/change-tenant-state.js';
import { closeLogins, type HasLogins } from '../steps/logins.step.js';

export interface SuspendTenant extends HasLogins, ChangesTenantState {}

export const suspendTenant = saga<SuspendTenant>('suspend-tenant', 1)
  .step(closeLogins)
  .step(changeTenantState<SuspendTenant>('suspended'));
