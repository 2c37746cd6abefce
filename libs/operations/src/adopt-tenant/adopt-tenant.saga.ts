import { saga } from '@berth/saga';
import { publishTenantSecret } from '../provision-tenant/publish-tenant-secret.step.js';
import { stageLogins } from '../provision-tenant/stage-logins.step.js';
import { isRouted, routeTenant } from '../routing/route-tenant.steps.js';
import type { AdoptTenant } from './adopt-tenant.input.js';
import { awaitConfirmation } from './await-confirmation.step.js';
import { beginTrial } from './begin-trial.step.js';
import { confirmAdoption, endTrial } from './confirm-adoption.step.js';
import { recordMigrations } from './record-migrations.step.js';
import { reserveAdoption } from './reserve-adoption.step.js';
import { takeSchema } from './take-schema.step.js';
import { verifyAdoption } from './verify-adoption.step.js';

/** From `take-schema` to `confirm-adoption` the tenant is on trial: old and new logins work, and a cancellation brings everything back. */
export const adoptTenant = saga<AdoptTenant>('adopt-tenant', 1)
  .step(reserveAdoption)
  .step(stageLogins)
  .step(takeSchema)
  .stepWhen((input) => input.migrated.length > 0, recordMigrations)
  .step(verifyAdoption)
  .step(publishTenantSecret)
  .step(beginTrial)
  .stepWhen(
    isRouted,
    routeTenant<AdoptTenant>(
      (input) => input,
      () => null,
    ),
  )
  .step(awaitConfirmation)
  .pointOfNoReturn(confirmAdoption)
  .step(endTrial);
