import { BerthError, type ClusterAccess, type Finding } from '@berth/domain';
import { type ClusterLoad, ClusterProbe, type ClusterWishes } from '@berth/ports';

export interface FakeCluster {
  postgresMajor: number;
  /** On top of what the probe finds by itself. */
  findings: readonly Finding[];
  /** False: nothing answers. */
  reachable: boolean;
  prepared: boolean;
  load: ClusterLoad;
  /** What the last check was asked for on top. */
  wishes?: ClusterWishes;
}

/** Clusters in memory; one that a test did not describe is sound, reachable and not prepared. */
export class FakeClusterProbe extends ClusterProbe {
  readonly #clusters = new Map<string, FakeCluster>();

  /** The cluster as a thing to be changed by the test. */
  cluster(clusterId: string): FakeCluster {
    const known = this.#clusters.get(clusterId) ?? {
      postgresMajor: 15,
      findings: [],
      reachable: true,
      prepared: false,
      load: { bytes: 8_000_000, sessions: 1, maxSessions: 100, schemas: 0 },
    };
    this.#clusters.set(clusterId, known);
    return known;
  }

  async check(
    access: ClusterAccess,
    wishes?: ClusterWishes,
  ): Promise<{ readonly postgresMajor: number | null; readonly findings: readonly Finding[] }> {
    const cluster = this.cluster(access.clusterId);
    if (wishes !== undefined) cluster.wishes = wishes;
    const object = `cluster ${access.clusterId}`;
    if (!cluster.reachable) {
      const message = `Nothing answers at ${access.host}:${access.port}.`;
      return {
        postgresMajor: null,
        findings: [{ code: 'cluster-unreachable', severity: 'error', object, message, remedy: 'Check its address.' }],
      };
    }
    const unprepared: Finding = {
      code: 'cluster-not-prepared',
      severity: 'info',
      object,
      message: 'The cluster was not prepared yet.',
      remedy: 'Prepare the cluster.',
    };
    return {
      postgresMajor: cluster.postgresMajor,
      findings: [...cluster.findings, ...(cluster.prepared ? [] : [unprepared])],
    };
  }

  async prepare(access: ClusterAccess): Promise<readonly string[]> {
    const cluster = this.cluster(access.clusterId);
    this.#mustAnswer(access.clusterId);
    if (cluster.prepared) return [];
    cluster.prepared = true;
    return [`Created database ${access.database}.`];
  }

  async load(clusterId: string): Promise<FakeCluster['load']> {
    this.#mustAnswer(clusterId);
    return { ...this.cluster(clusterId).load };
  }

  #mustAnswer(clusterId: string): void {
    if (this.cluster(clusterId).reachable) return;
    throw new BerthError('cluster-unreachable', `Cluster ${clusterId} does not answer.`);
  }
}
