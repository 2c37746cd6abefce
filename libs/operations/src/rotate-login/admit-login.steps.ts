import { done, forwardStep, step } from '@berth/saga';
import type { RoutingTools } from '../routing/poolers.js';
import { bringAlias } from '../routing/route-tenant.steps.js';
import type { RotateLogin } from './rotate-login.input.js';

/**
 * Before anybody learns of the new login: whoever reads it from the secret is let through at once. Its undo comes after that of
 * `create-login`, which waits for those who moved to it already.
 */
export const admitNewLogin = step<RotateLogin, RoutingTools>()({
  name: 'admit-new-login',
  describe: ({ tenantId, place, to }) =>
    `Let the login ${place.loginRoles[to]} pass through the alias ${tenantId} of every pooler, beside the present one.`,
  run: async (context) => ({ done: await bringAlias(context, context.input) }),
  async undo(context) {
    await bringAlias(context, { ...context.input, without: context.input.to });
    return done;
  },
});

/** The old login is forgotten: nothing names it any more but the poolers. */
export const dismissOldLogin = forwardStep<RotateLogin, RoutingTools>()({
  name: 'dismiss-old-login',
  describe: ({ tenantId, place, from }) =>
    `Let the login ${place.loginRoles[from]} no longer pass through the alias ${tenantId} of any pooler.`,
  run: async (context) => ({ done: await bringAlias(context, context.input) }),
});
