import type { TenantId } from './names.js';

/**
 * `pair`: tried anew on every other tenant. `tenant`: about the whole server, tried once a tenant and counted for each of its pairs,
 * since what it opens, it opens to all of them.
 */
type AttemptScope = 'pair' | 'tenant';

interface AttemptKind {
  readonly scope: AttemptScope;
  readonly ways: 'both' | 'direct' | 'pooler';
  /** What one tenant tries on another, after "tries to". */
  readonly what: string;
}

/** All that one tenant's login tries on another tenant, in the order in which it is shown. */
export const attemptKinds = {
  identity: { scope: 'pair', ways: 'both', what: 'be somebody else as soon as it has logged in' },
  'qualified-name': { scope: 'pair', ways: 'both', what: 'look a name up in the other schema' },
  'search-path': { scope: 'pair', ways: 'both', what: 'set search_path to the other schema and read there' },
  select: { scope: 'pair', ways: 'both', what: 'read a row of a table or view by its qualified name' },
  insert: { scope: 'pair', ways: 'both', what: 'insert a row' },
  update: { scope: 'pair', ways: 'both', what: 'update rows' },
  delete: { scope: 'pair', ways: 'both', what: 'delete rows, or truncate' },
  create: { scope: 'pair', ways: 'both', what: 'create a table in a schema that the other searches' },
  alter: { scope: 'pair', ways: 'both', what: 'change what the other owns' },
  sequence: { scope: 'pair', ways: 'both', what: 'read or advance a sequence' },
  function: { scope: 'pair', ways: 'both', what: 'call a function of the other schema' },
  'security-definer': {
    scope: 'pair',
    ways: 'both',
    what: 'call a function that runs with rights on the other schema',
  },
  'large-object': { scope: 'pair', ways: 'both', what: 'read a large object' },
  statistics: { scope: 'pair', ways: 'both', what: 'read values or statements that the server keeps as statistics' },
  'set-role': { scope: 'pair', ways: 'both', what: 'SET ROLE to the owner or a login' },
  'session-authorization': { scope: 'pair', ways: 'both', what: 'SET SESSION AUTHORIZATION to the owner or a login' },
  membership: { scope: 'pair', ways: 'both', what: 'be a member of the owner or a login' },
  'grant-role': { scope: 'pair', ways: 'both', what: "grant itself the other's owner" },
  'default-privileges': {
    scope: 'pair',
    ways: 'both',
    what: 'hold rights on, or grant itself, what the other makes later',
  },
  'public-privileges': { scope: 'pair', ways: 'both', what: 'enter the schema by a right of PUBLIC' },
  'foreign-server': { scope: 'pair', ways: 'both', what: 'come back by postgres_fdw or dblink as somebody else' },
  'service-role': { scope: 'tenant', ways: 'both', what: "become the product's service role or Berth's admin" },
  powers: { scope: 'tenant', ways: 'both', what: 'be a superuser, make roles, replicate or pass row-level security' },
  'predefined-roles': { scope: 'tenant', ways: 'both', what: 'be a member of a predefined role that reaches over all' },
  activity: { scope: 'tenant', ways: 'both', what: "read other sessions' statements" },
  passwords: { scope: 'tenant', ways: 'both', what: 'read password verifiers and passwords of foreign servers' },
  'server-files': { scope: 'tenant', ways: 'both', what: 'read, write or list files of the server' },
  'server-program': { scope: 'tenant', ways: 'both', what: 'run a program on the server' },
  'temporary-schema': { scope: 'tenant', ways: 'both', what: "enter another session's temporary schema" },
  'other-database': { scope: 'tenant', ways: 'direct', what: 'read a table in another database of the server' },
  alias: { scope: 'pair', ways: 'pooler', what: "pass through the other's alias with its own login" },
  'session-state': { scope: 'pair', ways: 'pooler', what: 'find what the other has set in its session' },
} as const satisfies Record<string, AttemptKind>;

export type AttemptName = keyof typeof attemptKinds;
export const attemptNames = Object.keys(attemptKinds) as readonly AttemptName[];

/** What is tried directly (`pooler` null), or through a pooler. */
export function attemptsBy(pooler: string | null): readonly AttemptName[] {
  const other = pooler === null ? 'pooler' : 'direct';
  return attemptNames.filter((name) => attemptKinds[name].ways !== other);
}

/** `refused` by the server itself; `reached`: isolation is broken; `not-tried` is never counted as refused. */
export const attemptVerdicts = ['refused', 'reached', 'not-tried'] as const;
export type AttemptVerdict = (typeof attemptVerdicts)[number];

/** What came of one attempt. Holds neither values of a tenant nor a secret. */
export interface AttemptOutcome {
  readonly attempt: AttemptName;
  readonly verdict: AttemptVerdict;
  /** How it was reached, or why it was not tried; null when it was refused. */
  readonly because: string | null;
}

/** All attempts of one tenant on another by one way. What is not among `others` was tried and refused. */
export interface IsolationRow {
  readonly from: TenantId;
  readonly to: TenantId;
  /** Id of the pooler; null: directly. */
  readonly pooler: string | null;
  readonly refused: number;
  readonly others: readonly AttemptOutcome[];
}

/** How often one attempt had which end. */
export interface AttemptCount {
  readonly attempt: AttemptName;
  readonly pooler: string | null;
  readonly refused: number;
  readonly reached: number;
  readonly notTried: number;
}

export interface IsolationReport {
  readonly tenants: number;
  /** Ordered pairs that were chosen, of all that there are. */
  readonly pairs: number;
  readonly allPairs: number;
  /** How the pairs were chosen; null: all of them. */
  readonly sample: string | null;
  readonly poolers: readonly string[];
  readonly counts: readonly AttemptCount[];
  readonly rows: readonly IsolationRow[];
}

/**
 * `isolated`: everything was tried and refused; `broken`: something was reached; `incomplete`: nothing was reached and something
 * was not tried; `no-pairs`: fewer than two tenants.
 */
export const isolationVerdicts = ['isolated', 'broken', 'incomplete', 'no-pairs'] as const;
export type IsolationVerdict = (typeof isolationVerdicts)[number];

/** `waiting` for a worker, `running`, `ended`: from then on it never changes. */
export const isolationProofStates = ['waiting', 'running', 'ended'] as const;
export type IsolationProofState = (typeof isolationProofStates)[number];

/** One proof of a cluster. */
export interface IsolationProof {
  readonly id: string;
  readonly clusterId: string;
  readonly state: IsolationProofState;
  /** Null until it has ended. */
  readonly verdict: IsolationVerdict | null;
  readonly report: IsolationReport | null;
  readonly requestedBy: string;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
}

/** A row from what was seen; an attempt of which nothing was seen was not tried. */
export function isolationRow(
  between: Pick<IsolationRow, 'from' | 'to' | 'pooler'>,
  outcomes: readonly AttemptOutcome[],
): IsolationRow {
  const seen = new Map(outcomes.map((outcome) => [outcome.attempt, outcome]));
  const all = attemptsBy(between.pooler).map(
    (attempt) => seen.get(attempt) ?? { attempt, verdict: 'not-tried' as const, because: 'It was left out.' },
  );
  const others = all.filter(({ verdict }) => verdict !== 'refused');
  return { ...between, refused: all.length - others.length, others };
}

export function countAttempts(rows: readonly IsolationRow[], poolers: readonly string[]): readonly AttemptCount[] {
  return [null, ...poolers].flatMap((pooler) => {
    const own = rows.filter((row) => row.pooler === pooler);
    const outcomes = own.flatMap(({ others }) => others);
    return attemptsBy(pooler).map((attempt) => {
      const of = (verdict: AttemptVerdict) =>
        outcomes.filter((one) => one.attempt === attempt && one.verdict === verdict).length;
      const [reached, notTried] = [of('reached'), of('not-tried')];
      return { attempt, pooler, refused: own.length - reached - notTried, reached, notTried };
    });
  });
}

export function isolationVerdict({ pairs, counts }: Pick<IsolationReport, 'pairs' | 'counts'>): IsolationVerdict {
  if (counts.some(({ reached }) => reached > 0)) return 'broken';
  if (pairs === 0) return 'no-pairs';
  return counts.some(({ notTried }) => notTried > 0) ? 'incomplete' : 'isolated';
}
