import { attemptsBy, type AttemptName, type AttemptOutcome, type TenantId } from '@berth/domain';
import { IsolationProber, type IsolationLogin, type IsolationPooler, type IsolationTarget } from '@berth/ports';
import { type ClusterConnections, safeMessage } from '../connection/index.js';
import { readRoom, type ServerRoom } from './connection-room.js';
import { tryDatabases } from './other-databases.js';
import { rolesOf } from './pair.js';
import { tryPair } from './pair-attempts.js';
import { tryAlias, tryInterleaved } from './pooler-attempts.js';
import { directly, ProbeSession, through } from './probe-session.js';
import { readSessionFacts, type SessionFacts } from './session-facts.js';
import { tryServer } from './tenant-attempts.js';
import { notTried } from './tries.js';

type Options = Parameters<IsolationProber['tryAll']>[2];
type Outcomes = ReadonlyMap<TenantId, readonly AttemptOutcome[]>;

interface Round {
  readonly from: IsolationLogin;
  readonly targets: readonly IsolationTarget[];
  readonly pooler: IsolationPooler | null;
  /** By performance.now(). */
  readonly until: number;
  readonly signal: AbortSignal;
  readonly room: ServerRoom;
}

/** By sessions of the tenants themselves, one at a time. */
export class PostgresIsolationProber extends IsolationProber {
  constructor(private readonly connections: Pick<ClusterConnections, 'withClient'>) {
    super();
  }

  async tryAll(from: IsolationLogin, targets: readonly IsolationTarget[], options: Options): Promise<Outcomes> {
    const { pooler, forMs, signal } = options;
    const until = performance.now() + forMs;
    signal.throwIfAborted();
    const { clusterId, database } = from.place;
    try {
      // The admin's session stays: it is one whose statements no tenant may see.
      return await this.connections.withClient(clusterId, database, async (admin) => {
        const room = await readRoom(admin, from.secret.username);
        return await round({ from, targets, pooler, until, signal, room });
      });
    } catch (error) {
      signal.throwIfAborted();
      return noneOf(targets, pooler, `The cluster could not be asked: ${safeMessage(error)}`);
    }
  }
}

async function round(of: Round): Promise<Outcomes> {
  const { from, targets, pooler, room } = of;
  if (room.noRoom !== null) return noneOf(targets, pooler, room.noRoom);
  const elsewhere = pooler === null ? [await tryDatabases(from.secret, room.databases)] : [];
  let session: ProbeSession;
  try {
    const { secret, place } = from;
    session = await ProbeSession.open(pooler === null ? directly(secret) : through(pooler, secret, place.tenantId));
  } catch (error) {
    return noneOf(targets, pooler, `It could not log in: ${safeMessage(error)}`, elsewhere);
  }
  try {
    const doors = await readSessionFacts(session);
    const common = [...elsewhere, ...(await tryServer(session, room.admin))];
    return await eachTarget(of, session, { common, doors });
  } catch (error) {
    of.signal.throwIfAborted();
    return noneOf(targets, pooler, `Its session ended: ${safeMessage(error)}`, elsewhere);
  } finally {
    await session.close();
  }
}

async function eachTarget(
  { from, targets, pooler, until, signal }: Round,
  session: ProbeSession,
  { common, doors }: { readonly common: readonly AttemptOutcome[]; readonly doors: SessionFacts },
): Promise<Outcomes> {
  const known = new Set(targets.flatMap(({ place }) => rolesOf(place)));
  const outcomes = new Map<TenantId, readonly AttemptOutcome[]>();
  for (const target of targets) {
    signal.throwIfAborted();
    const { place } = target;
    if (performance.now() >= until) {
      outcomes.set(place.tenantId, [...common, ...rest(pooler, common, 'It took too long; its time was over.')]);
      continue;
    }
    if (place.database !== from.place.database) {
      const because = `It is in the database ${place.database}, where no session of the other one is.`;
      outcomes.set(place.tenantId, [...common, ...rest(pooler, common, because)]);
      continue;
    }
    try {
      const pair = await tryPair(session, { own: from.place, other: place, known, doors });
      const pooled =
        pooler === null ? [] : [await tryAlias(from, target, pooler), await tryInterleaved(session, target, pooler)];
      outcomes.set(place.tenantId, [...common, ...pair, ...pooled]);
    } catch (error) {
      const left = rest(pooler, common, `The attempts broke off: ${safeMessage(error)}`);
      outcomes.set(place.tenantId, [...common, ...left]);
    }
  }
  return outcomes;
}

function rest(
  pooler: IsolationPooler | null,
  done: readonly AttemptOutcome[],
  because: string,
): readonly AttemptOutcome[] {
  const tried = new Set<AttemptName>(done.map(({ attempt }) => attempt));
  // Which pooler does not matter to which attempts there are.
  return attemptsBy(pooler === null ? null : 'pooler')
    .filter((attempt) => !tried.has(attempt))
    .map((attempt) => notTried(attempt, because));
}

function noneOf(
  targets: readonly IsolationTarget[],
  pooler: IsolationPooler | null,
  because: string,
  done: readonly AttemptOutcome[] = [],
): Outcomes {
  const outcomes = [...done, ...rest(pooler, done, because)];
  return new Map(targets.map(({ place }) => [place.tenantId, outcomes]));
}
