import { Injectable } from '@nestjs/common';
import type { MoveStrategy } from '@berth/domain';
import { IsolationPolicy, OperationDesk, planDrain, type DrainPlan } from '@berth/operations';
import { ClusterCatalog, MoveCatalog, PlacementCatalog, TenantCatalog } from '@berth/ports';

/** The dry run of a drain, over the API's ports. */
@Injectable()
export class DrainPlanning {
  constructor(
    private readonly tenants: TenantCatalog,
    private readonly placements: PlacementCatalog,
    private readonly clusters: ClusterCatalog,
    private readonly moves: MoveCatalog,
    private readonly desk: OperationDesk,
    private readonly isolation: IsolationPolicy,
  ) {}

  of(clusterId: string, strategy: MoveStrategy): Promise<DrainPlan> {
    const { tenants, placements, clusters, moves, desk, isolation } = this;
    return planDrain({ tenants, placements, clusters, moves, desk, isolation }, { clusterId, strategy });
  }
}
