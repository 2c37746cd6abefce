import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { isClosedMove, isolationVerdicts, moveStates, openOperationStates, tenantStates } from '@berth/domain';
import type {
  ClientReports,
  IsolationProofs,
  JobQueue,
  MoveCatalog,
  OperationCatalog,
  TenantCatalog,
} from '@berth/ports';
import { tellClients } from './client-metrics.js';
import { tellMoves } from './move-metrics.js';

type EndedProof = Awaited<ReturnType<IsolationProofs['lastEnded']>>[number];

interface Counted {
  readonly tenants: TenantCatalog;
  readonly operations: OperationCatalog;
  readonly moves: Pick<MoveCatalog, 'countOpen' | 'list'>;
  readonly queue: JobQueue;
  readonly proofs: Pick<IsolationProofs, 'lastEnded'>;
  readonly clients: Pick<ClientReports, 'live'>;
  readonly watchers: () => number;
}

/** The metrics of one API process. Counts of the catalog and the queue are read when somebody scrapes, never in between. */
export class ApiMetrics {
  readonly registry = new Registry();
  private readonly durations: Histogram<'method' | 'route' | 'status'>;
  private readonly unread: Counter<'metric'>;

  constructor(counted: Counted) {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.durations = new Histogram({
      name: 'berth_http_request_duration_seconds',
      help: 'Time from the first byte of a request to its answer.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
      registers,
    });
    this.unread = new Counter({
      name: 'berth_metrics_unread_total',
      help: 'Counts that could not be read when they were scraped.',
      labelNames: ['metric'],
      registers,
    });
    this.countStates('berth_tenants', 'Tenants by state.', tenantStates, () => counted.tenants.countByState());
    this.countStates('berth_operations', 'Operations that have not ended, by state.', openOperationStates, () =>
      counted.operations.countOpen(),
    );
    this.countStates('berth_queue_jobs', 'Jobs of the queue by state.', ['waiting', 'active', 'delayed'], () =>
      counted.queue.depth(),
    );
    this.countStates(
      'berth_moves',
      'Moves that are neither completed nor cancelled, by state.',
      moveStates.filter((state) => !isClosedMove(state)),
      () => counted.moves.countOpen(),
    );
    tellMoves(this.registry, this.unread, counted);
    tellClients(this.registry, this.unread, counted);
    this.tellProofs(counted.proofs);
    new Gauge({
      name: 'berth_operation_watchers',
      help: 'Open event streams.',
      registers,
      collect() {
        this.set(counted.watchers());
      },
    });
  }

  observe(method: string, route: string, status: number, seconds: number): void {
    this.durations.observe({ method, route, status }, seconds);
  }

  /** Of each cluster the last proof of isolation: what it found, and how long ago. */
  private tellProofs(proofs: Counted['proofs']): void {
    this.tellEachProof('berth_isolation_proof', {
      help: 'Last proof of isolation of a cluster: 1 for what it found.',
      labelNames: ['cluster', 'verdict'],
      read: () => proofs.lastEnded(),
      tell: (gauge, { clusterId: cluster, verdict }) => {
        for (const one of isolationVerdicts) gauge.set({ cluster, verdict: one }, one === verdict ? 1 : 0);
      },
    });
    this.tellEachProof('berth_isolation_proof_age_seconds', {
      help: 'Age of the last proof of isolation of a cluster.',
      labelNames: ['cluster'],
      read: () => proofs.lastEnded(),
      tell: (gauge, { clusterId: cluster, endedAt }) => {
        gauge.set({ cluster }, Math.max(0, (Date.now() - Number(endedAt)) / 1000));
      },
    });
  }

  private tellEachProof(
    name: string,
    {
      help,
      labelNames,
      read,
      tell,
    }: {
      readonly help: string;
      readonly labelNames: readonly ('cluster' | 'verdict')[];
      readonly read: Counted['proofs']['lastEnded'];
      readonly tell: (gauge: Gauge<'cluster' | 'verdict'>, proof: EndedProof) => void;
    },
  ): void {
    const { unread } = this;
    new Gauge({
      name,
      help,
      labelNames,
      registers: [this.registry],
      async collect() {
        this.reset();
        try {
          for (const proof of await read()) tell(this, proof);
        } catch {
          unread.inc({ metric: name });
        }
      },
    });
  }

  private countStates(
    name: string,
    help: string,
    states: readonly string[],
    read: () => Promise<Readonly<Record<string, number | undefined>>>,
  ): void {
    const { unread } = this;
    new Gauge({
      name,
      help,
      labelNames: ['state'],
      registers: [this.registry],
      async collect() {
        try {
          const counts = await read();
          for (const state of states) this.set({ state }, counts[state] ?? 0);
        } catch {
          // An old number would look like a true one.
          this.reset();
          unread.inc({ metric: name });
        }
      },
    });
  }
}
