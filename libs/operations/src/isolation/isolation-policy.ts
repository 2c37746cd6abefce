import type { IsolationProofs } from '@berth/ports';

/** Whether a cluster on which one tenant reached another one takes more tenants. */
export class IsolationPolicy {
  constructor(
    private readonly proofs: Pick<IsolationProofs, 'lastEnded'>,
    /** False: such clusters are only reported. */
    private readonly blocks: boolean,
  ) {}

  /** Clusters that take no tenant, by the last proof of each. */
  async brokenClusters(): Promise<ReadonlySet<string>> {
    if (!this.blocks) return new Set();
    const last = await this.proofs.lastEnded();
    return new Set(last.filter(({ verdict }) => verdict === 'broken').map(({ clusterId }) => clusterId));
  }
}
