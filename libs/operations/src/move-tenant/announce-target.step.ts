import type { PlaceAddress } from '@berth/domain';
import { done, forwardStep, notYet, step } from '@berth/saga';
import { connectionDocument } from '../steps/publish-secret.js';
import type { Tools } from '../tools.js';
import type { Switching } from './move-tenant.input.js';

/** Clients look each 5 s or so, and open their connections in less than one: twice that, and nobody waits for who is gone. */
const longestMs = 15_000;
const lookMs = 500;

/**
 * Clients open their connections at the new place before they need them; its gate lets none of them write, and a client uses none
 * before the switch. Only those that report themselves can hear it, so only they are waited for: never for long.
 */
export const announceTarget = step<Switching, Pick<Tools, 'announcements' | 'clients' | 'directory' | 'secrets'>>()({
  name: 'announce-target',
  describe: ({ target }) =>
    `Announce cluster ${target.place.clusterId} to the clients that report themselves: they open their connections, for ${String(longestMs / 1000)} s at most.`,

  async run({ input, operationId, tools }) {
    const { tenantId, source, target } = input;
    const [from, to] = [await addressOf(tools, source), await addressOf(tools, target)];
    const agoMs = await tools.announcements.announce({ tenantId, operationId, from, to });
    const clients = await tools.clients.live(tenantId);
    const missing = clients.filter(({ readyFor }) => readyFor !== target.generation);
    if (missing.length === 0 || agoMs >= longestMs)
      return { done: { clientsReady: clients.length - missing.length, clientsNotReady: missing.length } };
    return notYet(
      Math.min(lookMs, longestMs - agoMs),
      `${String(missing.length)} of ${String(clients.length)} clients have not opened their connections at the new place.`,
    );
  },

  async undo({ input, operationId, tools }) {
    await tools.announcements.withdraw(input.tenantId, operationId);
    return done;
  },
});

/** The switch has made it moot; its row goes. */
export const endAnnouncement = forwardStep<Switching, Pick<Tools, 'announcements'>>()({
  name: 'end-announcement',
  describe: () => 'Announce the new place no more: it is the present one.',
  async run({ input, operationId, tools }) {
    await tools.announcements.withdraw(input.tenantId, operationId);
    return done;
  },
});

/** What a client reads of the place in its secret, but for the password. */
async function addressOf(
  tools: Pick<Tools, 'directory' | 'secrets'>,
  { place, generation }: Switching['target'],
): Promise<PlaceAddress> {
  const { password: _password, url: _url, ...address } = await connectionDocument(tools, place, generation);
  return address;
}
