import { Injectable } from '@nestjs/common';
import { BerthError, type Operation, type Placement, type PlacementDecision, type TenantId } from '@berth/domain';
import { decideCluster, IsolationPolicy } from '@berth/operations';
import { ClusterCatalog, OperationCatalog, PlacementCatalog, TenantCatalog } from '@berth/ports';
import { tenantNotFound } from '../access/authenticate.js';

export interface PlacementExplanation {
  readonly tenantId: TenantId;
  readonly placement: Placement;
  /** Null: its row is gone. */
  readonly operation: Operation | null;
  readonly now: PlacementDecision;
}

/** Why a tenant is where it is. */
@Injectable()
export class PlacementExplanations {
  constructor(
    private readonly tenants: TenantCatalog,
    private readonly placements: PlacementCatalog,
    private readonly operations: OperationCatalog,
    private readonly clusters: ClusterCatalog,
    private readonly isolation: IsolationPolicy,
  ) {}

  /** @throws `tenant-not-found`, `tenant-state` for one that has no place */
  async of(tenantId: TenantId): Promise<PlacementExplanation> {
    const [tenant, history] = await Promise.all([this.tenants.get(tenantId), this.placements.history(tenantId)]);
    if (tenant === null) throw tenantNotFound(tenantId);
    const live = history.filter(({ state }) => state !== 'retired');
    const placement = live.find(({ state }) => state === 'current') ?? live.at(-1);
    if (placement === undefined) {
      throw new BerthError('tenant-state', `Tenant ${tenantId} is ${tenant.state} and has no place.`, {
        hint: `Type: berth tenants show ${tenantId}`,
      });
    }
    const [operation, clusters, counts] = await Promise.all([
      this.operations.get(placement.operationId),
      this.clusters.list(),
      this.clusters.tenantCounts(),
    ]);
    const { tier, clusterId } = placement;
    const { constraints } = tenant;
    const own = clusters.find(({ id }) => id === clusterId);
    if (tier === 'dedicated' && own?.managed !== false) {
      const made = { chosen: clusterId, because: 'an instance of its own', considered: [] };
      return { tenantId, placement, operation, now: { tier, constraints, askedFor: null, ...made } };
    }
    // Its own place is not taken by itself.
    const others = { ...counts, [clusterId]: Math.max(0, (counts[clusterId] ?? 0) - 1) };
    return {
      tenantId,
      placement,
      operation,
      now: decideCluster(
        clusters.filter(({ managed }) => !managed),
        others,
        { tier, constraints, broken: await this.isolation.brokenClusters() },
      ),
    };
  }
}
