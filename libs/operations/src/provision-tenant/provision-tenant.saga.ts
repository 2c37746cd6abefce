import { saga } from '@berth/saga';
import { isRouted, routeTenantTo } from '../routing/route-tenant.steps.js';
import { createInstance } from '../steps/create-instance.step.js';
import { verifyTenant } from '../steps/verify-tenant.step.js';
import { activateTenant } from './activate-tenant.step.js';
import { applyMigrations } from './apply-migrations.step.js';
import { createRoleAndSchema } from './create-role-and-schema.step.js';
import type { ProvisionTenant } from './provision-tenant.input.js';
import { publishTenantSecret } from './publish-tenant-secret.step.js';
import { reservePlacement } from './reserve-placement.step.js';
import { stageLogins } from './stage-logins.step.js';

export const provisionTenant = saga<ProvisionTenant>('provision-tenant', 1)
  .step(reservePlacement)
  .stepWhen((input) => input.instance !== null, createInstance)
  .step(stageLogins)
  .step(createRoleAndSchema)
  .step(applyMigrations)
  .step(verifyTenant)
  .step(publishTenantSecret)
  .pointOfNoReturn(activateTenant)
  .stepWhen(
    isRouted,
    routeTenantTo<ProvisionTenant>((input) => input),
  );
