import { secretRefs, type LoginSlot } from '@berth/domain';
import { done, step, type UndoContext } from '@berth/saga';
import { loginsOf, type Tools } from '../tools.js';
import { changeLogins } from './change-logins.js';
import { ownVersion, refuseOther } from './own-version.js';
import { publishLogin, requirePublished } from './published-login.js';
import type { RotateLogin } from './rotate-login.input.js';

type SwitchTools = Pick<Tools, 'directory' | 'secrets'>;

/** Both logins work, before and after: whoever reads the secret again changes over, whoever does not works on. */
export const switchLogin = step<RotateLogin, SwitchTools, { readonly secretBefore: number }>()({
  name: 'switch-login',
  describe: ({ tenantId, place, to }) =>
    `Write the login ${place.loginRoles[to]} to ${secretRefs.tenantDb(tenantId)} by check-and-set.`,

  async run(context) {
    const { input, operationId, tools, given } = context;
    const ref = secretRefs.tenantDb(input.tenantId);
    if ((await ownVersion(tools.secrets, ref, operationId)) === 0) {
      const expectedVersion = given.secretBefore;
      refuseOther(ref, expectedVersion, await tools.secrets.newestVersion(ref));
      await activate(context, input.to);
      await publishLogin(tools, input, input.to, { operationId, expectedVersion });
    }
    const own = await ownVersion(tools.secrets, ref, operationId);
    const { version, createdAt } = await requirePublished(tools, input, own);
    return { done: { secretVersion: version, switchedAt: createdAt.toISOString() } };
  },

  async undo(context) {
    const { input, operationId, tools } = context;
    const ref = secretRefs.tenantDb(input.tenantId);
    const present = await tools.secrets.read(ref);
    if (present?.document.username === input.place.loginRoles[input.to]) {
      await requirePublished(tools, input, await ownVersion(tools.secrets, ref, operationId));
      await publishLogin(tools, input, input.from, { operationId, expectedVersion: present.version });
    }
    await activate(context, input.from);
    return done;
  },
});

/** Convergent: a slot that is active already is left as it is, with the time since when. */
async function activate(context: UndoContext<RotateLogin, SwitchTools>, slot: LoginSlot): Promise<void> {
  const { input, tools } = context;
  const logins = await loginsOf(tools, input.tenantId);
  if (logins.active === slot) return;
  const credentials = logins[slot];
  const since =
    slot === input.to && credentials !== null
      ? { [slot]: { ...credentials, activeSince: new Date().toISOString() } }
      : {};
  await changeLogins(context, () => ({ active: slot, ...since }));
}
