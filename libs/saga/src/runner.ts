import { LeaseLost, type ClaimAnswer, type Settlement } from './journal.js';
import { OperationRun } from './operation-run.js';
import type { RunnerOptions } from './runner-options.js';

export type RunReport =
  | { readonly kind: 'settled'; readonly settlement: Settlement }
  | { readonly kind: 'not-claimed'; readonly answer: Exclude<ClaimAnswer, { kind: 'claimed' }> }
  | { readonly kind: 'lease-lost' }
  /** The journal itself failed. The lease runs out and the sweep brings the operation back. */
  | { readonly kind: 'abandoned'; readonly error: unknown };

/** Runs operations of the given sagas, one at a time for each call of {@link run}. */
export class SagaRunner<Tools> {
  constructor(private readonly options: RunnerOptions<Tools>) {}

  /** Takes the operation as far as it goes now: to an end, to a wait, or to an operator. Never throws. */
  async run(operationId: string, shutdown: AbortSignal): Promise<RunReport> {
    const { journal, owner, leaseMs } = this.options;
    try {
      const answer = await journal.claim(operationId, { owner, leaseMs });
      if (answer.kind !== 'claimed') return { kind: 'not-claimed', answer };
      const settlement = await this.#drive(answer.operation, shutdown);
      return { kind: 'settled', settlement };
    } catch (error) {
      return error instanceof LeaseLost ? { kind: 'lease-lost' } : { kind: 'abandoned', error };
    }
  }

  async #drive(
    operation: Extract<ClaimAnswer, { kind: 'claimed' }>['operation'],
    shutdown: AbortSignal,
  ): Promise<Settlement> {
    const { journal, observer, sagas } = this.options;
    const definition = sagas.get(operation.saga);
    const settlement =
      definition?.version === operation.sagaVersion
        ? await new OperationRun(this.options, definition, operation, shutdown).drive()
        : unknownSaga(operation.saga, operation.sagaVersion);
    await journal.settle(operation.lease, settlement);
    const { input, lease, saga } = operation;
    observer.settled({ operationId: lease.operationId, input, saga, settlement });
    return settlement;
  }
}

function unknownSaga(name: string, version: number): Settlement {
  const because = `This worker does not know version ${String(version)} of the saga ${name}.`;
  const hint = 'Run the version of Berth that began the operation until it ends, then retry.';
  return { state: 'needs-operator', because, error: { code: 'unknown-saga', message: because, hint, details: {} } };
}

/** 0.5 s, 1 s, 2 s … one minute at most, with a fifth of jitter so that waiting operations do not return in one wave. */
export function exponentialBackoff(attempt: number): number {
  const base = Math.min(60_000, 500 * 2 ** Math.min(attempt - 1, 10));
  return Math.round(base * (0.9 + Math.random() * 0.2));
}
