import { Controller, Delete, Get, Post } from '@nestjs/common';
import { BerthError, type Pooler, type RouteDrift } from '@berth/domain';
import { accessTo, routeDrift } from '@berth/operations';
import { ClusterCatalog, PoolerCatalog, SecretStore, TenantRouter } from '@berth/ports';
import { Answer, created, ok } from '../http/answer.js';
import { Input, RequireScope, Route, type InputOf } from '../http/route.js';
import { poolerBody, poolerRegistrationBody, poolerReportBody } from './pooler.dto.js';
import * as routes from './pooler.routes.js';
import { PoolerRegistration } from './register-pooler.js';

/** Reasons for which a pooler cannot be asked: an answer about it, not a fault of the request. */
const silent: readonly string[] = ['pooler-unreachable', 'pooler-files'];

@Controller('v1/poolers')
export class PoolerController {
  constructor(
    private readonly registration: PoolerRegistration,
    private readonly poolers: PoolerCatalog,
    private readonly router: TenantRouter,
    private readonly clusters: ClusterCatalog,
    private readonly secrets: SecretStore,
  ) {}

  @Post()
  @RequireScope('admin')
  @Route(routes.registerPooler)
  async register(@Input() { query, body }: InputOf<typeof routes.registerPooler>): Promise<Answer> {
    if (query.dryRun) return ok(poolerRegistrationBody(null, await this.registration.check(body)));
    const { pooler, findings } = await this.registration.register(body);
    return created(`/v1/poolers/${pooler.id}`, poolerRegistrationBody(pooler, findings));
  }

  @Get()
  @RequireScope('admin')
  @Route(routes.listPoolers)
  async list(): Promise<Answer> {
    return ok({ items: (await this.poolers.list()).map(poolerBody) });
  }

  @Get(':poolerId')
  @RequireScope('admin')
  @Route(routes.getPooler)
  async get(@Input() { path }: InputOf<typeof routes.getPooler>): Promise<Answer> {
    const pooler = await this.present(path.poolerId);
    const access = await accessTo({ secrets: this.secrets }, pooler).catch(() => null);
    const clusters = (await this.clusters.list()).filter(({ state }) => state !== 'retired');
    const findings = access === null ? [] : await this.router.check(access, clusters);
    return ok(poolerReportBody(pooler, findings, await this.driftOf(pooler)));
  }

  /** The row first: from then on nobody routes there. A pooler that is gone for good is forgotten all the same. */
  @Delete(':poolerId')
  @RequireScope('admin')
  @Route(routes.deletePooler)
  async delete(@Input() { path }: InputOf<typeof routes.deletePooler>): Promise<Answer> {
    const pooler = await this.present(path.poolerId);
    const access = await accessTo({ secrets: this.secrets }, pooler).catch(() => null);
    await this.poolers.remove(pooler.id);
    if (access !== null) await this.router.forget(access).catch(unlessItIsGone);
    await this.registration.forget(pooler.id);
    return new Answer(204, null);
  }

  private async driftOf(pooler: Pooler): Promise<readonly RouteDrift[] | null> {
    const { clusters, poolers, router, secrets } = this;
    return await routeDrift({ clusters, poolers, router, secrets }, pooler).catch((error: unknown) => {
      if (error instanceof BerthError && silent.includes(error.code)) return null;
      throw error;
    });
  }

  private async present(id: string): Promise<Pooler> {
    const pooler = await this.poolers.get(id);
    if (pooler !== null) return pooler;
    throw new BerthError('pooler-not-found', `There is no pooler "${id}".`, {
      hint: 'GET /v1/poolers lists the poolers.',
    });
  }
}

function unlessItIsGone(error: unknown): void {
  if (!(error instanceof BerthError && [...silent, 'pooler-refused'].includes(error.code))) throw error;
}
