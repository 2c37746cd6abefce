import { saga } from '@berth/saga';
import { isRouted, readyRoute, routeTenantTo } from '../routing/route-tenant.steps.js';
import { createInstance } from '../steps/create-instance.step.js';
import { announceTarget, endAnnouncement } from './announce-target.step.js';
import { awaitSwitchOnline, mayHaveToWait } from './await-switch.step.js';
import { checkOnline } from './check-online.step.js';
import { copyByDump } from './copy-by-dump.steps.js';
import { copyOnline } from './copy-online.steps.js';
import { createTarget } from './create-target.step.js';
import { prepareFence } from './fence-source.steps.js';
import { carrySequences, closeSource, recordPlanAfter, switchPlacement, switchSecret } from './finish-switch.steps.js';
import type { MoveOnline } from './move-online.input.js';
import { reserveTarget } from './reserve-target.step.js';
import { streams } from './stream.steps.js';
import { switchOnline } from './switch-online.steps.js';

const readyAlias = readyRoute<MoveOnline>(({ source, limitsBefore }) => ({
  place: source.place,
  limits: limitsBefore,
}));
const routeTarget = routeTenantTo<MoveOnline>(({ target, limits }) => ({ place: target.place, limits }));

/** Promote, demote and relocate while the tenant works: writers wait some ms at `verify-live`, and from `switch-over` to `switch-secret`. */
export const moveOnline = saga<MoveOnline>('move-online', 1)
  .step(reserveTarget)
  .stepWhen((input) => input.instance !== null, createInstance)
  .step(createTarget)
  .step(checkOnline)
  .step(copyOnline.copyDefinitions)
  .step(streams.publishSource)
  .step(copyOnline.copyRows)
  .step(copyOnline.finishDefinitions)
  .step(streams.closeGate)
  .step(streams.followSource)
  .step(streams.startWayBack)
  .step(streams.awaitCaughtUp)
  .step(prepareFence)
  .step(switchOnline.verifyLive)
  .stepWhen(mayHaveToWait, awaitSwitchOnline)
  .step(switchOnline.admitTarget)
  .step(announceTarget)
  .stepWhen(isRouted, readyAlias)
  .pointOfNoReturn(switchOnline.switchOver)
  .step(switchOnline.openGate)
  .step(switchPlacement)
  .stepWhen(isRouted, routeTarget)
  .step(switchSecret)
  .step(closeSource)
  .step(endAnnouncement)
  .step(carrySequences('open'))
  .step(switchOnline.turnStreams)
  .step(switchOnline.removeGate)
  .step(switchOnline.refreshViews)
  .stepWhen((input) => input.planAfter !== null, recordPlanAfter)
  .step(switchOnline.verifyAfter)
  .step(copyByDump.discardDump);
