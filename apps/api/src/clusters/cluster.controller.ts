import { Controller, Delete, Get, Patch, Post } from '@nestjs/common';
import { BerthError, secretRefs, type Cluster, type ClusterState } from '@berth/domain';
import { ClusterCatalog, DrainCatalog, SecretStore } from '@berth/ports';
import { Answer, created, ok } from '../http/answer.js';
import { given } from '../http/dto.js';
import { requireVersion, type IfMatch } from '../http/etag.js';
import { Input, RequireScope, Route, type InputOf } from '../http/route.js';
import { clusterBody, registrationBody } from './cluster.dto.js';
import * as routes from './cluster.routes.js';
import { LiveCluster } from './live-cluster.js';
import { ClusterRegistration, roomOf } from './register-cluster.js';

@Controller('v1/clusters')
export class ClusterController {
  constructor(
    private readonly clusters: ClusterCatalog,
    private readonly live: LiveCluster,
    private readonly secrets: SecretStore,
    private readonly drains: DrainCatalog,
    private readonly registration: ClusterRegistration,
  ) {}

  @Post()
  @RequireScope('admin')
  @Route(routes.registerCluster)
  async register(@Input() { query, body }: InputOf<typeof routes.registerCluster>): Promise<Answer> {
    if (query.dryRun) return ok(registrationBody(null, (await this.registration.check(body)).findings, []));
    const { cluster, findings, changes } = await this.registration.register(body);
    return created(`/v1/clusters/${cluster.id}`, registrationBody(cluster, findings, changes), {
      version: cluster.version,
    });
  }

  @Get()
  @RequireScope('admin')
  @Route(routes.listClusters)
  async list(@Input() { query }: InputOf<typeof routes.listClusters>): Promise<Answer> {
    const [clusters, counts] = await Promise.all([this.clusters.list(), this.clusters.tenantCounts()]);
    const loads = await Promise.all(clusters.map(async ({ id }) => (query.load ? this.live.loadOf(id) : null)));
    return ok({
      items: clusters.map((cluster, index) => clusterBody(cluster, counts[cluster.id] ?? 0, loads[index] ?? null)),
    });
  }

  @Get(':clusterId')
  @RequireScope('admin')
  @Route(routes.getCluster)
  async get(@Input() { path }: InputOf<typeof routes.getCluster>): Promise<Answer> {
    const cluster = await this.present(path.clusterId);
    const [counts, load, instance, streams] = await Promise.all([
      this.clusters.tenantCounts(),
      this.live.loadOf(cluster.id),
      this.live.instanceOf(cluster),
      this.keepsStreams(cluster.id),
    ]);
    const body = clusterBody(cluster, counts[cluster.id] ?? 0, load, instance, streams);
    return ok(body, { version: cluster.version });
  }

  @Patch(':clusterId')
  @RequireScope('admin')
  @Route(routes.patchCluster)
  async patch(@Input() { path, body, expectedVersion }: InputOf<typeof routes.patchCluster>): Promise<Answer> {
    const cluster = await this.present(path.clusterId);
    const expected = requireVersion(expectedVersion, cluster.version);
    if (body.sslMode !== undefined || body.ca !== undefined) {
      await this.registration.tryEncryption({ ...cluster, ...given({ sslMode: body.sslMode, ca: body.ca }) });
    }
    const { streams, ...change } = body;
    if (streams !== undefined) await this.registration.keepStreams(cluster, streams);
    const { tier } = cluster;
    const room = body.maxTenants === undefined ? {} : { maxTenants: roomOf({ tier, maxTenants: body.maxTenants }) };
    return this.answer(await this.clusters.update(path.clusterId, { ...given(change), ...room }, expected));
  }

  @Post(':clusterId/cordon')
  @RequireScope('admin')
  @Route(routes.cordonCluster)
  cordon(@Input() { path, expectedVersion }: InputOf<typeof routes.cordonCluster>): Promise<Answer> {
    return this.bringTo('cordoned', path.clusterId, expectedVersion);
  }

  @Post(':clusterId/uncordon')
  @RequireScope('admin')
  @Route(routes.uncordonCluster)
  async uncordon(@Input() { path, expectedVersion }: InputOf<typeof routes.uncordonCluster>): Promise<Answer> {
    await this.refuseDraining(path.clusterId);
    return this.bringTo('active', path.clusterId, expectedVersion);
  }

  @Delete(':clusterId')
  @RequireScope('admin')
  @Route(routes.deleteCluster)
  async delete(@Input() { path, expectedVersion }: InputOf<typeof routes.deleteCluster>): Promise<Answer> {
    const cluster = await this.present(path.clusterId);
    const expected = requireVersion(expectedVersion, cluster.version);
    if (cluster.managed) {
      throw new BerthError(
        'cluster-in-use',
        `Berth made the cluster "${cluster.id}" for a tenant, and removes it with the move or the tenant.`,
        {
          hint: 'Demote or remove its tenant.',
        },
      );
    }
    // The row first: it is what refuses while a tenant lives there.
    await this.clusters.remove(cluster.id, expected);
    await this.secrets.destroy(secretRefs.clusterAdmin(cluster.id));
    await this.secrets.destroy(secretRefs.clusterStreams(cluster.id));
    return new Answer(204, null);
  }

  /** Null: the secret store does not answer, which is no reason to show nothing of the cluster. */
  private async keepsStreams(id: string): Promise<boolean | null> {
    const version = await this.secrets.newestVersion(secretRefs.clusterStreams(id)).catch(() => null);
    return version === null ? null : version > 0;
  }

  /** New tenants would be moved away again as soon as they came. */
  private async refuseDraining(id: string): Promise<void> {
    const drain = await this.drains.newestOf(id);
    if (drain === null || drain.endedAt !== null) return;
    throw new BerthError('cluster-draining', `The cluster "${id}" is being drained.`, {
      hint: `Stop that first: berth clusters drain ${id} --stop`,
    });
  }

  private async bringTo(state: ClusterState, id: string, expectedVersion: IfMatch | undefined): Promise<Answer> {
    const cluster = await this.present(id);
    if (cluster.state === 'retired') {
      throw new BerthError('cluster-not-found', `The cluster "${id}" is retired.`, {
        hint: 'GET /v1/clusters lists the clusters.',
      });
    }
    const expected = requireVersion(expectedVersion, cluster.version);
    return this.answer(cluster.state === state ? cluster : await this.clusters.update(id, { state }, expected));
  }

  private async answer(cluster: Cluster): Promise<Answer> {
    const counts = await this.clusters.tenantCounts();
    return ok(clusterBody(cluster, counts[cluster.id] ?? 0), { version: cluster.version });
  }

  private async present(id: string): Promise<Cluster> {
    const cluster = await this.clusters.get(id);
    if (cluster !== null) return cluster;
    throw new BerthError('cluster-not-found', `There is no cluster "${id}".`, {
      hint: 'GET /v1/clusters lists the clusters.',
    });
  }
}
