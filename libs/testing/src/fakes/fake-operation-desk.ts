import { randomUUID } from 'node:crypto';
import { BerthError, defaultStreamLimits, type Finding, type Operation, type TenantId, placeOf } from '@berth/domain';
import { type MoveWord, OperationDesk, type OperationPlan, type OperationRequest } from '@berth/operations';
import type {
  Confirmations,
  MoveCatalog,
  NewOperation,
  OperationCatalog,
  PlacementCatalog,
  PlanCatalog,
  TenantCatalog,
} from '@berth/ports';

interface Catalogs {
  readonly tenants: TenantCatalog;
  readonly placements: PlacementCatalog;
  readonly plans: PlanCatalog;
  readonly moves: MoveCatalog;
  readonly operations: OperationCatalog;
  readonly confirmations: Confirmations;
}

const cluster = 'shared-1';

type AlsoWritten = Pick<NewOperation, 'newTenant'> | Pick<NewOperation, 'newMove'>;

/** Plans two steps whatever is asked, and writes the operation to the catalogs it is given. Runs nothing. */
export class FakeOperationDesk extends OperationDesk {
  /** What the next plans find. */
  findings: readonly Finding[] = [];
  readonly requests: OperationRequest[] = [];

  constructor(private readonly catalogs: Catalogs) {
    super();
  }

  async plan(request: OperationRequest): Promise<OperationPlan> {
    this.requests.push(request);
    const tenantId = await this.tenantOf(request);
    if (request.kind === 'provision-tenant' && (await this.catalogs.plans.get(request.plan)) === null) {
      throw new BerthError('plan-not-found', `There is no plan "${request.plan}".`);
    }
    return {
      kind: request.kind,
      tenantId,
      clusterIds: [cluster],
      steps: [
        { name: 'prepare-work', description: `Prepare ${request.kind} of ${tenantId}.`, pointOfNoReturn: false },
        { name: 'finish-work', description: `Finish ${request.kind} of ${tenantId}.`, pointOfNoReturn: true },
      ],
      findings: this.findings,
      decision: null,
    };
  }

  async start(request: OperationRequest, requestedBy: string): Promise<Operation> {
    const { kind, tenantId, clusterIds, steps, findings } = await this.plan(request);
    if (findings.some(({ severity }) => severity === 'error')) {
      throw new BerthError('preflight-failed', 'The checks found what keeps it from starting.', {
        details: { findings },
      });
    }
    const id = randomUUID();
    const facts = { id, kind, saga: kind, sagaVersion: 1, tenantId, clusterIds, steps, requestedBy, input: {} };
    return this.catalogs.operations.create(Object.assign(facts, await this.alsoWritten(request, tenantId)));
  }

  async cancel(operationId: string): Promise<Operation> {
    return this.catalogs.operations.requestCancel(operationId);
  }

  async retry(operationId: string): Promise<Operation> {
    return this.catalogs.operations.retry(operationId);
  }

  async confirm(operationId: string): Promise<Operation> {
    await this.catalogs.confirmations.confirm(operationId);
    const operation = await this.catalogs.operations.get(operationId);
    if (operation === null) throw new BerthError('operation-not-found', `There is no operation ${operationId}.`);
    return operation;
  }

  async requestSwitch(moveId: string): Promise<Operation> {
    await this.catalogs.moves.requestSwitch(moveId);
    return this.operationOf(moveId);
  }

  async requestVerify(moveId: string): Promise<Operation> {
    await this.catalogs.moves.requestVerify(moveId);
    return this.operationOf(moveId);
  }

  async planWord(moveId: string, word: MoveWord): Promise<OperationPlan> {
    const { kind, tenantId } = await this.operationOf(moveId);
    const description = `Heed ${word} of ${tenantId}.`;
    const steps = [{ name: 'heed-word', description, pointOfNoReturn: word === 'switch' }];
    return { kind, tenantId, clusterIds: [cluster], steps, findings: this.findings, decision: null };
  }

  private async operationOf(moveId: string): Promise<Operation> {
    const operation = await this.catalogs.operations.get(moveId);
    if (operation === null) throw new BerthError('operation-not-found', `There is no operation ${moveId}.`);
    return operation;
  }

  private async tenantOf(request: OperationRequest): Promise<TenantId> {
    if (request.kind === 'provision-tenant' || request.kind === 'adopt-tenant') return request.tenantId;
    if (request.kind === 'complete-move' || request.kind === 'reverse-move') {
      const move = await this.catalogs.moves.get(request.moveId);
      if (move === null) throw new BerthError('move-not-found', `There is no move ${request.moveId}.`);
      return move.tenantId;
    }
    const tenant = await this.catalogs.tenants.get(request.tenantId);
    if (tenant === null) throw new BerthError('tenant-not-found', `There is no tenant ${request.tenantId}.`);
    return tenant.id;
  }

  private async alsoWritten(request: OperationRequest, tenantId: TenantId): Promise<AlsoWritten> {
    if (request.kind === 'provision-tenant' || request.kind === 'adopt-tenant')
      return { newTenant: { plan: request.plan, constraints: request.constraints } };
    if (request.kind !== 'move-tenant') return {};
    const from = await this.catalogs.placements.current(tenantId);
    return {
      newMove: {
        strategy: request.strategy,
        direction: request.target.tier === 'dedicated' ? 'promote' : 'demote',
        switchMode: request.switchMode,
        planBefore: null,
        fromGeneration: from?.generation ?? 1,
        toGeneration: (from?.generation ?? 1) + 1,
        fromClusterId: from?.clusterId ?? cluster,
        toClusterId: request.target.clusterId ?? `dedicated-${tenantId}`,
        maxRetainedBytes: request.strategy === 'online' ? defaultStreamLimits.maxRetainedBytes : null,
      },
    };
  }
}

/** A first placement of a tenant on the fake's cluster, for tests that need one. */
export function firstPlacement(tenantId: TenantId, operationId: string) {
  return { ...placeOf(tenantId, cluster, 'tenants'), tier: 'shared' as const, generation: 1, operationId };
}
