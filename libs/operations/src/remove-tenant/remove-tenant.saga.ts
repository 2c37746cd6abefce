import { saga } from '@berth/saga';
import { isRouted, unrouteTenant } from '../routing/route-tenant.steps.js';
import { closeLogins } from '../steps/logins.step.js';
import { destroySecrets, dropTenant, markRemoved, removeInstance } from './destroy-tenant.steps.js';
import { dumpFinally, rehearseFinalDump } from '../steps/final-dump.steps.js';
import { decideRemoval } from './decide-removal.step.js';
import { fenceTenant } from './fence-tenant.step.js';
import type { RemoveTenant } from './remove-tenant.input.js';

/** Nothing is destroyed before a dump was restored elsewhere and compared with the tenant, row by row. */
export const removeTenant = saga<RemoveTenant>('remove-tenant', 1)
  .stepWhen(isRouted, unrouteTenant)
  .step(closeLogins)
  .step(fenceTenant)
  .step(dumpFinally)
  .step(rehearseFinalDump)
  .pointOfNoReturn(decideRemoval)
  .stepWhen((input) => !input.ownInstance, dropTenant)
  .stepWhen((input) => input.ownInstance, removeInstance)
  .step(destroySecrets)
  .step(markRemoved);
