import { Controller, Get } from '@nestjs/common';
import { AuditLog } from '@berth/ports';
import { tenantNotFound } from '../access/authenticate.js';
import { seesTenant } from '../access/caller.js';
import { ok, type Answer } from '../http/answer.js';
import { given, pageRequest } from '../http/dto.js';
import { Input, RequireScope, Route, type InputOf } from '../http/route.js';
import { auditEntryBody } from './audit.dto.js';
import * as routes from './audit.routes.js';

@Controller('v1/audit')
export class AuditController {
  constructor(private readonly audit: AuditLog) {}

  @Get()
  @RequireScope('admin')
  @Route(routes.listAudit)
  async list(@Input() { query, caller }: InputOf<typeof routes.listAudit>): Promise<Answer> {
    if (query.tenantId !== undefined && !seesTenant(caller, query.tenantId)) throw tenantNotFound(query.tenantId);
    const tenantId: string | undefined = query.tenantId ?? caller.tenantId ?? undefined;
    const page = await this.audit.list(given({ tenantId, actor: query.actor }), pageRequest(query));
    return ok({ items: page.items.map(auditEntryBody), next: page.next });
  }

  @Get('verify')
  @RequireScope('admin')
  @Route(routes.verifyAudit)
  async verify(): Promise<Answer> {
    const { entries, brokenAt } = await this.audit.verify();
    return ok({ intact: brokenAt === null, entries, brokenAt });
  }
}
