import { randomUUID } from 'node:crypto';
import {
  asBerthError,
  attemptsBy,
  type AttemptOutcome,
  type Cluster,
  countAttempts,
  type IsolationProof,
  type IsolationReport,
  isolationRow,
  type IsolationRow,
  isolationVerdict,
  type Place,
  secretRefs,
  type TenantId,
} from '@berth/domain';
import type {
  ClusterCatalog,
  IsolationLogin,
  IsolationPooler,
  IsolationProber,
  IsolationProofs,
  IsolationTarget,
  PlacementCatalog,
  PoolerCatalog,
  SecretStore,
  TenantCatalog,
} from '@berth/ports';
import { accessTo } from '../routing/poolers.js';
import { carryOver, reachedPairs } from './carry-over.js';
import { choosePairs } from './choose-pairs.js';

export interface IsolationProverPorts {
  readonly proofs: IsolationProofs;
  readonly prober: IsolationProber;
  readonly tenants: TenantCatalog;
  readonly placements: PlacementCatalog;
  readonly clusters: ClusterCatalog;
  readonly poolers: PoolerCatalog;
  readonly secrets: SecretStore;
  readonly now: () => Date;
}

/** In ms. How long one tenant may go on to further ones, by one way. */
const tenantMs = 60_000;

/**
 * In ms. A worker that dies in a proof keeps it from the others for so long; renewed tenant by tenant, whose last pair may take three
 * minutes where every statement is ended by its timeout.
 */
const claimMs = 300_000;

/** In ms. What is left then is not tried, and says so. */
const longestMs = 1_800_000;

/** One way to a cluster's tenants: directly, or by a pooler; `fault`: it cannot be gone now. */
interface Way {
  readonly id: string | null;
  readonly pooler: IsolationPooler | null;
  readonly fault: string | null;
}

/** A tenant on the cluster; `login` is the reason where it has none that can be tried. */
interface Inhabitant {
  readonly place: Place;
  /** False: an old place that is kept; it is tried to be reached and tries nothing. */
  readonly tries: boolean;
  readonly login: IsolationLogin | string;
}

/** Proves clusters isolated, or not. A proof keeps nothing in memory that matters: if its worker dies, another one begins it anew. */
export class IsolationProver {
  constructor(
    private readonly ports: IsolationProverPorts,
    /** How old the newest proof of a shared cluster may become, in ms; 0: only who asks gets one. */
    private readonly everyMs: number,
  ) {}

  /** Asks for proofs of the shared clusters that have tenants to be kept apart, and whose last proof is old. */
  async requestDue(): Promise<void> {
    if (this.everyMs === 0) return;
    const { clusters, proofs, now } = this.ports;
    const counts = await clusters.tenantCounts();
    for (const { id, tier, state } of await clusters.list()) {
      if (tier !== 'shared' || state === 'retired' || (counts[id] ?? 0) < 2) continue;
      const askedAt = await proofs.lastAskedAt(id);
      if (askedAt !== null && now().getTime() - askedAt.getTime() < this.everyMs) continue;
      await proofs.request({ id: randomUUID(), clusterId: id, requestedBy: 'schedule' });
    }
  }

  /** Works on what was asked for until nothing is left. An abort lets go of it at once, for another worker. */
  async work(signal: AbortSignal): Promise<void> {
    const { proofs } = this.ports;
    while (!signal.aborted) {
      const proof = await proofs.claim(claimMs);
      if (proof === null) return;
      try {
        const report = await this.#prove(proof, signal);
        await proofs.end(proof.id, isolationVerdict(report), report);
      } catch (error) {
        if (!signal.aborted) throw error;
        await proofs.renew(proof.id, 0);
      }
    }
  }

  async #prove({ id, clusterId }: IsolationProof, signal: AbortSignal): Promise<IsolationReport> {
    const { proofs, clusters } = this.ports;
    const until = performance.now() + longestMs;
    const cluster = await clusters.get(clusterId);
    const here = cluster === null ? [] : await this.#inhabitantsOf(cluster);
    const before = (await proofs.lastEndedOf(clusterId))?.report ?? null;
    const chosen = choosePairs(here.filter(({ tries }) => tries).map(idOf), here.map(idOf), {
      seed: id,
      must: reachedPairs(before),
    });
    const ways = await this.#ways();
    const tried: IsolationRow[] = [];
    for (const way of ways) {
      for (const [from, to] of chosen.targets) {
        if (to.length === 0) continue;
        await proofs.renew(id, claimMs);
        const late = performance.now() > until ? 'The proof took too long; its time was over.' : null;
        tried.push(...(await this.#try(here, { from, to, way, fault: way.fault ?? late, signal })));
      }
    }
    const rows = carryOver(tried, before);
    const poolers = ways.flatMap((way) => (way.id === null ? [] : [way.id]));
    const { pairs, allPairs, sample } = chosen;
    return { tenants: here.length, pairs, allPairs, sample, poolers, counts: countAttempts(rows, poolers), rows };
  }

  async #try(
    here: readonly Inhabitant[],
    {
      from,
      to,
      way,
      fault,
      signal,
    }: {
      readonly from: TenantId;
      readonly to: readonly TenantId[];
      readonly way: Way;
      readonly fault: string | null;
      readonly signal: AbortSignal;
    },
  ): Promise<readonly IsolationRow[]> {
    const of = (tenantId: TenantId) => here.find(({ place }) => place.tenantId === tenantId);
    const login = of(from)?.login ?? 'It is gone.';
    const keptFrom = fault ?? login;
    if (typeof keptFrom === 'string')
      return to.map((one) => isolationRow({ from, to: one, pooler: way.id }, notTried(way.id, keptFrom)));
    const targets = to.flatMap((one) => targetOf(of(one)));
    const seen = await this.ports.prober.tryAll(keptFrom, targets, { pooler: way.pooler, forMs: tenantMs, signal });
    return to.map((one) => isolationRow({ from, to: one, pooler: way.id }, seen.get(one) ?? []));
  }

  async #inhabitantsOf(cluster: Cluster): Promise<readonly Inhabitant[]> {
    const { placements } = this.ports;
    const kept = (await placements.onCluster(cluster.id)).filter(
      ({ state }) => state === 'current' || state === 'previous',
    );
    const inhabitants: Inhabitant[] = [];
    for (const { state, generation, ...place } of kept.sort((one, other) => (one.tenantId < other.tenantId ? -1 : 1))) {
      const tries = state === 'current';
      const login = tries
        ? await this.#loginOf(cluster, place, generation)
        : 'It is an old place, closed since its move.';
      inhabitants.push({ place, tries, login });
    }
    return inhabitants;
  }

  /** The credentials that the tenant's clients read, or why they lead nowhere. */
  async #loginOf(cluster: Cluster, place: Place, generation: number): Promise<IsolationLogin | string> {
    const { tenants, secrets } = this.ports;
    const { tenantId } = place;
    const tenant = await tenants.get(tenantId);
    if (tenant?.state !== 'ready') return `${tenantId} is ${tenant?.state ?? 'gone'}: its logins are closed.`;
    try {
      const stored = await secrets.read(secretRefs.tenantDb(tenantId));
      if (stored === null) return `The secret of ${tenantId} is missing.`;
      const secret = stored.document;
      const leadsHere =
        secret.generation === generation && secret.host === cluster.host && secret.port === cluster.port;
      return leadsHere ? { place, secret } : `The secret of ${tenantId} names another address than ${cluster.id}.`;
    } catch (error) {
      return `The secret of ${tenantId} could not be read: ${asBerthError(error).message}`;
    }
  }

  async #ways(): Promise<readonly Way[]> {
    const poolers = await this.ports.poolers.list();
    const ways = poolers.map(async (pooler): Promise<Way> => {
      try {
        const { host, port, sslMode, ca } = await accessTo(this.ports, pooler);
        return { id: pooler.id, pooler: { host, port, sslMode, ...(ca !== undefined && { ca }) }, fault: null };
      } catch (error) {
        return { id: pooler.id, pooler: null, fault: asBerthError(error).message };
      }
    });
    return [{ id: null, pooler: null, fault: null }, ...(await Promise.all(ways))];
  }
}

function idOf({ place }: Inhabitant): TenantId {
  return place.tenantId;
}

function targetOf(inhabitant: Inhabitant | undefined): readonly IsolationTarget[] {
  if (inhabitant === undefined) return [];
  const { place, login } = inhabitant;
  return [{ place, login: typeof login === 'string' ? null : login }];
}

function notTried(pooler: string | null, because: string): readonly AttemptOutcome[] {
  return attemptsBy(pooler).map((attempt) => ({ attempt, verdict: 'not-tried', because }));
}
