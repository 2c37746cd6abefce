import { randomUUID } from 'node:crypto';
import { Controller, Get, Post } from '@nestjs/common';
import { BerthError, type Drain } from '@berth/domain';
import { drainable } from '@berth/operations';
import { ClusterCatalog, DrainCatalog, PlacementCatalog } from '@berth/ports';
import { Answer, ok } from '../http/answer.js';
import { Input, RequireScope, Route, type InputOf } from '../http/route.js';
import { DrainPlanning } from './drain-planning.js';
import { drainBody, drainPlanBody } from './drain.dto.js';
import * as routes from './drain.routes.js';

/** Asks for drains and shows them; a worker drives them. */
@Controller('v1/clusters/:clusterId/drain')
export class DrainController {
  constructor(
    private readonly drains: DrainCatalog,
    private readonly clusters: ClusterCatalog,
    private readonly placements: PlacementCatalog,
    private readonly planning: DrainPlanning,
  ) {}

  @Post()
  @RequireScope('admin')
  @Route(routes.drainCluster)
  async start(@Input() { path, query, body, caller }: InputOf<typeof routes.drainCluster>): Promise<Answer> {
    const { clusterId } = path;
    if (query.dryRun) return ok(drainPlanBody(await this.planning.of(clusterId, body.strategy)));
    const cluster = await drainable({ clusters: this.clusters }, clusterId);
    await this.refuseSecond(clusterId);
    // First: a tenant that came after the list was read would be moved as well, and one that comes later should not come.
    if (cluster.state === 'active') await this.clusters.update(clusterId, { state: 'cordoned' });
    const here = await this.placements.onCluster(clusterId);
    const tenantIds = here.filter(({ state }) => state === 'current').map(({ tenantId }) => tenantId);
    const asked = { id: randomUUID(), clusterId, ...body, requestedBy: caller.actor };
    const drain = await this.drains.start(asked, tenantIds);
    return new Answer(202, await this.shown(drain), { headers: { location: `/v1/clusters/${clusterId}/drain` } });
  }

  @Get()
  @RequireScope('admin')
  @Route(routes.getDrain)
  async get(@Input() { path }: InputOf<typeof routes.getDrain>): Promise<Answer> {
    return ok(await this.shown(await this.newest(path.clusterId)));
  }

  @Post('stop')
  @RequireScope('admin')
  @Route(routes.stopDrain)
  async stop(@Input() { path }: InputOf<typeof routes.stopDrain>): Promise<Answer> {
    const { id } = await this.newest(path.clusterId);
    return ok(await this.shown(await this.drains.stop(id)));
  }

  private async shown(drain: Drain): Promise<object> {
    return drainBody(drain, await this.drains.tenants(drain.id));
  }

  /** Before anything is done; of two at the same time the catalog refuses one. */
  private async refuseSecond(clusterId: string): Promise<void> {
    const newest = await this.drains.newestOf(clusterId);
    if (newest === null || newest.endedAt !== null) return;
    throw new BerthError('cluster-draining', `The cluster "${clusterId}" is being drained already.`, {
      hint: `Watch it: berth clusters drain ${clusterId} --show. Or stop it: berth clusters drain ${clusterId} --stop`,
    });
  }

  private async newest(clusterId: string): Promise<Drain> {
    const drain = await this.drains.newestOf(clusterId);
    if (drain !== null) return drain;
    if ((await this.clusters.get(clusterId)) === null) {
      throw new BerthError('cluster-not-found', `There is no cluster "${clusterId}".`, {
        hint: 'GET /v1/clusters lists the clusters.',
      });
    }
    throw new BerthError('drain-not-found', `The cluster "${clusterId}" was never drained.`, {
      hint: `Start one: berth clusters drain ${clusterId} --strategy dump --dry-run`,
    });
  }
}
