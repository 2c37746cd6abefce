import { randomUUID } from 'node:crypto';
import { Controller, Get, Post } from '@nestjs/common';
import { BerthError, type IsolationProof } from '@berth/domain';
import { ClusterCatalog, IsolationProofs } from '@berth/ports';
import { Answer, ok } from '../http/answer.js';
import { Input, RequireScope, Route, type InputOf } from '../http/route.js';
import { isolationProofBody } from './isolation.dto.js';
import * as routes from './isolation.routes.js';

/** Asks for proofs of isolation and shows them; a worker makes them. */
@Controller('v1/clusters/:clusterId/isolation')
export class IsolationController {
  constructor(
    private readonly proofs: IsolationProofs,
    private readonly clusters: ClusterCatalog,
  ) {}

  @Post()
  @RequireScope('admin')
  @Route(routes.proveIsolation)
  async start(@Input() { path, caller }: InputOf<typeof routes.proveIsolation>): Promise<Answer> {
    const { clusterId } = path;
    await this.requireCluster(clusterId);
    const proof = await this.proofs.request({ id: randomUUID(), clusterId, requestedBy: caller.actor });
    return new Answer(202, await this.shown(proof), { headers: { location: `/v1/clusters/${clusterId}/isolation` } });
  }

  @Get()
  @RequireScope('admin')
  @Route(routes.getIsolation)
  async get(@Input() { path: { clusterId } }: InputOf<typeof routes.getIsolation>): Promise<Answer> {
    await this.requireCluster(clusterId);
    const proof = await this.proofs.newestOf(clusterId);
    if (proof !== null) return ok(await this.shown(proof));
    throw new BerthError('proof-not-found', `The isolation of the cluster "${clusterId}" was never proved.`, {
      hint: `Prove it: berth prove isolation ${clusterId}`,
    });
  }

  private async shown(proof: IsolationProof): Promise<object> {
    const last = proof.state === 'ended' ? null : await this.proofs.lastEndedOf(proof.clusterId);
    return isolationProofBody(proof, last);
  }

  private async requireCluster(clusterId: string): Promise<void> {
    const cluster = await this.clusters.get(clusterId);
    if (cluster !== null && cluster.state !== 'retired') return;
    throw new BerthError('cluster-not-found', `There is no cluster "${clusterId}".`, {
      hint: 'GET /v1/clusters lists the clusters.',
    });
  }
}
