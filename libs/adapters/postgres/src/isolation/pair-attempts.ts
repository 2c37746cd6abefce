import type { AttemptOutcome } from '@berth/domain';
import { quoteIdent } from '../connection/index.js';
import { type Pair, rolesOf } from './pair.js';
import { type PairFacts, pairFactsSql } from './pair-facts.sql.js';
import { pairTries } from './pair-tries.js';
import type { ProbeSession } from './probe-session.js';
import { outcomeOf, reached, refused } from './tries.js';

/** Tries everything on one other tenant of the same database. */
export async function tryPair(
  session: ProbeSession,
  around: Omit<Pair, 'session' | 'facts'>,
): Promise<readonly AttemptOutcome[]> {
  const { own, other } = around;
  const [row] = await session.run<{ readonly facts: PairFacts }>(pairFactsSql, [
    other.schema,
    rolesOf(other),
    session.roles,
    own.schema,
  ]);
  if (row === undefined) throw new Error('a query of one row gave none');
  const pair = { session, ...around, facts: row.facts };
  const outcomes: AttemptOutcome[] = [...byCatalog(pair)];
  const decided = new Set(outcomes.map(({ attempt }) => attempt));
  for (const [attempt, tries] of pairTries(pair))
    if (!decided.has(attempt)) outcomes.push(await outcomeOf(session, attempt, tries));
  return outcomes;
}

/** What the catalogs alone tell: these rights are there, and to use them would do harm or takes no attempt. */
function byCatalog({ session, own, other, facts, known }: Pair): readonly AttemptOutcome[] {
  const { session: login, current, database } = session.identity;
  const { members, publicRights, defaultRights, truncate } = facts;
  // Of a stranger whom no tenant knows, every pair has to fear that it is the other one.
  const stranger = [login, current].find(
    (name) => rolesOf(other).includes(name) || !(rolesOf(own).includes(name) || known.has(name)),
  );
  const schema = quoteIdent(other.schema);
  return [
    stranger === undefined
      ? refused('identity')
      : reached('identity', `The login leads to a session as ${stranger} in database ${database}.`),
    members.length === 0
      ? refused('membership')
      : reached('membership', `The login is a member of ${members.join(', ')}.`),
    publicRights.length === 0
      ? refused('public-privileges')
      : reached('public-privileges', `PUBLIC has ${publicRights.join(', ')} on schema ${schema}.`),
    ...(defaultRights.length === 0
      ? []
      : [reached('default-privileges', `What is made in ${schema} later comes with ${defaultRights.join(', ')}.`)]),
    ...(truncate === null
      ? []
      : [reached('delete', `${truncate.role} can truncate ${quoteIdent(truncate.name)} in schema ${schema}.`)]),
  ];
}
