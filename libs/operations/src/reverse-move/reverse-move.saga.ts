import { saga } from '@berth/saga';
import { announceTarget, endAnnouncement } from '../move-tenant/announce-target.step.js';
import { prepareFence } from '../move-tenant/fence-source.steps.js';
import { carrySequences, closeSource, recordPlanAfter, switchSecret } from '../move-tenant/finish-switch.steps.js';
import { switchOnline } from '../move-tenant/switch-online.steps.js';
import { isRouted, readyRoute, routeTenantTo } from '../routing/route-tenant.steps.js';
import { returning } from './return.steps.js';
import type { ReverseMove } from './reverse-move.input.js';

const readyAlias = readyRoute<ReverseMove>(({ source, limitsBefore }) => ({
  place: source.place,
  limits: limitsBefore,
}));
const routeTarget = routeTenantTo<ReverseMove>(({ target, limits }) => ({ place: target.place, limits }));

/** The switch of an online move once more, with the ends exchanged: over the stream that kept the old place fresh, every later write comes along. */
export const reverseMove = saga<ReverseMove>('reverse-move', 1)
  .step(returning.beginReverse)
  .step(returning.readyOldPlace)
  .step(prepareFence)
  .step(returning.tradeFence)
  .step(returning.verifyLive)
  .step(switchOnline.admitTarget)
  .step(announceTarget)
  .stepWhen(isRouted, readyAlias)
  .pointOfNoReturn(switchOnline.switchOver)
  .step(switchOnline.openGate)
  .step(returning.returnPlacement)
  .stepWhen(isRouted, routeTarget)
  .step(switchSecret)
  .step(closeSource)
  .step(endAnnouncement)
  .step(carrySequences('open'))
  .step(switchOnline.turnStreams)
  .step(switchOnline.removeGate)
  .step(returning.forgetDeparture)
  .step(switchOnline.refreshViews)
  .stepWhen((input) => input.planAfter !== null, recordPlanAfter)
  .step(switchOnline.verifyAfter);
