import { secretRefs } from '@berth/domain';
import { decisiveStep, done, forwardStep } from '@berth/saga';
import { refuseLeftovers } from '../steps/refuse-leftovers.js';
import { actorOf, loginsOf, wantedAt, type Tools } from '../tools.js';
import { changeLogins } from './change-logins.js';
import { requirePublished } from './published-login.js';
import type { RotateLogin } from './rotate-login.input.js';

/** Decides: until here the old login works, and publishing it again takes everything back. */
export const forgetOldLogin = decisiveStep<
  RotateLogin,
  Pick<Tools, 'directory' | 'secrets'>,
  { readonly secretVersion: number }
>()({
  name: 'forget-old-login',
  describe: ({ tenantId, place, from }) =>
    `Forget the password of the login ${place.loginRoles[from]} at ${secretRefs.tenantLogins(tenantId)}.`,

  async run(context) {
    const { input, tools, given } = context;
    if (await isForgotten(context)) return done;
    // A secret that somebody set back to the old login must not lead to one that is gone.
    await requirePublished(tools, input, given.secretVersion);
    await changeLogins(context, () => ({ [input.from]: null }));
    return done;
  },

  hasHappened: (context) => isForgotten(context),
});

async function isForgotten({
  input,
  tools,
}: {
  readonly input: RotateLogin;
  readonly tools: Pick<Tools, 'secrets'>;
}): Promise<boolean> {
  const logins = await loginsOf(tools, input.tenantId);
  return logins.active === input.to && logins[input.from] === null;
}

/** First nobody can log in with it, then nobody is logged in, then it is gone: read back from the server. */
export const retireOldLogin = forwardStep<RotateLogin, Pick<Tools, 'database' | 'secrets'>>()({
  name: 'retire-old-login',
  describe: ({ place, from }) =>
    `Close the login ${place.loginRoles[from]} on cluster ${place.clusterId}, end its sessions, drop it, and read back that it is gone.`,

  async run(context) {
    const { input, tools } = context;
    const wanted = await wantedAt(tools, input.place, input.limits, input.logins);
    await tools.database.converge(wanted, actorOf(context));
    const orphans = (await tools.database.inspect(wanted)).filter(({ code }) => code === 'orphan-role');
    refuseLeftovers(orphans.map(({ message }) => message));
    return done;
  },
});
