import { step } from '@berth/saga';
import type { Tools } from '../tools.js';
import { waitUntilUnused } from './login-users.js';
import { requirePublished } from './published-login.js';
import type { RotateLogin } from './rotate-login.input.js';

interface Switched {
  readonly secretVersion: number;
  readonly switchedAt: string;
}

type WaitTools = Pick<Tools, 'clients' | 'database' | 'directory' | 'secrets'>;

/** Looks first whether the secret, by which clients move, still leads to the new login. */
export const awaitClients = step<RotateLogin, WaitTools, Switched>()({
  name: 'await-clients',
  describe: ({ place, from, graceMs, settleMs }) =>
    `Wait until nobody uses the login ${place.loginRoles[from]}: ${String(settleMs / 1000)} s at least, ${String(graceMs / 1000)} s at most.`,

  async run({ input, tools, given }) {
    await requirePublished(tools, input, given.secretVersion);
    return await waitUntilUnused(tools, input, input.from, new Date(given.switchedAt));
  },

  nothingToUndo: 'it only waits',
});
