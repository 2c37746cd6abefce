import { BerthError } from '@berth/domain';
import {
  type ClaimAnswer,
  Journal,
  type JournaledStep,
  type Lease,
  LeaseLost,
  type ReportedError,
  type Settlement,
  type StepEvent,
} from '@berth/saga';
import type { CatalogDatabase, Statements } from './catalog-database.js';
import * as sql from './journal-statements.js';

interface Inspection {
  readonly state: string;
  readonly leased_ms: string | null;
  readonly early_ms: string | null;
  readonly busy: boolean;
}

interface LeasedRow {
  readonly lease_fence: string;
  readonly saga: string;
  readonly saga_version: number;
  readonly input: unknown;
  readonly direction: 'forward' | 'undo';
  readonly turn_error: ReportedError | null;
  readonly cancel_requested_at: Date | null;
  readonly steps: readonly JournaledStep[];
}

/** When to look again at a cluster that has as many operations as it may: about the time of a short one. */
const busyRetryMs = 200;

export class SqlJournal extends Journal {
  constructor(private readonly database: CatalogDatabase) {
    super();
  }

  async claim(
    operationId: string,
    options: { readonly owner: string; readonly leaseMs: number },
  ): Promise<ClaimAnswer> {
    const refusedAtOnce = refusalOf(await this.database.one<Inspection>(sql.glance, [operationId]));
    if (refusedAtOnce !== null) return refusedAtOnce;
    return await this.database.transaction(async (statements) => {
      await statements.rows(sql.lockOperation, [operationId]);
      await statements.rows(sql.lockClusters, [operationId]);
      const refusal = refusalOf(await statements.one<Inspection>(sql.inspect, [operationId]));
      return refusal ?? (await takeLease(statements, operationId, options));
    });
  }

  async renew(lease: Lease, leaseMs: number): Promise<{ readonly cancelRequested: boolean }> {
    const parameters = [lease.operationId, lease.fence, leaseMs];
    const row = await this.database.one<{ readonly cancel_requested: boolean }>(sql.renew, parameters);
    if (row === null) throw new LeaseLost(lease);
    return { cancelRequested: row.cancel_requested };
  }

  async recordStep(lease: Lease, step: string, event: StepEvent): Promise<void> {
    const kept = keptOf(event);
    const parameters = [lease.operationId, lease.fence, step, ...(kept === null ? [] : [JSON.stringify(kept)])];
    const row = await this.database.one(sql.recordStepEvent[event.kind], parameters);
    if (row === null) throw await this.#whyNot(lease, step);
  }

  async turnBack(lease: Lease, error: ReportedError | null): Promise<void> {
    const parameters = [lease.operationId, lease.fence, error === null ? null : JSON.stringify(error)];
    if ((await this.database.one(sql.turnBack, parameters)) === null) throw new LeaseLost(lease);
  }

  async settle(lease: Lease, settlement: Settlement): Promise<void> {
    const { reason, error, result, waitMs } = settledColumns(settlement);
    const row = await this.database.one(sql.settle, [
      lease.operationId,
      lease.fence,
      settlement.state,
      reason,
      error === null ? null : JSON.stringify(error),
      result === null ? null : JSON.stringify(result),
      waitMs,
    ]);
    if (row === null) throw new LeaseLost(lease);
  }

  /** A step that is not in the journal is a defect, not a lost lease: the two must not look alike. */
  async #whyNot(lease: Lease, step: string): Promise<Error> {
    const known = await this.database.one('SELECT 1 FROM berth.operation_steps WHERE operation_id = $1 AND name = $2', [
      lease.operationId,
      step,
    ]);
    if (known !== null) return new LeaseLost(lease);
    return new BerthError('internal', `The operation ${lease.operationId} has no step ${step} in its journal.`, {
      retry: 'operator',
    });
  }
}

function refusalOf(inspection: Inspection | null): ClaimAnswer | null {
  if (inspection === null) return { kind: 'absent' };
  const leasedMs = Math.ceil(Number(inspection.leased_ms ?? 0));
  const earlyMs = Math.ceil(Number(inspection.early_ms ?? 0));
  switch (inspection.state) {
    case 'running':
    case 'undoing':
      if (leasedMs > 0) return { kind: 'held', retryAfterMs: leasedMs };
      break;
    case 'queued':
    case 'waiting':
      if (earlyMs > 0) return { kind: 'early', retryAfterMs: earlyMs };
      break;
    default:
      return { kind: 'ended' };
  }
  return inspection.busy ? { kind: 'busy', retryAfterMs: busyRetryMs } : null;
}

async function takeLease(
  statements: Statements,
  operationId: string,
  { owner, leaseMs }: { readonly owner: string; readonly leaseMs: number },
): Promise<ClaimAnswer> {
  const row = await statements.one<LeasedRow>(sql.takeLease, [operationId, owner, leaseMs]);
  if (row === null) return { kind: 'absent' };
  return {
    kind: 'claimed',
    operation: {
      lease: { operationId, owner, fence: Number(row.lease_fence) },
      saga: row.saga,
      sagaVersion: row.saga_version,
      input: row.input,
      direction: row.direction,
      cancelRequested: row.cancel_requested_at !== null,
      error: row.turn_error,
      steps: row.steps,
    },
  };
}

function keptOf(event: StepEvent): object | null {
  switch (event.kind) {
    case 'done':
      return event.output;
    case 'failed':
      return event.error;
    case 'progress':
      return event.progress;
    case 'started':
    case 'undo-started':
    case 'undone':
      return null;
  }
}

function settledColumns(settlement: Settlement): {
  readonly reason: string | null;
  readonly error: ReportedError | null;
  readonly result: object | null;
  readonly waitMs: number | null;
} {
  const nothing = { reason: null, error: null, result: null, waitMs: null };
  switch (settlement.state) {
    case 'queued':
    case 'cancelled':
      return nothing;
    case 'succeeded':
      return { ...nothing, result: settlement.result };
    case 'waiting':
      return { ...nothing, reason: settlement.because, error: settlement.error, waitMs: settlement.retryAfterMs };
    case 'needs-operator':
      return { ...nothing, reason: settlement.because, error: settlement.error };
    case 'failed':
      return { ...nothing, reason: settlement.error.message, error: settlement.error };
  }
}
