import { saga } from '@berth/saga';
import { verifyTenant } from '../steps/verify-tenant.step.js';
import { admitNewLogin, dismissOldLogin } from './admit-login.steps.js';
import { awaitClients } from './await-clients.step.js';
import { createLogin } from './create-login.step.js';
import { forgetOldLogin, retireOldLogin } from './end-old-login.steps.js';
import type { RotateLogin } from './rotate-login.input.js';
import { stageLogin } from './stage-login.step.js';
import { switchLogin } from './switch-login.step.js';

/** A tenant whose logins are closed has no alias. */
const hasAlias = ({ routed, logins }: RotateLogin) => routed && logins === 'open';

/** Both logins live from `create-login` to `retire-old-login`, each with the plan's own limit of connections. */
export const rotateLogin = saga<RotateLogin>('rotate-login', 1)
  .step(stageLogin)
  .stepWhen(hasAlias, admitNewLogin)
  .step(createLogin)
  .step(verifyTenant)
  .step(switchLogin)
  // Nobody can be logged in where logins are closed.
  .stepWhen((input) => input.logins === 'open', awaitClients)
  .pointOfNoReturn(forgetOldLogin)
  .stepWhen(hasAlias, dismissOldLogin)
  .step(retireOldLogin);
