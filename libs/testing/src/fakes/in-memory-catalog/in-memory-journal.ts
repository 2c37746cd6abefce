import { BerthError, hasEnded } from '@berth/domain';
import {
  type ClaimAnswer,
  Journal,
  type Lease,
  LeaseLost,
  type ReportedError,
  type Settlement,
  type StepEvent,
} from '@berth/saga';
import { asJson, type CatalogMemory, type OperationRecord, type StepRecord } from './catalog-memory.js';

export class InMemoryJournal extends Journal {
  constructor(private readonly memory: CatalogMemory) {
    super();
  }

  async claim(
    operationId: string,
    options: { readonly owner: string; readonly leaseMs: number },
  ): Promise<ClaimAnswer> {
    const record = this.memory.operations.get(operationId);
    if (record === undefined) return { kind: 'absent' };
    const refusal = this.#refusalOf(record);
    if (refusal !== null) return refusal;
    const claimed = this.memory.change(record, {
      state: record.direction === 'undo' ? 'undoing' : 'running',
      fence: this.memory.nextFence(),
      leaseUntil: this.memory.now(options.leaseMs),
      startedAt: record.startedAt ?? this.memory.now(),
      nextAttemptAt: null,
      reason: null,
      error: record.turnError,
    });
    return {
      kind: 'claimed',
      operation: {
        lease: { operationId, owner: options.owner, fence: claimed.fence },
        saga: claimed.saga,
        sagaVersion: claimed.sagaVersion,
        input: asJson(claimed.input),
        direction: claimed.direction,
        cancelRequested: claimed.cancelRequestedAt !== null,
        error: claimed.turnError,
        steps: claimed.steps.map(({ name, state, failures, output, error }) => ({
          ...{ name, state, failures, output, error },
        })),
      },
    };
  }

  async renew(lease: Lease, leaseMs: number): Promise<{ readonly cancelRequested: boolean }> {
    const record = this.#held(lease);
    this.memory.operations.set(record.id, { ...record, leaseUntil: this.memory.now(leaseMs) });
    return { cancelRequested: record.cancelRequestedAt !== null };
  }

  async recordStep(lease: Lease, step: string, event: StepEvent): Promise<void> {
    const record = this.#held(lease);
    if (!record.steps.some(({ name }) => name === step)) {
      throw new BerthError('internal', `The operation ${record.id} has no step ${step} in its journal.`, {
        retry: 'operator',
      });
    }
    const steps = record.steps.map((one) =>
      one.name === step ? stepAfter(one, asJson(event), this.memory.now()) : one,
    );
    this.memory.change(record, { steps });
  }

  async turnBack(lease: Lease, error: ReportedError | null): Promise<void> {
    const kept = asJson(error);
    this.memory.change(this.#held(lease), { direction: 'undo', state: 'undoing', turnError: kept, error: kept });
  }

  async settle(lease: Lease, settlement: Settlement): Promise<void> {
    const record = this.#held(lease);
    const { state } = settlement;
    this.memory.change(record, {
      state,
      reason: 'because' in settlement ? settlement.because : state === 'failed' ? settlement.error.message : null,
      error: 'error' in settlement ? asJson(settlement.error) : null,
      result: state === 'succeeded' ? (asJson(settlement.result) as Readonly<Record<string, unknown>>) : null,
      nextAttemptAt: state === 'waiting' ? this.memory.now(settlement.retryAfterMs) : null,
      endedAt: hasEnded(state) ? this.memory.now() : null,
      leaseUntil: null,
    });
  }

  #refusalOf(record: OperationRecord): ClaimAnswer | null {
    const { state } = record;
    if (hasEnded(state) || state === 'needs-operator') return { kind: 'ended' };
    const now = Number(this.memory.now());
    if (isLeased(record, now)) return { kind: 'held', retryAfterMs: Number(record.leaseUntil) - now };
    const isIdle = state === 'queued' || state === 'waiting';
    if (isIdle && Number(record.nextAttemptAt ?? 0) > now) {
      return { kind: 'early', retryAfterMs: Number(record.nextAttemptAt) - now };
    }
    return this.#isBusy(record, now) ? { kind: 'busy', retryAfterMs: 200 } : null;
  }

  #isBusy(record: OperationRecord, now: number): boolean {
    const leased = [...this.memory.operations.values()].filter(
      (other) => other.id !== record.id && isLeased(other, now),
    );
    return record.clusterIds.some((id) => {
      const limit = this.memory.clusters.get(id)?.maxOperations ?? Infinity;
      return leased.filter((other) => other.clusterIds.includes(id)).length >= limit;
    });
  }

  #held(lease: Lease): OperationRecord {
    const record = this.memory.operations.get(lease.operationId);
    const isHeld = record?.fence === lease.fence && (record.state === 'running' || record.state === 'undoing');
    if (!isHeld) throw new LeaseLost(lease);
    return record;
  }
}

function isLeased({ state, leaseUntil }: OperationRecord, now: number): boolean {
  return (state === 'running' || state === 'undoing') && leaseUntil !== null && Number(leaseUntil) > now;
}

function stepAfter(step: StepRecord, event: StepEvent, now: Date): StepRecord {
  switch (event.kind) {
    case 'started':
      return {
        ...step,
        state: 'started',
        attempts: step.attempts + 1,
        startedAt: step.startedAt ?? now,
        endedAt: null,
      };
    case 'done':
      return { ...step, state: 'done', output: event.output, error: null, endedAt: now };
    case 'failed':
      return { ...step, failures: step.failures + 1, error: event.error };
    case 'undo-started':
      return {
        ...step,
        failures: step.state === 'undo-started' ? step.failures : 0,
        state: 'undo-started',
        endedAt: null,
      };
    case 'undone':
      return { ...step, state: 'undone', endedAt: now };
    case 'progress':
      return { ...step, progress: event.progress as StepRecord['progress'] };
  }
}
