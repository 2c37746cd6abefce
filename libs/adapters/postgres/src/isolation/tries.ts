import type { AttemptName, AttemptOutcome } from '@berth/domain';
import { safeMessage, sqlStateOf } from '../connection/index.js';
import type { ProbeSession } from './probe-session.js';

/** One statement that should be refused. */
export interface Try {
  /** Runs first, in the same transaction; refused is refused here too. */
  readonly before?: string;
  readonly sql: string;
  readonly values?: readonly unknown[];
  /** Of the session's roles; none: as its login gives it. */
  readonly role?: string;
  /** For what may run a view of others: whatever that calls can write nothing. */
  readonly readOnly?: boolean;
  /** What it would mean if it went through, for example `read "tenant_b"."note"`. */
  readonly means: string;
  /** True: to run is allowed, rows are what must not come. Their column `what`, where there is one, is told. */
  readonly byRows?: boolean;
  /** Errors that come only after the right was checked, by SQLSTATE. */
  readonly reachedBy?: readonly string[];
  /** Errors besides 42501 by which the server refuses, or by which there is nothing to be reached. */
  readonly refusedBy?: readonly string[];
}

export const sqlStates = {
  forbidden: '42501',
  noTable: '42P01',
  noSchema: '3F000',
  noObject: '42704',
  noFunction: '42883',
  noFile: '58P01',
  noRole: '22023',
  notUpdatable: '55000',
  wrongKind: '42809',
  readOnly: '25006',
} as const;

export function refused(attempt: AttemptName): AttemptOutcome {
  return { attempt, verdict: 'refused', because: null };
}

export function reached(attempt: AttemptName, because: string): AttemptOutcome {
  return { attempt, verdict: 'reached', because };
}

export function notTried(attempt: AttemptName, because: string): AttemptOutcome {
  return { attempt, verdict: 'not-tried', because };
}

/** Reached by any of them is reached; refused is what every one of them was. */
export async function outcomeOf(
  session: ProbeSession,
  attempt: AttemptName,
  tries: readonly Try[],
): Promise<AttemptOutcome> {
  let open: AttemptOutcome | null = null;
  for (const one of tries) {
    const outcome = await outcomeOfOne(session, attempt, one);
    if (outcome.verdict === 'reached') return outcome;
    if (outcome.verdict === 'not-tried') open ??= outcome;
  }
  return open ?? refused(attempt);
}

async function outcomeOfOne(session: ProbeSession, attempt: AttemptName, one: Try): Promise<AttemptOutcome> {
  const role = one.role ?? session.identity.current;
  try {
    const rows = await session.run<{ readonly what?: unknown }>(one.sql, one.values, one);
    if (one.byRows === true && rows.length === 0) return refused(attempt);
    const told = rows.flatMap(({ what }) => (typeof what === 'string' ? [what] : [])).slice(0, 5);
    return reached(attempt, `${role} can ${one.means}${told.length === 0 ? '' : `: ${told.join(', ')}`}.`);
  } catch (error) {
    const state = sqlStateOf(error);
    if (state === undefined) return notTried(attempt, `The session ended: ${safeMessage(error)}`);
    if (one.reachedBy?.includes(state) === true) return reached(attempt, `${role} can ${one.means}.`);
    if (state === sqlStates.forbidden || one.refusedBy?.includes(state) === true) return refused(attempt);
    return notTried(attempt, `PostgreSQL answered: ${safeMessage(error)} (${state})`);
  }
}
