import { Controller, Get, Post } from '@nestjs/common';
import { BerthError, secretRefs, type TenantId, type TenantSecret } from '@berth/domain';
import { AuditLog, PlacementCatalog, SecretStore, TenantCatalog, type StoredSecret } from '@berth/ports';
import { tenantNotFound } from '../access/authenticate.js';
import { ok, type Answer } from '../http/answer.js';
import { Input, RequireScope, Route, type InputOf } from '../http/route.js';
import { StartOperation } from '../operations/start-operation.js';
import { revealedBody, secretBody } from './secret.dto.js';
import * as routes from './secret.routes.js';

@Controller('v1/tenants/:tenantId/secret')
export class SecretController {
  constructor(
    private readonly tenants: TenantCatalog,
    private readonly placements: PlacementCatalog,
    private readonly secrets: SecretStore,
    private readonly audit: AuditLog,
    private readonly work: StartOperation,
  ) {}

  @Get()
  @RequireScope('tenants:read')
  @Route(routes.getSecret)
  async get(@Input() { path: { tenantId } }: InputOf<typeof routes.getSecret>): Promise<Answer> {
    const secret = await this.present(tenantId);
    const loginsRef = secretRefs.tenantLogins(tenantId);
    const [versions, logins, loginVersions, placement] = await Promise.all([
      this.secrets.versions(secret.ref),
      this.secrets.read(loginsRef),
      this.secrets.versions(loginsRef),
      this.placements.current(tenantId),
    ]);
    if (logins === null) throw new BerthError('secret-missing', `The secret ${loginsRef} is not in the store.`);
    const firstLoginAt = loginVersions.at(-1)?.createdAt ?? null;
    return ok(secretBody({ secret, versions, logins: logins.document, firstLoginAt, placement }));
  }

  @Post('reveal')
  @RequireScope('admin')
  @Route(routes.revealSecret)
  async reveal(
    @Input() { path: { tenantId }, body, caller, address }: InputOf<typeof routes.revealSecret>,
  ): Promise<Answer> {
    await this.audit.append({
      actor: caller.actor,
      action: `${routes.revealSecret.id}:reason`,
      tenantId,
      object: `${secretRefs.tenantDb(tenantId)}: ${body.reason}`,
      from: address,
      answer: 'asked',
      operationId: null,
    });
    const shown = revealedBody(await this.present(tenantId));
    return ok(shown, {
      headers: { 'cache-control': 'no-store' },
      bodyToKeep: { ...shown, password: null, url: null },
    });
  }

  @Post('rotate')
  @RequireScope('tenants:write')
  @Route(routes.rotateLogin)
  rotate(@Input() { path, query, body, caller }: InputOf<typeof routes.rotateLogin>): Promise<Answer> {
    const request = { kind: 'rotate-login', tenantId: path.tenantId, ...body } as const;
    return this.work.planOrStart(request, caller, query.dryRun);
  }

  private async present(tenantId: TenantId): Promise<StoredSecret<TenantSecret>> {
    const tenant = await this.tenants.get(tenantId);
    if (tenant === null) throw tenantNotFound(tenantId);
    const secret = await this.secrets.read(secretRefs.tenantDb(tenantId));
    if (secret !== null) return secret;
    throw new BerthError('tenant-state', `Tenant ${tenantId} is ${tenant.state} and has no secret.`, {
      hint: `Type: berth tenants show ${tenantId}`,
      details: { state: tenant.state },
    });
  }
}
