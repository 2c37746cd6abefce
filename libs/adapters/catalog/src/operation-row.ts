import type { Operation, OperationKind, OperationState, OperationStep, StepState, TenantId } from '@berth/domain';

/** JSON of the server: its times are text. */
interface StepJson {
  readonly number: number;
  readonly name: string;
  readonly description: string;
  readonly state: StepState;
  readonly pointOfNoReturn: boolean;
  readonly attempts: number;
  readonly progress: OperationStep['progress'];
  readonly error: OperationStep['error'];
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

export interface OperationRow {
  readonly id: string;
  readonly seq: string;
  readonly kind: OperationKind;
  readonly tenant_id: TenantId;
  readonly cluster_ids: readonly string[];
  readonly state: OperationState;
  readonly reason: string | null;
  readonly error: Operation['error'];
  readonly cancel_requested_at: Date | null;
  readonly requested_by: string;
  readonly decision: Operation['decision'];
  readonly result: Operation['result'];
  readonly next_attempt_at: Date | null;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
  readonly steps: readonly StepJson[];
}

/** The operation `o` with its steps in one row: a list of 50 is one statement, not 51. */
export const operationColumns = /* sql */ `
  o.id, o.seq, o.kind, o.tenant_id, o.cluster_ids, o.state, o.reason, o.error, o.cancel_requested_at, o.requested_by, o.decision,
  o.result, o.next_attempt_at, o.created_at, o.started_at, o.ended_at,
  ( SELECT coalesce(json_agg(json_build_object(
        'number', s.number, 'name', s.name, 'description', s.description, 'state', s.state,
        'pointOfNoReturn', s.point_of_no_return, 'attempts', s.attempts, 'progress', s.progress, 'error', s.error,
        'startedAt', s.started_at, 'endedAt', s.ended_at) ORDER BY s.number), '[]')
    FROM berth.operation_steps s WHERE s.operation_id = o.id ) AS steps
`;

export function operationOf(row: OperationRow): Operation {
  return {
    id: row.id,
    kind: row.kind,
    tenantId: row.tenant_id,
    clusterIds: row.cluster_ids,
    state: row.state,
    reason: row.reason,
    error: row.error,
    cancelRequestedAt: row.cancel_requested_at,
    requestedBy: row.requested_by,
    decision: row.decision,
    steps: row.steps.map((step) => ({ ...step, startedAt: timeOf(step.startedAt), endedAt: timeOf(step.endedAt) })),
    result: row.result,
    nextAttemptAt: row.next_attempt_at,
    createdAt: row.created_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
  };
}

function timeOf(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
