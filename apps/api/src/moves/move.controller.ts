import { Controller, Get, Post } from '@nestjs/common';
import { BerthError, type Move, type StreamLimits, type TenantId } from '@berth/domain';
import { AuditLog, MoveCatalog, OperationCatalog, TenantCatalog } from '@berth/ports';
import { tenantNotFound } from '../access/authenticate.js';
import { seesTenant, type Caller } from '../access/caller.js';
import { ok, type Answer } from '../http/answer.js';
import { given, pageRequest } from '../http/dto.js';
import { requireVersion, type IfMatch } from '../http/etag.js';
import { Input, RequireScope, Route, type InputOf } from '../http/route.js';
import { StartOperation } from '../operations/start-operation.js';
import { gatherEvidence } from './move-evidence.js';
import { progressOfMoves } from './move-progress.js';
import { moveBody, moveEvidenceBody } from './move.dto.js';
import * as routes from './move.routes.js';

@Controller('v1')
export class MoveController {
  constructor(
    private readonly moves: MoveCatalog,
    private readonly tenants: TenantCatalog,
    private readonly work: StartOperation,
    private readonly audit: AuditLog,
    private readonly operations: OperationCatalog,
  ) {}

  @Post('tenants/:tenantId/moves')
  @RequireScope('moves:write')
  @Route(routes.createMove)
  async create(
    @Input() { path, query, body, caller, expectedVersion }: InputOf<typeof routes.createMove>,
  ): Promise<Answer> {
    const { tenantId } = path;
    if (expectedVersion !== undefined) requireVersion(expectedVersion, await this.tenantVersion(tenantId));
    const { clusterId, tier } = body.target;
    // Ids of clusters hold other tenants' names, and the answer tells which of them exist.
    if (clusterId !== undefined && caller.tenantId !== null) {
      throw new BerthError('forbidden', 'The key is bound to one tenant and cannot choose a cluster.', {
        hint: 'Leave the cluster out, or use a key that is not bound to a tenant.',
      });
    }
    const target = { tier, ...given({ clusterId }) };
    const request = {
      kind: 'move-tenant',
      tenantId,
      target,
      strategy: body.strategy,
      switchMode: body.switch,
      ...given({
        identities: body.identities,
        streamLimits: someOf({
          ...paceOf(body),
          maxRetainedBytes: body.maxRetainedBytes,
        }),
        window: someOf({ notBefore: body.notBefore, deadline: body.deadline }),
      }),
    } as const;
    return this.work.planOrStart(request, caller, query.dryRun);
  }

  @Get('moves')
  @RequireScope('tenants:read', 'moves:write')
  @Route(routes.listMoves)
  async list(@Input() { query, caller }: InputOf<typeof routes.listMoves>): Promise<Answer> {
    if (query.tenantId !== undefined && !seesTenant(caller, query.tenantId)) throw tenantNotFound(query.tenantId);
    const tenantId = query.tenantId ?? ((caller.tenantId ?? undefined) as TenantId | undefined);
    const page = await this.moves.list(
      given({ tenantId, open: query.open === true ? true : undefined }),
      pageRequest(query),
    );
    const progress = await progressOfMoves(this.operations, page.items);
    return ok({ items: page.items.map((move) => moveBody(move, progress.get(move.id))), next: page.next });
  }

  @Get('moves/:moveId')
  @RequireScope('tenants:read', 'moves:write')
  @Route(routes.getMove)
  async get(@Input() { path, caller }: InputOf<typeof routes.getMove>): Promise<Answer> {
    const move = await this.visible(path.moveId, caller);
    const progress = await progressOfMoves(this.operations, [move]);
    return ok(moveBody(move, progress.get(move.id)), {
      version: move.version,
      tenantId: move.tenantId,
      operationId: move.id,
    });
  }

  @Get('moves/:moveId/evidence')
  @RequireScope('tenants:read', 'moves:write')
  @Route(routes.getMoveEvidence)
  async evidence(@Input() { path, caller }: InputOf<typeof routes.getMoveEvidence>): Promise<Answer> {
    const move = await this.visible(path.moveId, caller);
    const { audit, operations } = this;
    const evidence = await gatherEvidence({ audit, operations }, move);
    const progress = await progressOfMoves(operations, [move]);
    return ok(moveEvidenceBody(evidence, progress.get(move.id)), { tenantId: move.tenantId });
  }

  @Post('moves/:moveId/switch')
  @RequireScope('moves:write')
  @Route(routes.switchMove)
  async switch(@Input() { path, query, caller, expectedVersion }: InputOf<typeof routes.switchMove>): Promise<Answer> {
    await this.visible(path.moveId, caller, expectedVersion);
    return this.work.planOrSay(path.moveId, 'switch', query.dryRun);
  }

  @Post('moves/:moveId/verify')
  @RequireScope('moves:write')
  @Route(routes.verifyMove)
  async verify(@Input() { path, query, caller, expectedVersion }: InputOf<typeof routes.verifyMove>): Promise<Answer> {
    await this.visible(path.moveId, caller, expectedVersion);
    return this.work.planOrSay(path.moveId, 'verify', query.dryRun);
  }

  @Post('moves/:moveId/reverse')
  @RequireScope('moves:write')
  @Route(routes.reverseMove)
  async reverse(
    @Input() { path, query, caller, expectedVersion }: InputOf<typeof routes.reverseMove>,
  ): Promise<Answer> {
    await this.visible(path.moveId, caller, expectedVersion);
    return this.work.planOrStart({ kind: 'reverse-move', moveId: path.moveId }, caller, query.dryRun);
  }

  @Post('moves/:moveId/complete')
  @RequireScope('moves:write')
  @Route(routes.completeMove)
  async complete(
    @Input() { path, query, caller, expectedVersion }: InputOf<typeof routes.completeMove>,
  ): Promise<Answer> {
    await this.visible(path.moveId, caller, expectedVersion);
    return this.work.planOrStart({ kind: 'complete-move', moveId: path.moveId }, caller, query.dryRun);
  }

  @Post('moves/:moveId/cancel')
  @RequireScope('moves:write')
  @Route(routes.cancelMove)
  async cancel(@Input() { path, query, caller, expectedVersion }: InputOf<typeof routes.cancelMove>): Promise<Answer> {
    await this.visible(path.moveId, caller, expectedVersion);
    return this.work.planOrSay(path.moveId, 'cancel', query.dryRun);
  }

  private async visible(moveId: string, caller: Caller, expectedVersion?: IfMatch): Promise<Move> {
    const move = await this.moves.get(moveId);
    if (move === null || !seesTenant(caller, move.tenantId)) {
      throw new BerthError('move-not-found', `There is no move ${moveId}.`, {
        hint: 'Type "berth moves list" to see the moves.',
      });
    }
    requireVersion(expectedVersion, move.version);
    return move;
  }

  private async tenantVersion(tenantId: TenantId): Promise<number> {
    const tenant = await this.tenants.get(tenantId);
    if (tenant === null) throw tenantNotFound(tenantId);
    return tenant.version;
  }
}

/** What was given of them; undefined when nothing was: a move of another kind has none of them. */
function someOf<T extends object>(fields: T): ReturnType<typeof given<T>> | undefined {
  const some = given(fields);
  return Object.keys(some).length === 0 ? undefined : some;
}

/** Unlimited is more than no limit: the copy gives way to nobody, not to standbys either unless it is told to. */
function paceOf({
  maxBytesPerSecond: most,
  maxStandbyLagBytes: behind = most === 'unlimited' ? most : undefined,
}: Pick<InputOf<typeof routes.createMove>['body'], 'maxBytesPerSecond' | 'maxStandbyLagBytes'>): Partial<StreamLimits> {
  const lag = given({ maxStandbyLagBytes: behind === 'unlimited' ? null : behind });
  if (most === 'unlimited') return { maxBytesPerSecond: null, yields: false, ...lag };
  return { ...given({ maxBytesPerSecond: most }), ...lag };
}
