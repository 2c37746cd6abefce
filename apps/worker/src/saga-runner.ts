import { hostname } from 'node:os';
import { asBerthError, type RetryClass } from '@berth/domain';
import { allSagas, type Tools } from '@berth/operations';
import {
  exponentialBackoff,
  SagaRunner,
  type Failpoints,
  type Journal,
  type Lease,
  type ReportedError,
  type RunObserver,
  type Saga,
} from '@berth/saga';

/** How often a step may fail before its operation goes back, or asks an operator where it cannot: with the back-off about a quarter of an hour. */
const maxAttempts = 20;

export function createSagaRunner(parts: {
  readonly tools: Tools;
  readonly fenced?: (lease: Lease) => Partial<Tools>;
  readonly journal: Journal;
  readonly observer: RunObserver;
  readonly leaseMs: number;
  readonly failpoints: Failpoints;
}): SagaRunner<Tools> {
  const byName = new Map<string, Saga<never, Tools>>(allSagas.map((saga) => [saga.name, saga]));
  return new SagaRunner<Tools>({
    ...parts,
    sagas: byName,
    classify: classifyError,
    owner: `${hostname()}:${String(process.pid)}`,
    maxAttempts,
    backoffMs: exponentialBackoff,
  });
}

/** The message of a BerthError holds no secret; of an error that nobody translated, it is kept for the log alone. */
export function classifyError(thrown: unknown): {
  readonly retry: RetryClass;
  readonly report: ReportedError;
} {
  const error = asBerthError(thrown);
  const { code, retry, details } = error;
  const message =
    code === 'internal' ? 'An unexpected error, see the log of the worker for this operation.' : error.message;
  return { retry, report: { code, message, hint: error.hint ?? null, details } };
}
