import { BerthError, type TenantId } from '@berth/domain';
import {
  mendRoutes,
  type DrainDriver,
  type IsolationProver,
  type OperationDesk,
  type OperationRequest,
  type Tools,
} from '@berth/operations';
import type {
  AuditLog,
  ClusterCatalog,
  ClusterDirectory,
  ClusterProbe,
  IdempotencyCatalog,
  Infrastructure,
  JobQueue,
  OperationCatalog,
  PlacementCatalog,
  TenantCatalog,
} from '@berth/ports';
import type { Logger } from 'pino';

export interface SchedulePorts extends Pick<Tools, 'poolers' | 'router' | 'secrets'> {
  readonly operations: OperationCatalog;
  readonly tenants: TenantCatalog;
  readonly clusters: ClusterCatalog;
  readonly placements: PlacementCatalog;
  readonly idempotency: IdempotencyCatalog;
  readonly infrastructure: Infrastructure;
  readonly probe: Pick<ClusterProbe, 'prepare'>;
  readonly directory: ClusterDirectory;
  readonly queue: JobQueue;
  readonly desk: OperationDesk;
  readonly audit: AuditLog;
  readonly drains: Pick<DrainDriver, 'drive'>;
  readonly streams: { look(): Promise<void> };
  readonly doctor: { look(): Promise<void> };
  readonly prover: Pick<IsolationProver, 'requestDue' | 'work'>;
  readonly now: () => Date;
}

/** Operations that one sweep brings back at most; the next sweep takes the rest. */
const sweepBatch = 200;

/** In ms. A worker that has just started has better to do, and may find others that start as well. */
const firstExaminationMs = 600_000;
const examinationMs = 86_400_000;

/** How long a removal that failed or was cancelled is left to people before the clock starts it again. */
const removalPauseMs = 3_600_000;

/** Who acts, in the operations and in the audit log. */
const actor = 'schedule';

/** What a worker does by the clock. Every duty is safe to run in several workers at once: the catalog decides. */
export class Schedules {
  /** Clusters that have all that this version of Berth needs there. */
  readonly #prepared = new Set<string>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #running = new Set<Promise<void>>();
  /** Due operations that the last sweeps brought, oldest first: those that nobody can serve stay due, and others are behind them. */
  #swept = 0;
  readonly #stopping = new AbortController();

  constructor(
    private readonly ports: SchedulePorts,
    private readonly log: Logger,
  ) {}

  /** `instancesMs`: a provider in a cloud counts the questions, and starts its instances itself; this machine does neither. */
  start(sweepMs: number, instancesMs = sweepMs * 5): void {
    this.#every(sweepMs, 'sweep', () => this.sweep());
    this.#every(sweepMs * 5, 'remove-expired', () => this.removeExpired());
    this.#every(instancesMs, 'start-instances', () => this.startInstances());
    this.#every(sweepMs, 'drive-drains', () => this.ports.drains.drive());
    this.#every(sweepMs * 5, 'watch-streams', () => this.ports.streams.look());
    this.#every(sweepMs * 5, 'mend-routes', () => this.mendRoutes());
    this.#every(sweepMs * 30, 'request-proofs', () => this.ports.prover.requestDue());
    this.#every(sweepMs, 'prove-isolation', () => this.ports.prover.work(this.#stopping.signal));
    this.#every(sweepMs * 5, 'prepare-clusters', () => this.prepareClusters());
    this.#every(600_000, 'delete-idempotency-keys', () => this.deleteIdempotencyKeys());
    this.#every(examinationMs, 'examine', () => this.ports.doctor.look(), firstExaminationMs);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#timers.forEach(clearTimeout);
    await Promise.all(this.#running);
  }

  /** Brings back what the queue lost: queued, due, or with a lease that ran out. */
  async sweep(): Promise<void> {
    const due = await this.ports.operations.due(this.ports.now(), this.#swept + sweepBatch);
    for (const operationId of due.slice(this.#swept)) await this.ports.queue.enqueue(operationId);
    this.#swept = due.length < this.#swept + sweepBatch ? 0 : due.length;
  }

  /** Starts the removal of tenants whose retention time has ended. */
  async removeExpired(): Promise<void> {
    const removals: Promise<void>[] = [];
    for (const tenantId of await this.ports.tenants.dueForRemoval(this.ports.now(), sweepBatch)) {
      const removal = this.#remove(tenantId);
      removals.push(removal);
      // One tenant that cannot be removed keeps no other one; it is reported when all were tried.
      await removal.catch(() => undefined);
    }
    await Promise.all(removals);
  }

  /** Instances on this machine do not come back by themselves after a reboot, and may come back on another port. */
  async startInstances(): Promise<void> {
    const { clusters, infrastructure } = this.ports;
    const managed = (await clusters.list()).filter((cluster) => cluster.managed && cluster.state !== 'retired');
    if (managed.length === 0) return;
    // What cannot be started is reported when the others have been looked at.
    const started = infrastructure.ensureRunning(managed.map((cluster) => cluster.id));
    await started.catch(() => undefined);
    for (const { id, host, port } of managed) {
      const status = await infrastructure.inspect(id);
      if (status.state !== 'running' || (status.instance.host === host && status.instance.port === port)) continue;
      await clusters.update(id, { host: status.instance.host, port: status.instance.port });
      await this.#repairTenantsOn(id);
    }
    await started;
  }

  /** Each pooler is compared with the catalog and mended: one that was restarted, re-created, or changed by hand. */
  async mendRoutes(): Promise<void> {
    const poolers = await this.ports.poolers.list();
    const rounds = poolers.map(async (pooler) => {
      try {
        const mended = await mendRoutes(this.ports, pooler);
        if (mended.length === 0) return;
        const first = mended.slice(0, 5).map(({ message }) => message);
        this.log.warn(
          { poolerId: pooler.id, mended: mended.length, first },
          'a pooler was brought to what it should be',
        );
      } catch (error) {
        // One that is away keeps the others from nothing; each round tries it again.
        this.log.error({ poolerId: pooler.id, err: error }, 'a pooler is not as it should be');
      }
    });
    await Promise.all(rounds);
  }

  /** A newer Berth may need more on a cluster than the one that registered it: once for each cluster in the life of a worker. */
  async prepareClusters(): Promise<void> {
    const { clusters, directory, probe } = this.ports;
    for (const { id, state } of await clusters.list()) {
      if (state === 'retired' || this.#prepared.has(id)) continue;
      try {
        const changes = await probe.prepare(await directory.access(id));
        this.#prepared.add(id);
        if (changes.length > 0) this.log.info({ clusterId: id, changes }, 'a cluster was brought to what Berth needs');
      } catch (error) {
        // One that is away keeps the others from nothing; each round tries it again.
        this.log.warn({ clusterId: id, err: error }, 'a cluster could not be brought to what Berth needs');
      }
    }
  }

  async deleteIdempotencyKeys(): Promise<void> {
    await this.ports.idempotency.deleteExpired(this.ports.now());
  }

  /** The tenants' secrets still name the old address. */
  async #repairTenantsOn(clusterId: string): Promise<void> {
    for (const { tenantId, state } of await this.ports.placements.onCluster(clusterId)) {
      if (state !== 'current') continue;
      try {
        await this.#start({ kind: 'repair-tenant', tenantId });
      } catch (error) {
        this.log.error({ tenantId, clusterId, err: error }, 'the cluster has a new address; repair the tenant by hand');
      }
    }
  }

  async #remove(tenantId: TenantId): Promise<void> {
    const {
      items: [last],
    } = await this.ports.operations.list({ tenantId, kind: 'remove-tenant' }, { limit: 1 });
    const pausedUntil = Number(last?.endedAt ?? 0) + removalPauseMs;
    const wasStopped = last?.state === 'failed' || last?.state === 'cancelled';
    if (wasStopped && pausedUntil > Number(this.ports.now())) return;
    const reason = 'The retention time has ended.';
    try {
      await this.#start({ kind: 'remove-tenant', tenantId, reason });
    } catch (error) {
      const code = error instanceof BerthError ? error.code : null;
      if (code === 'preflight-failed') {
        this.log.error({ tenantId, err: error }, 'the removal of a tenant whose time has come is refused');
        return;
      }
      // Another worker was faster, or an operation of the tenant is under way: the next round looks again.
      if (code !== 'operation-in-progress' && code !== 'tenant-state') throw error;
    }
  }

  /** What the clock asks for stands in the audit log as what people ask for does. */
  async #start(request: OperationRequest): Promise<void> {
    const { id, kind, tenantId } = await this.ports.desk.start(request, actor);
    const object = `/v1/tenants/${tenantId}`;
    await this.ports.audit.append({
      actor,
      action: kind,
      tenantId,
      object,
      from: null,
      answer: '202',
      operationId: id,
    });
  }

  /** The next round begins when this one has ended, so that a slow catalog is not asked twice at once. `firstMs`: not before that. */
  #every(ms: number, duty: string, act: () => Promise<void>, firstMs = 0): void {
    const round = async () => {
      try {
        await act();
      } catch (error) {
        this.log.error({ duty, err: error }, 'a scheduled duty failed; the next round tries again');
      }
      if (!this.#stopping.signal.aborted) this.#timers.set(duty, setTimeout(begin, ms));
    };
    const begin = () => {
      const running = round().finally(() => this.#running.delete(running));
      this.#running.add(running);
    };
    if (firstMs === 0) begin();
    else this.#timers.set(duty, setTimeout(begin, firstMs));
  }
}
