import { randomUUID } from 'node:crypto';
import type { AttemptOutcome } from '@berth/domain';
import type { IsolationLogin, IsolationPooler, IsolationTarget } from '@berth/ports';
import { quoteIdent, safeMessage, sqlStateOf } from '../connection/index.js';
import { rolesOf } from './pair.js';
import { ProbeSession, through } from './probe-session.js';
import { notTried, reached, refused } from './tries.js';

/** How often the two sessions take turns. */
const turns = 3;

/** A pooler says almost everything by one code; these are no refusals. */
const passing = /no more connections|timeout|shutting down|is paused|disabled|server_login_retry|cannot connect|down/i;

/** One tenant's login at another tenant's door: whoever is let in there is somebody else, or knocks at the wrong server. */
export async function tryAlias(
  from: IsolationLogin,
  { place }: IsolationTarget,
  pooler: IsolationPooler,
): Promise<AttemptOutcome> {
  let session: ProbeSession;
  try {
    session = await ProbeSession.open(through(pooler, from.secret, place.tenantId));
  } catch (error) {
    const answered = sqlStateOf(error) !== undefined;
    if (answered && !passing.test(safeMessage(error))) return refused('alias');
    return notTried('alias', `The alias ${place.tenantId} could not be tried: ${safeMessage(error)}`);
  }
  const { session: login, database } = session.identity;
  await session.close();
  return reached('alias', `The alias ${place.tenantId} lets it in, as ${login} in database ${database}.`);
}

interface Seen {
  readonly marker: string | null;
  readonly path: string;
  readonly login: string;
  readonly role: string;
}

/**
 * Two sessions through one pooler take turns: the other one leaves a mark in its session, and this one looks whether it has become
 * its own, as it would if the two were given one connection to the server. The mark is a setting that nothing reads: a role or a
 * search_path would stay for the other's clients where the pooler does not reset sessions, and would travel as the mark does.
 */
export async function tryInterleaved(
  session: ProbeSession,
  target: IsolationTarget,
  pooler: IsolationPooler,
): Promise<AttemptOutcome> {
  const { login, place } = target;
  // No session of it can be there.
  if (login === null) return refused('session-state');
  let other: ProbeSession;
  try {
    other = await ProbeSession.open(through(pooler, login.secret, place.tenantId));
  } catch (error) {
    return notTried('session-state', `${place.tenantId} could not log in through the pooler: ${safeMessage(error)}`);
  }
  try {
    return await takeTurns(session, other, target);
  } catch (error) {
    return notTried('session-state', `A session ended: ${safeMessage(error)}`);
  } finally {
    await other.setMarker('').catch(() => undefined);
    await other.close();
  }
}

async function takeTurns(
  session: ProbeSession,
  other: ProbeSession,
  { place }: IsolationTarget,
): Promise<AttemptOutcome> {
  for (let turn = 0; turn < turns; turn += 1) {
    const marker = randomUUID();
    await other.setMarker(marker);
    const [seen] = await session.run<Seen>(
      `SELECT current_setting('berth.isolation_marker', true) AS marker, current_setting('search_path') AS path,
        session_user::text AS login, current_user::text AS role`,
    );
    if (seen === undefined) throw new Error('a query of one row gave none');
    if (seen.marker === marker) return reached('session-state', 'It finds a setting of the other session in its own.');
    const stranger = [seen.login, seen.role].find((name) => rolesOf(place).includes(name));
    if (stranger !== undefined) return reached('session-state', `Its session became one of ${quoteIdent(stranger)}.`);
    if (seen.path.split(',').some((part) => part.trim().replaceAll('"', '') === place.schema))
      return reached('session-state', `Its search_path became that of ${place.tenantId}.`);
  }
  return refused('session-state');
}
