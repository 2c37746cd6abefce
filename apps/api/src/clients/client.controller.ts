import { Controller, Get, Post } from '@nestjs/common';
import type { TenantId } from '@berth/domain';
import { ClientReports, PlacementCatalog, TenantCatalog, TenantDatabase } from '@berth/ports';
import { tenantNotFound } from '../access/authenticate.js';
import { ok, type Answer } from '../http/answer.js';
import { given } from '../http/dto.js';
import { Input, RequireScope, Route, type InputOf } from '../http/route.js';
import { clientReportBody } from './client.dto.js';
import * as routes from './client.routes.js';

@Controller('v1/tenants/:tenantId/clients')
export class ClientController {
  constructor(
    private readonly tenants: TenantCatalog,
    private readonly placements: PlacementCatalog,
    private readonly clients: ClientReports,
    private readonly database: TenantDatabase,
  ) {}

  @Get()
  @RequireScope('tenants:read')
  @Route(routes.listClients)
  async list(@Input() { path: { tenantId } }: InputOf<typeof routes.listClients>): Promise<Answer> {
    await this.refuseUnknown(tenantId);
    const placement = await this.placements.current(tenantId);
    const [clients, sessions] = await Promise.all([
      this.clients.live(tenantId),
      placement === null ? [] : this.database.sessions(placement),
    ]);
    return ok({ clients: clients.map(clientReportBody), sessions });
  }

  @Post()
  @RequireScope('clients:write')
  @Route(routes.reportClient)
  async report(@Input() { path: { tenantId }, body }: InputOf<typeof routes.reportClient>): Promise<Answer> {
    await this.refuseUnknown(tenantId);
    const { client, username, generation, readyFor } = body;
    const word = { client, username, generation, ...given({ readyFor }) };
    return ok(clientReportBody(await this.clients.report(tenantId, word)));
  }

  private async refuseUnknown(tenantId: TenantId): Promise<void> {
    if ((await this.tenants.get(tenantId)) === null) throw tenantNotFound(tenantId);
  }
}
