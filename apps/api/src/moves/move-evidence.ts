import type { Move, Operation } from '@berth/domain';
import type { AuditLog, OperationCatalog, RecordedAuditEntry } from '@berth/ports';

/** All that is on record of a move: who asked for what, what ran when, and what came of it. */
export interface MoveEvidence {
  readonly move: Move;
  /** The move itself, then what was done with it later, oldest first. */
  readonly operations: readonly Operation[];
  /** Requests that named it, oldest first. */
  readonly requests: readonly RecordedAuditEntry[];
}

const pageSize = 200;

/** From the audit log back to the request that started the move, which comes after the move was made. */
export async function gatherEvidence(
  ports: { readonly audit: Pick<AuditLog, 'list'>; readonly operations: Pick<OperationCatalog, 'get'> },
  move: Move,
): Promise<MoveEvidence> {
  const requests: RecordedAuditEntry[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await ports.audit.list(
      { tenantId: move.tenantId },
      { limit: pageSize, ...(cursor === undefined ? {} : { cursor }) },
    );
    const since = page.items.filter(({ at }) => at >= move.createdAt);
    requests.push(...since.filter((entry) => concerns(entry, move)));
    if (page.next === null || since.length < page.items.length) break;
    cursor = page.next;
  }
  requests.reverse();
  const ids = new Set([move.id, ...requests.flatMap(({ operationId }) => operationId ?? [])]);
  const operations: Operation[] = [];
  for (const id of ids) {
    const operation = await ports.operations.get(id);
    if (operation !== null) operations.push(operation);
  }
  return { move, operations, requests };
}

/** A look at it changes nothing, and is in no log. */
function concerns({ object, operationId, action }: RecordedAuditEntry, { id }: Move): boolean {
  return !action.endsWith(':dry-run') && (operationId === id || object.startsWith(`/v1/moves/${id}/`));
}
