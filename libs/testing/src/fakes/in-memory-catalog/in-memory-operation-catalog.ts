import {
  BerthError,
  hasEnded,
  isClosedMove,
  type Move,
  type Operation,
  type OperationKind,
  type OperationState,
  type TenantId,
} from '@berth/domain';
import { type NewOperation, OperationCatalog, type Page, type PageRequest } from '@berth/ports';
import { asJson, type CatalogMemory, newestFirst, type OperationRecord, pageOf } from './catalog-memory.js';

export class InMemoryOperationCatalog extends OperationCatalog {
  constructor(private readonly memory: CatalogMemory) {
    super();
  }

  async create(operation: NewOperation): Promise<Operation> {
    const { tenantId, newTenant, newMove } = operation;
    const tenant = this.memory.tenants.get(tenantId);
    if (newTenant !== undefined && tenant !== undefined && !['removed', 'failed'].includes(tenant.state)) {
      throw new BerthError('tenant-exists', `The tenant ${tenantId} exists already.`, { details: { tenantId } });
    }
    if (newTenant === undefined && tenant === undefined) {
      throw new BerthError('tenant-not-found', `There is no tenant ${tenantId}.`);
    }
    if (newTenant !== undefined && !this.memory.plans.has(newTenant.plan)) {
      throw new BerthError('plan-not-found', `There is no plan ${newTenant.plan}.`);
    }
    this.#refuseSecond(tenantId);
    this.#refuseChanged(operation);
    if (newMove !== undefined) this.#refuseSecondMove(tenantId);
    if (newTenant !== undefined) this.#writeTenant(tenantId, newTenant);
    const record = recordOf(operation, this.memory.nextSeq(), this.memory.now());
    this.memory.operations.set(record.id, record);
    if (newMove !== undefined) {
      this.memory.moves.set(record.id, { ...moveOf(operation, newMove, record.createdAt), seq: record.seq });
    }
    return operationOf(record);
  }

  async get(id: string): Promise<Operation | null> {
    const record = this.memory.operations.get(id);
    return record === undefined ? null : operationOf(record);
  }

  async list(
    filter: { readonly tenantId?: TenantId; readonly state?: OperationState; readonly kind?: OperationKind },
    page: PageRequest,
  ): Promise<Page<Operation>> {
    const rows = [...this.memory.operations.values()]
      .filter((row) => filter.tenantId === undefined || row.tenantId === filter.tenantId)
      .filter((row) => filter.state === undefined || row.state === filter.state)
      .filter((row) => filter.kind === undefined || row.kind === filter.kind)
      .sort((left, right) => right.seq - left.seq);
    return pageOf(rows, page, newestFirst('o', operationOf));
  }

  async requestCancel(id: string): Promise<Operation> {
    const record = this.#require(id);
    const { state, direction } = record;
    if (hasEnded(state)) throw wrongState(id, state);
    if (record.steps.some((step) => step.pointOfNoReturn && step.state === 'done')) {
      throw new BerthError('past-point-of-no-return', `The operation ${id} has passed its point of no return.`);
    }
    if (direction === 'undo') {
      if (state === 'needs-operator') throw wrongState(id, state);
      return operationOf(record);
    }
    const woken = state === 'needs-operator' || state === 'waiting';
    return operationOf(
      this.memory.change(record, {
        cancelRequestedAt: record.cancelRequestedAt ?? this.memory.now(),
        state: state === 'needs-operator' ? 'queued' : state,
        nextAttemptAt: woken ? this.memory.now() : record.nextAttemptAt,
      }),
    );
  }

  async retry(id: string): Promise<Operation> {
    const record = this.#require(id);
    if (record.state === 'queued') return operationOf(record);
    if (record.state !== 'needs-operator' && record.state !== 'waiting') throw wrongState(id, record.state);
    const steps = record.steps.map((step) => ({ ...step, failures: 0 }));
    const nextAttemptAt = this.memory.now();
    return operationOf(
      this.memory.change(record, { state: 'queued', reason: null, error: record.turnError, nextAttemptAt, steps }),
    );
  }

  async due(now: Date, limit: number): Promise<readonly string[]> {
    return [...this.memory.operations.values()]
      .map((record) => ({ id: record.id, at: dueAt(record) }))
      .filter((due): due is { id: string; at: Date } => due.at !== null && due.at <= now)
      .sort((left, right) => Number(left.at) - Number(right.at))
      .slice(0, limit)
      .map(({ id }) => id);
  }

  async openOf(tenantIds: readonly TenantId[]): Promise<readonly Operation[]> {
    return [...this.memory.operations.values()]
      .filter(({ tenantId, state }) => tenantIds.includes(tenantId) && !hasEnded(state))
      .map(operationOf);
  }

  async revision(id: string): Promise<number | null> {
    return this.memory.operations.get(id)?.revision ?? null;
  }

  async countOpen(): Promise<Readonly<Partial<Record<OperationState, number>>>> {
    const counts: Partial<Record<OperationState, number>> = {};
    for (const { state } of this.memory.operations.values()) {
      if (!hasEnded(state)) counts[state] = (counts[state] ?? 0) + 1;
    }
    return counts;
  }

  #refuseChanged({ tenantId, seen }: NewOperation): void {
    if (seen === undefined) return;
    const tenant = this.memory.tenants.get(tenantId);
    const current = [...this.memory.placements.values()].find(
      (placement) => placement.tenantId === tenantId && placement.state === 'current',
    );
    if (tenant?.state === seen.state && tenant.plan === seen.plan && current?.generation === seen.generation) return;
    throw new BerthError('tenant-state', `Tenant ${tenantId} was changed by an operation that ended just now.`);
  }

  #refuseSecond(tenantId: TenantId): void {
    const open = [...this.memory.operations.values()].find(
      (other) => other.tenantId === tenantId && !hasEnded(other.state),
    );
    if (open === undefined) return;
    throw new BerthError('operation-in-progress', `The tenant ${tenantId} has an operation that has not ended.`, {
      details: { operationId: open.id, kind: open.kind, state: open.state },
    });
  }

  #refuseSecondMove(tenantId: TenantId): void {
    const open = [...this.memory.moves.values()].find(
      (move) => move.tenantId === tenantId && !isClosedMove(move.state),
    );
    if (open === undefined) return;
    const details = { tenantId, moveId: open.id };
    throw new BerthError('move-open', `The tenant ${tenantId} has a move that is not completed.`, { details });
  }

  #writeTenant(id: TenantId, { plan, constraints }: NonNullable<NewOperation['newTenant']>): void {
    const present = this.memory.tenants.get(id);
    const now = this.memory.now();
    this.memory.ledger.delete(id);
    for (const [keyId, key] of present?.state === 'removed' ? this.memory.apiKeys : []) {
      if (key.tenantId === id) this.memory.apiKeys.set(keyId, { ...key, revokedAt: key.revokedAt ?? now });
    }
    this.memory.tenants.set(id, {
      id,
      state: 'provisioning',
      reason: null,
      plan,
      constraints: asJson(constraints),
      version: (present?.version ?? 0) + 1,
      createdAt: present?.createdAt ?? now,
      updatedAt: now,
      quarantinedUntil: null,
    });
  }

  #require(id: string): OperationRecord {
    const record = this.memory.operations.get(id);
    if (record === undefined) throw new BerthError('operation-not-found', `There is no operation ${id}.`);
    return record;
  }
}

function dueAt({ state, leaseUntil, nextAttemptAt, createdAt }: OperationRecord): Date | null {
  if (state === 'running' || state === 'undoing') return leaseUntil;
  return state === 'queued' || state === 'waiting' ? (nextAttemptAt ?? createdAt) : null;
}

function recordOf(operation: NewOperation, seq: number, createdAt: Date): OperationRecord {
  const { id, kind, saga, sagaVersion, tenantId, clusterIds, input, requestedBy } = operation;
  const fresh = { state: 'pending', attempts: 0, failures: 0, output: null, progress: null, error: null } as const;
  const steps = operation.steps.map(({ name, description, pointOfNoReturn }, index) => ({
    number: index + 1,
    name,
    description,
    pointOfNoReturn,
    ...fresh,
    startedAt: null,
    endedAt: null,
  }));
  const nothing = { reason: null, error: null, turnError: null, result: null, cancelRequestedAt: null } as const;
  const never = { nextAttemptAt: null, leaseUntil: null, startedAt: null, endedAt: null } as const;
  const begin = { state: 'queued', direction: 'forward', fence: 0, revision: 1, createdAt } as const;
  const decision = operation.decision === undefined ? null : asJson(operation.decision);
  const facts = { id, seq, kind, saga, sagaVersion, tenantId, clusterIds, requestedBy, decision };
  return { ...facts, input: asJson(input), ...begin, ...nothing, ...never, steps };
}

function moveOf({ id, tenantId }: NewOperation, move: NonNullable<NewOperation['newMove']>, now: Date): Move {
  const switchRequestedAt = move.switchMode === 'auto' ? now : null;
  const begin = { state: 'preflight', reason: null, version: 1, createdAt: now, switchRequestedAt } as const;
  const open = {
    error: null,
    readBack: null,
    switchedAt: null,
    reversedAt: null,
    writePauseMs: null,
    comparison: null,
    reverseComparison: null,
    verifyRequestedAt: null,
    comparedStamp: null,
    lag: null,
    endedAt: null,
  } as const;
  return { id, tenantId, ...move, ...begin, ...open };
}

function operationOf(record: OperationRecord): Operation {
  const { id, kind, tenantId, clusterIds, state, reason, error, cancelRequestedAt, requestedBy, result } = record;
  const { nextAttemptAt, createdAt, startedAt, endedAt, decision } = record;
  const facts = {
    id,
    kind,
    tenantId,
    clusterIds,
    state,
    reason,
    error,
    cancelRequestedAt,
    requestedBy,
    result,
    decision,
  };
  const steps = record.steps.map(({ failures: _failures, output: _output, ...step }) => step);
  return { ...facts, steps, nextAttemptAt, createdAt, startedAt, endedAt };
}

function wrongState(id: string, state: OperationState): BerthError {
  return new BerthError('operation-state', `The operation ${id} is ${state}.`, { details: { operationId: id, state } });
}
