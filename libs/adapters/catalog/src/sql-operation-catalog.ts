import {
  BerthError,
  hasEnded,
  type Operation,
  type OperationKind,
  type OperationState,
  openOperationStates,
  type TenantId,
} from '@berth/domain';
import { type NewOperation, OperationCatalog, type Page, type PageRequest, type SeenTenant } from '@berth/ports';
import { type CatalogDatabase, countStates, type Statements } from './catalog-database.js';
import { operationColumns, operationOf, type OperationRow } from './operation-row.js';
import * as sql from './operation-statements.js';
import { keyOf, operationCursor, pageOf } from './page-cursor.js';
import { planNotFound, tenantNotFound } from './sql-tenant-catalog.js';
import { serverErrorOf } from './translate-error.js';

interface LockedOperation {
  readonly state: OperationState;
  readonly direction: 'forward' | 'undo';
  /** The step of no return is done. */
  readonly decided: boolean;
}

export class SqlOperationCatalog extends OperationCatalog {
  constructor(private readonly database: CatalogDatabase) {
    super();
  }

  async create(operation: NewOperation): Promise<Operation> {
    return await this.database.transaction(async (statements) => {
      try {
        if (operation.newTenant !== undefined) await insertTenant(statements, operation, operation.newTenant);
        await insertOperation(statements, operation);
        if (operation.seen !== undefined) await refuseChanged(statements, operation.tenantId, operation.seen);
        if (operation.newMove !== undefined) await insertMove(statements, operation, operation.newMove);
      } catch (error) {
        throw foreignKeyError(error, operation);
      }
      return await requireOperation(statements, operation.id);
    });
  }

  async get(id: string): Promise<Operation | null> {
    return await findOperation(this.database, id);
  }

  async list(
    filter: { readonly tenantId?: TenantId; readonly state?: OperationState; readonly kind?: OperationKind },
    page: PageRequest,
  ): Promise<Page<Operation>> {
    const before = keyOf(operationCursor, page);
    const parameters: unknown[] = [];
    const given = (value: unknown): string => `$${String(parameters.push(value))}`;
    const conditions = [
      ...(before === null ? [] : [`o.seq < ${given(before)}`]),
      ...(filter.tenantId === undefined ? [] : [`o.tenant_id = ${given(filter.tenantId)}`]),
      ...(filter.state === undefined ? [] : [`o.state = ${given(filter.state)}`]),
      ...(filter.kind === undefined ? [] : [`o.kind = ${given(filter.kind)}`]),
    ];
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    const rows = await this.database.rows<OperationRow>(
      `SELECT ${operationColumns} FROM berth.operations o ${where} ORDER BY o.seq DESC LIMIT ${given(page.limit + 1)}`,
      parameters,
    );
    return pageOf(operationCursor, page, rows, { item: operationOf, key: (row) => row.seq });
  }

  async requestCancel(id: string): Promise<Operation> {
    return await this.database.transaction(async (statements) => {
      const { state, direction, decided } = await lockOperation(statements, id);
      if (hasEnded(state)) throw wrongState(id, state, 'It has ended.');
      if (decided) {
        throw new BerthError('past-point-of-no-return', `The operation ${id} has passed its point of no return.`, {
          hint: 'Let it finish; then undo its effect with another operation.',
          details: { operationId: id, state },
        });
      }
      if (direction === 'forward') await statements.rows(sql.recordCancelWish, [id]);
      else if (state === 'needs-operator') throw wrongState(id, state, 'It is being undone already: retry it.');
      return await requireOperation(statements, id);
    });
  }

  async retry(id: string): Promise<Operation> {
    return await this.database.transaction(async (statements) => {
      const { state } = await lockOperation(statements, id);
      if (state === 'needs-operator' || state === 'waiting') await statements.rows(sql.queueAgain, [id]);
      else if (state !== 'queued')
        throw wrongState(id, state, 'Only one that waits or needs an operator can be retried.');
      return await requireOperation(statements, id);
    });
  }

  async due(now: Date, limit: number): Promise<readonly string[]> {
    const rows = await this.database.rows<{ readonly id: string }>(sql.dueOperations, [now, limit]);
    return rows.map(({ id }) => id);
  }

  async openOf(tenantIds: readonly TenantId[]): Promise<readonly Operation[]> {
    if (tenantIds.length === 0) return [];
    const rows = await this.database.rows<OperationRow>(sql.openOperationsOf, [tenantIds]);
    return rows.map(operationOf);
  }

  async revision(id: string): Promise<number | null> {
    const row = await this.database.one<{ readonly revision: string }>(sql.revisionOf, [id]);
    return row === null ? null : Number(row.revision);
  }

  async countOpen(): Promise<Readonly<Partial<Record<OperationState, number>>>> {
    const rows = await this.database.rows<{ readonly state: OperationState; readonly count: string }>(
      countStates('operations'),
      [openOperationStates],
    );
    return Object.fromEntries(
      rows.filter(({ count }) => count !== '0').map(({ state, count }) => [state, Number(count)]),
    );
  }
}

async function insertTenant(
  statements: Statements,
  { tenantId }: NewOperation,
  { plan, constraints }: NonNullable<NewOperation['newTenant']>,
): Promise<void> {
  await statements.rows(sql.forgetFormerTenant, [tenantId]);
  const made = await statements.one(sql.insertTenant, [tenantId, plan, JSON.stringify(constraints)]);
  if (made !== null) return;
  throw new BerthError('tenant-exists', `The tenant ${tenantId} exists already.`, { details: { tenantId } });
}

async function insertOperation(statements: Statements, operation: NewOperation): Promise<void> {
  const { id, kind, saga, sagaVersion, tenantId, clusterIds, input, requestedBy, steps, decision } = operation;
  const parameters = [
    id,
    kind,
    sagaVersion,
    tenantId,
    clusterIds,
    JSON.stringify(input),
    requestedBy,
    JSON.stringify(steps),
    saga,
    decision === undefined ? null : JSON.stringify(decision),
  ];
  // The one that stood in the way may end between the two statements: then there is room now.
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    if ((await statements.one(sql.insertOperation, parameters)) !== null) return;
    const open = await statements.one<Pick<Operation, 'id' | 'kind' | 'state'>>(sql.openOperationOf, [tenantId]);
    if (open !== null) throw inProgress(tenantId, open);
  }
  throw new BerthError('catalog-unavailable', `Operations of the tenant ${tenantId} come and go too fast.`);
}

async function refuseChanged(statements: Statements, tenantId: TenantId, seen: SeenTenant): Promise<void> {
  const found = await statements.one<{ readonly [K in keyof SeenTenant]: SeenTenant[K] | null }>(sql.stillAsSeen, [
    tenantId,
  ]);
  if (found?.state === seen.state && found.plan === seen.plan && found.generation === seen.generation) return;
  throw new BerthError('tenant-state', `Tenant ${tenantId} was changed by an operation that ended just now.`, {
    hint: `Look at it (berth tenants show ${tenantId}), and ask again if it is still wanted.`,
    details: { tenantId, seen, found },
  });
}

function inProgress(tenantId: TenantId, open: Pick<Operation, 'id' | 'kind' | 'state'>): BerthError {
  return new BerthError(
    'operation-in-progress',
    `The tenant ${tenantId} has an operation that has not ended: ${open.kind} ${open.id}.`,
    {
      hint: 'Wait for it, cancel it, or retry it if it needs an operator.',
      details: { operationId: open.id, kind: open.kind, state: open.state },
    },
  );
}

async function insertMove(
  statements: Statements,
  { id, tenantId }: NewOperation,
  move: NonNullable<NewOperation['newMove']>,
): Promise<void> {
  const made = await statements.one(sql.insertMove, [
    id,
    tenantId,
    move.strategy,
    move.direction,
    move.switchMode,
    move.fromGeneration,
    move.toGeneration,
    move.fromClusterId,
    move.toClusterId,
    move.planBefore,
    move.maxRetainedBytes,
  ]);
  if (made !== null) return;
  const open = await statements.one<{ readonly id: string }>(sql.openMoveOf, [tenantId]);
  throw new BerthError('move-open', `The tenant ${tenantId} has a move that is not completed.`, {
    hint: 'Complete, reverse or cancel that move first.',
    details: { tenantId, moveId: open?.id ?? null },
  });
}

function foreignKeyError(error: unknown, { tenantId, newTenant }: NewOperation): unknown {
  if (serverErrorOf(error)?.code !== '23503') return error;
  return newTenant === undefined ? tenantNotFound(tenantId) : planNotFound(newTenant.plan);
}

async function findOperation(statements: Statements, id: string): Promise<Operation | null> {
  const row = await statements.one<OperationRow>(`SELECT ${operationColumns} FROM berth.operations o WHERE o.id = $1`, [
    id,
  ]);
  return row === null ? null : operationOf(row);
}

async function requireOperation(statements: Statements, id: string): Promise<Operation> {
  const operation = await findOperation(statements, id);
  if (operation === null) throw operationNotFound(id);
  return operation;
}

async function lockOperation(statements: Statements, id: string): Promise<LockedOperation> {
  const locked = await statements.one<LockedOperation>(sql.lockOperation, [id]);
  if (locked === null) throw operationNotFound(id);
  return locked;
}

function operationNotFound(id: string): BerthError {
  return new BerthError('operation-not-found', `There is no operation ${id}.`, { details: { operationId: id } });
}

function wrongState(id: string, state: OperationState, why: string): BerthError {
  return new BerthError('operation-state', `The operation ${id} is ${state}. ${why}`, {
    details: { operationId: id, state },
  });
}
