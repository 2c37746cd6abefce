import { saga } from '@berth/saga';
import { holdRoute, isRouted, routeTenantTo } from '../routing/route-tenant.steps.js';
import { createInstance } from '../steps/create-instance.step.js';
import { armFence, prepareFence } from './fence-source.steps.js';
import { awaitSwitch, mayHaveToWait } from './await-switch.step.js';
import { checkBothEnds } from './check-both-ends.step.js';
import {
  carrySequences,
  closeSource,
  openTarget,
  recordPlanAfter,
  switchPlacement,
  switchSecret,
} from './finish-switch.steps.js';
import { copyByDump } from './copy-by-dump.steps.js';
import { createTarget } from './create-target.step.js';
import { markMoved } from './mark-moved.step.js';
import type { MoveTenant } from './move-tenant.input.js';
import { reserveTarget } from './reserve-target.step.js';
import { verifyCopy } from './verify-copy.step.js';

const routeTarget = routeTenantTo<MoveTenant>(({ target, limits }) => ({ place: target.place, limits }));

/** Promote, demote and relocate by dump: writers are refused from `arm-fence`, readers from `close-source`, both until `switch-secret`. */
export const moveByDump = saga<MoveTenant>('move-by-dump', 1)
  .step(reserveTarget)
  .stepWhen((input) => input.instance !== null, createInstance)
  .step(createTarget)
  .step(checkBothEnds)
  .stepWhen(mayHaveToWait, awaitSwitch)
  .step(prepareFence)
  .step(armFence)
  .step(copyByDump.dumpSource)
  .step(copyByDump.restoreTarget)
  .step(copyByDump.readyTarget)
  .step(verifyCopy)
  .pointOfNoReturn(markMoved)
  .stepWhen(isRouted, holdRoute)
  .step(closeSource)
  .step(carrySequences('closed'))
  .step(openTarget)
  .step(switchPlacement)
  .stepWhen(isRouted, routeTarget)
  .step(switchSecret)
  .stepWhen((input) => input.planAfter !== null, recordPlanAfter)
  .step(copyByDump.discardDump);
