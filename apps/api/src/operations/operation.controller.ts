import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import { BerthError, type Operation, type TenantId } from '@berth/domain';
import { OperationDesk } from '@berth/operations';
import { OperationCatalog } from '@berth/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { requireScope, tenantNotFound } from '../access/authenticate.js';
import { seesTenant, type Caller } from '../access/caller.js';
import { accepted, ok, type Answer } from '../http/answer.js';
import { given, pageRequest } from '../http/dto.js';
import { Input, RequireScope, Route, type InputOf } from '../http/route.js';
import { streamOperation } from './event-stream.js';
import { OperationWatch } from './operation-watch.js';
import { operationBody, operationFilter } from './operation.dto.js';
import * as routes from './operation.routes.js';

/** Whoever may start an operation may look at it, so the reading routes take any scope that starts one. */
const readers = ['tenants:read', 'tenants:write', 'moves:write', 'billing'] as const;
const changers = ['tenants:write', 'moves:write'] as const;

/** An operation is stopped and brought back to work by whoever may start such a one: a move’s id is its operation’s. */
function scopeOf({ kind }: Operation): (typeof changers)[number] {
  const ofMoves = ['move-tenant', 'reverse-move', 'complete-move'].includes(kind);
  return ofMoves ? 'moves:write' : 'tenants:write';
}

@Controller('v1/operations')
export class OperationController {
  constructor(
    private readonly operations: OperationCatalog,
    private readonly desk: OperationDesk,
    private readonly watch: OperationWatch,
  ) {}

  @Get()
  @RequireScope(...readers)
  @Route(routes.listOperations)
  async list(@Input() { query, caller }: InputOf<typeof routes.listOperations>): Promise<Answer> {
    if (query.tenantId !== undefined && !seesTenant(caller, query.tenantId)) throw tenantNotFound(query.tenantId);
    const tenantId = query.tenantId ?? ((caller.tenantId ?? undefined) as TenantId | undefined);
    const page = await this.operations.list({ ...operationFilter(query), ...given({ tenantId }) }, pageRequest(query));
    return ok({ items: page.items.map(operationBody), next: page.next });
  }

  @Get(':operationId')
  @RequireScope(...readers)
  @Route(routes.getOperation)
  async get(@Input() { path, caller }: InputOf<typeof routes.getOperation>): Promise<Answer> {
    const operation = await this.visible(path.operationId, caller);
    return ok(operationBody(operation), { tenantId: operation.tenantId, operationId: operation.id });
  }

  @Get(':operationId/events')
  @RequireScope(...readers)
  @Route(routes.watchOperation)
  async events(
    @Input() { path, caller }: InputOf<typeof routes.watchOperation>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.visible(path.operationId, caller);
    streamOperation(path.operationId, request, reply, this.watch);
  }

  @Post(':operationId/cancel')
  @RequireScope(...changers)
  @Route(routes.cancelOperation)
  async cancel(@Input() { path, caller }: InputOf<typeof routes.cancelOperation>): Promise<Answer> {
    requireScope(caller, [scopeOf(await this.visible(path.operationId, caller))]);
    return accepted(await this.desk.cancel(path.operationId));
  }

  @Post(':operationId/confirm')
  @RequireScope('tenants:write')
  @Route(routes.confirmOperation)
  async confirm(@Input() { path, caller }: InputOf<typeof routes.confirmOperation>): Promise<Answer> {
    await this.visible(path.operationId, caller);
    return accepted(await this.desk.confirm(path.operationId));
  }

  @Post(':operationId/retry')
  @RequireScope(...changers)
  @Route(routes.retryOperation)
  async retry(@Input() { path, caller }: InputOf<typeof routes.retryOperation>): Promise<Answer> {
    requireScope(caller, [scopeOf(await this.visible(path.operationId, caller))]);
    return accepted(await this.desk.retry(path.operationId));
  }

  private async visible(operationId: string, caller: Caller): Promise<Operation> {
    const operation = await this.operations.get(operationId);
    if (operation !== null && seesTenant(caller, operation.tenantId)) return operation;
    throw new BerthError('operation-not-found', `There is no operation ${operationId}.`, {
      hint: 'Type "berth operations list" to see the operations.',
    });
  }
}
