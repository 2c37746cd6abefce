import type { Place } from '@berth/domain';
import type { PairFacts } from './pair-facts.sql.js';
import type { ProbeSession } from './probe-session.js';
import type { SessionFacts } from './session-facts.js';

/** One tenant's session, and another tenant that it tries to reach. */
export interface Pair {
  readonly session: ProbeSession;
  readonly own: Place;
  readonly other: Place;
  /** Owners and logins of all tenants that are tried. */
  readonly known: ReadonlySet<string>;
  readonly facts: PairFacts;
  readonly doors: SessionFacts;
}

export function rolesOf(place: Place): readonly string[] {
  return [place.ownerRole, place.loginRoles.a, place.loginRoles.b];
}
