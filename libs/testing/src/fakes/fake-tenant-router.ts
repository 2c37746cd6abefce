import {
  BerthError,
  type Finding,
  type PoolerAccess,
  type RouteDrift,
  type RoutePlace,
  type TenantId,
  type TenantRoute,
} from '@berth/domain';
import { TenantRouter, type HeldRoute, type RouteChange } from '@berth/ports';

/** A pooler in memory. */
export class FakePooler {
  /** False: nothing answers at its console, though it may have clients. */
  answers = true;
  /** False: there is no such process. */
  runs = true;
  /** False: its files cannot be written. */
  writable = true;
  findings: readonly Finding[] = [];
  /** What the files say; null: they are lost. */
  files: Map<TenantId, TenantRoute> | null = new Map();
  /** What the running pooler knows. */
  readonly running = new Map<TenantId, TenantRoute>();
  readonly held = new Set<TenantId>();
  /** Clients are inside a transaction: a hold finds them busy. */
  readonly inside = new Set<TenantId>();
  unseen = new Set<TenantId>();

  /** It ends, and starts again with what its files say. Without files it does not start. */
  restart(): void {
    this.runs = this.files !== null;
    this.running.clear();
    this.held.clear();
    for (const [id, route] of this.files ?? []) this.running.set(id, route);
  }
}

/** Poolers in memory; one that a test did not describe is sound and answers. */
export class FakeTenantRouter extends TenantRouter {
  readonly #poolers = new Map<string, FakePooler>();

  pooler(poolerId: string): FakePooler {
    const known = this.#poolers.get(poolerId) ?? new FakePooler();
    this.#poolers.set(poolerId, known);
    return known;
  }

  async check(access: PoolerAccess): Promise<readonly Finding[]> {
    const { findings, answers, runs } = this.pooler(access.poolerId);
    if (answers && runs) return findings;
    const message = `Nothing answers at ${access.host}:${String(access.port)}.`;
    const object = `pooler ${access.poolerId}`;
    return [{ code: 'pooler-unreachable', severity: 'error', object, message, remedy: 'Start it.' }];
  }

  async takeOver(access: PoolerAccess): Promise<readonly Finding[]> {
    await this.route(access, []);
    return [];
  }

  async route(access: PoolerAccess, changes: readonly RouteChange[]): Promise<void> {
    const pooler = this.#writable(access);
    pooler.files ??= new Map();
    for (const { tenantId, route } of changes) {
      if (route === null) pooler.files.delete(tenantId);
      else pooler.files.set(tenantId, route);
      pooler.unseen.add(tenantId);
    }
    this.#mustAnswer(access);
    pooler.running.clear();
    for (const [id, route] of pooler.files) pooler.running.set(id, route);
    for (const id of pooler.unseen) pooler.held.delete(id);
    pooler.unseen.clear();
  }

  async hold(access: PoolerAccess, tenantId: TenantId): Promise<HeldRoute> {
    if (!this.pooler(access.poolerId).runs) return 'absent';
    const pooler = this.#mustAnswer(access);
    if (!pooler.running.has(tenantId)) return 'absent';
    pooler.held.add(tenantId);
    return pooler.inside.has(tenantId) ? 'busy' : 'quiet';
  }

  async drift(access: PoolerAccess, wanted: readonly RoutePlace[]): Promise<readonly RouteDrift[]> {
    const pooler = this.pooler(access.poolerId);
    const files = pooler.files ?? new Map<TenantId, TenantRoute>();
    const drift: RouteDrift[] = differences(files, wanted);
    for (const id of files.keys()) {
      if (!wanted.some(({ tenantId }) => tenantId === id)) drift.push({ tenantId: id, message: `${id} is too much.` });
    }
    if (pooler.files === null) drift.push({ tenantId: null, message: 'The files are lost.' });
    for (const id of pooler.unseen) drift.push({ tenantId: null, message: `${id} was not read back.` });
    if (!(pooler.answers && pooler.runs) && drift.length > 0) return drift;
    this.#mustAnswer(access);
    const held = [...pooler.held].map((tenantId) => ({ tenantId, message: `${tenantId} is held.` }));
    const all = [...drift, ...differences(pooler.running, wanted), ...held];
    return all.filter(
      (one, at) => one.tenantId === null || all.findIndex((same) => same.tenantId === one.tenantId) === at,
    );
  }

  async forget(access: PoolerAccess): Promise<void> {
    const known = [...(this.pooler(access.poolerId).files?.keys() ?? [])];
    await this.route(
      access,
      known.map((tenantId) => ({ tenantId, route: null })),
    );
  }

  #writable({ poolerId }: PoolerAccess): FakePooler {
    const pooler = this.pooler(poolerId);
    if (pooler.writable) return pooler;
    throw new BerthError('pooler-files', `The files of the pooler ${poolerId} cannot be written.`);
  }

  #mustAnswer({ poolerId }: PoolerAccess): FakePooler {
    const pooler = this.pooler(poolerId);
    if (pooler.answers && pooler.runs) return pooler;
    throw new BerthError('pooler-unreachable', `The pooler ${poolerId} does not answer.`);
  }
}

function differences(known: ReadonlyMap<TenantId, TenantRoute>, wanted: readonly RoutePlace[]): RouteDrift[] {
  return wanted
    .filter((route) => {
      const found = known.get(route.tenantId);
      const keys = ['host', 'port', 'database', 'poolSize'] as const;
      return found === undefined || keys.some((key) => found[key] !== route[key]);
    })
    .map(({ tenantId }) => ({ tenantId, message: `${tenantId} is not as it should be.` }));
}
