import type { LoginSlot } from '@berth/domain';
import { notYet, type NotYet } from '@berth/saga';
import type { Tools } from '../tools.js';
import type { RotateLogin } from './rotate-login.input.js';

type UserTools = Pick<Tools, 'clients' | 'database'>;

const shownAtMost = 5;

/** Who is seen with a login, as words for people: clients by their own reports, sessions by the server. */
export async function usersOf(
  { clients, database }: UserTools,
  { place, tenantId }: Pick<RotateLogin, 'place' | 'tenantId'>,
  slot: LoginSlot,
): Promise<readonly string[]> {
  const reports = (await clients.live(tenantId)).filter(({ username }) => username === place.loginRoles[slot]);
  const sessions = (await database.sessions(place)).filter((session) => session.slot === slot);
  return [
    ...reports.map(({ client }) => `client ${client}`),
    ...sessions.map(
      ({ application, sessions: count }) =>
        `${String(count)} session${count === 1 ? '' : 's'} of ${application === '' ? 'an unnamed application' : JSON.stringify(application)}`,
    ),
  ];
}

/**
 * Waits until nobody is seen with the login any more, or its grace has ended. A client that connects only now and then is seen
 * neither in a session nor in a report: so the login is kept until a new secret has had the time to reach everybody.
 */
export async function waitUntilUnused(
  tools: UserTools,
  input: RotateLogin,
  slot: LoginSlot,
  since: Date,
): Promise<
  NotYet | { readonly done: { readonly clients: 'moved' | 'grace-ended'; readonly left: readonly string[] } }
> {
  const left = await usersOf(tools, input, slot);
  const now = Date.now();
  const graceEnds = since.getTime() + input.graceMs;
  const settled = Math.min(graceEnds, since.getTime() + input.settleMs);
  if (now >= graceEnds) return { done: { clients: left.length === 0 ? 'moved' : 'grace-ended', left } };
  if (left.length === 0 && now >= settled) return { done: { clients: 'moved', left } };
  const login = input.place.loginRoles[slot];
  const because =
    left.length > 0
      ? `Still with the login ${login}: ${summary(left)}. It is kept for them until ${clock(graceEnds)}.`
      : `Nobody is seen with the login ${login}. It is kept until ${clock(settled)} for clients that connect seldom.`;
  return notYet(pauseMs(now, since.getTime(), left.length > 0 ? graceEnds : settled), because);
}

/** Quick at first, when most clients move; later ever slower, 15 s at most, and never past the end. */
function pauseMs(now: number, since: number, end: number): number {
  return Math.min(Math.max(500, (now - since) / 10), 15_000, Math.max(1, end - now));
}

function summary(left: readonly string[]): string {
  const more = left.length - shownAtMost;
  return [...left.slice(0, shownAtMost), ...(more > 0 ? [`${String(more)} more`] : [])].join(', ');
}

function clock(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
