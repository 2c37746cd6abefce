import { Controller, Delete, Get, Post, Put } from '@nestjs/common';
import type { Tenant, TenantId } from '@berth/domain';
import { OperationCatalog, PlacementCatalog, TenantCatalog } from '@berth/ports';
import { tenantNotFound } from '../access/authenticate.js';
import { ok, type Answer } from '../http/answer.js';
import { given, pageRequest } from '../http/dto.js';
import { requireVersion, type IfMatch } from '../http/etag.js';
import { Input, RequireScope, Route, type InputOf } from '../http/route.js';
import { StartOperation } from '../operations/start-operation.js';
import { constraintsOf, placementBody, tenantBody, tenantDetailBody } from './tenant.dto.js';
import * as routes from './tenant.routes.js';

@Controller('v1/tenants')
export class TenantController {
  constructor(
    private readonly tenants: TenantCatalog,
    private readonly placements: PlacementCatalog,
    private readonly operations: OperationCatalog,
    private readonly work: StartOperation,
  ) {}

  @Post()
  @RequireScope('tenants:write')
  @Route(routes.createTenant)
  create(@Input() { body, query, caller }: InputOf<typeof routes.createTenant>): Promise<Answer> {
    const { id, plan, clusterId } = body;
    const request = {
      kind: 'provision-tenant',
      tenantId: id,
      plan,
      constraints: constraintsOf(body),
      ...given({ clusterId }),
    } as const;
    return this.work.planOrStart(request, caller, query.dryRun);
  }

  @Post(':tenantId/adopt')
  @RequireScope('tenants:write')
  @Route(routes.adoptTenant)
  adopt(@Input() { path, body, query, caller }: InputOf<typeof routes.adoptTenant>): Promise<Answer> {
    const { schema, clusterId, plan, migratedTo } = body;
    const request = {
      kind: 'adopt-tenant',
      tenantId: path.tenantId,
      schema,
      clusterId,
      plan,
      constraints: constraintsOf(body),
      ...given({ migratedTo }),
    } as const;
    return this.work.planOrStart(request, caller, query.dryRun);
  }

  @Get()
  @RequireScope('tenants:read')
  @Route(routes.listTenants)
  async list(@Input() { query, caller }: InputOf<typeof routes.listTenants>): Promise<Answer> {
    const { state, plan, cluster, prefix } = query;
    const tenantId = (caller.tenantId ?? undefined) as TenantId | undefined;
    const page = await this.tenants.list(
      given({ state, plan, clusterId: cluster, prefix, tenantId }),
      pageRequest(query),
    );
    return ok({ items: page.items.map(tenantBody), next: page.next });
  }

  @Get(':tenantId')
  @RequireScope('tenants:read')
  @Route(routes.getTenant)
  async get(@Input() { path }: InputOf<typeof routes.getTenant>): Promise<Answer> {
    const { tenantId } = path;
    const [tenant, placements, operations] = await Promise.all([
      this.tenants.get(tenantId),
      this.placements.history(tenantId),
      this.operations.list({ tenantId }, { limit: 1 }),
    ]);
    if (tenant === null) throw tenantNotFound(tenantId);
    return ok(tenantDetailBody(tenant, placements, operations.items[0]), { version: tenant.version, tenantId });
  }

  @Get(':tenantId/placements')
  @RequireScope('tenants:read')
  @Route(routes.listPlacements)
  async listPlacements(@Input() { path }: InputOf<typeof routes.listPlacements>): Promise<Answer> {
    await this.present(path.tenantId);
    const placements = await this.placements.history(path.tenantId);
    const newestFirst = [...placements].sort((one, other) => other.generation - one.generation);
    return ok({ items: newestFirst.map(placementBody) });
  }

  @Delete(':tenantId')
  @RequireScope('tenants:write')
  @Route(routes.deleteTenant)
  async delete(
    @Input() { path, query, caller, expectedVersion }: InputOf<typeof routes.deleteTenant>,
  ): Promise<Answer> {
    const { reason, now, dryRun } = query;
    const kind = now ? 'remove-tenant' : 'quarantine-tenant';
    const expected = await this.unchanged(path.tenantId, expectedVersion);
    return this.work.planOrStart(
      { kind, tenantId: path.tenantId, reason, ...given({ expectedVersion: expected }) },
      caller,
      dryRun,
    );
  }

  @Post(':tenantId/suspend')
  @RequireScope('tenants:write')
  @Route(routes.suspendTenant)
  async suspend(
    @Input() { path, query, body, caller, expectedVersion }: InputOf<typeof routes.suspendTenant>,
  ): Promise<Answer> {
    await this.unchanged(path.tenantId, expectedVersion);
    return this.work.planOrStart(
      { kind: 'suspend-tenant', tenantId: path.tenantId, reason: body.reason },
      caller,
      query.dryRun,
    );
  }

  @Post(':tenantId/resume')
  @RequireScope('tenants:write')
  @Route(routes.resumeTenant)
  async resume(
    @Input() { path, query, caller, expectedVersion }: InputOf<typeof routes.resumeTenant>,
  ): Promise<Answer> {
    await this.unchanged(path.tenantId, expectedVersion);
    return this.work.planOrStart({ kind: 'resume-tenant', tenantId: path.tenantId }, caller, query.dryRun);
  }

  @Post(':tenantId/repair')
  @RequireScope('tenants:write')
  @Route(routes.repairTenant)
  async repair(
    @Input() { path, query, caller, expectedVersion }: InputOf<typeof routes.repairTenant>,
  ): Promise<Answer> {
    await this.unchanged(path.tenantId, expectedVersion);
    return this.work.planOrStart({ kind: 'repair-tenant', tenantId: path.tenantId }, caller, query.dryRun);
  }

  @Put(':tenantId/plan')
  @RequireScope('billing', 'tenants:write')
  @Route(routes.changePlan)
  async changePlan(
    @Input() { path, query, body, caller, expectedVersion }: InputOf<typeof routes.changePlan>,
  ): Promise<Answer> {
    const expected = await this.unchanged(path.tenantId, expectedVersion);
    const { plan, strategy } = body;
    const request = {
      kind: 'change-plan',
      tenantId: path.tenantId,
      plan,
      strategy,
      ...given({ expectedVersion: expected }),
    } as const;
    return this.work.planOrStart(request, caller, query.dryRun);
  }

  private async present(tenantId: TenantId): Promise<Tenant> {
    const tenant = await this.tenants.get(tenantId);
    if (tenant === null) throw tenantNotFound(tenantId);
    return tenant;
  }

  /** Fails early with what changed; where the catalog compares too, it has the last word. */
  private async unchanged(tenantId: TenantId, expectedVersion: IfMatch | undefined): Promise<number | undefined> {
    if (expectedVersion === undefined) return undefined;
    return requireVersion(expectedVersion, (await this.present(tenantId)).version);
  }
}
