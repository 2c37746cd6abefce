import type { Failpoint } from './failpoints.js';
import { Heartbeat } from './heartbeat.js';
import { LeaseLost, type ClaimedOperation, type JournaledStep, type Settlement } from './journal.js';
import { Pace } from './pace.js';
import type { ReportedError } from './reported-error.js';
import type { RetryClass, RunnerOptions } from './runner-options.js';
import { applicableSteps, type RuntimeStep, type Saga } from './saga.js';
import type { NotYet, UndoContext } from './step.js';

type Direction = Failpoint['direction'];
/** What acting on one step led to: go on with the next, turn back, or stop here for now. */
type ActResult =
  | { readonly next: 'step'; readonly output: object }
  | { readonly next: 'turn-back'; readonly error: ReportedError | null }
  | { readonly next: 'settle'; readonly settlement: Settlement };

/** One claimed operation on its way: forward step by step, or back, until it settles. */
export class OperationRun<Tools> {
  readonly #steps: readonly RuntimeStep[];
  readonly #journaled: ReadonlyMap<string, JournaledStep>;
  readonly #tools: Tools;
  #heartbeat: Heartbeat;
  #current: RuntimeStep | null = null;
  #direction: Direction;

  constructor(
    private readonly options: RunnerOptions<Tools>,
    private readonly saga: Saga<never, Tools>,
    private readonly operation: ClaimedOperation,
    private readonly shutdown: AbortSignal,
  ) {
    this.#steps = applicableSteps(saga, operation.input as never);
    this.#journaled = new Map(operation.steps.map((step) => [step.name, step]));
    this.#direction = operation.direction === 'undo' ? 'undo' : 'run';
    this.#tools = { ...options.tools, ...options.fenced?.(operation.lease) };
    this.#heartbeat = this.#newHeartbeat();
  }

  async drive(): Promise<Settlement> {
    try {
      return this.#direction === 'run' ? await this.#goForward() : await this.#goBack(this.operation.error);
    } finally {
      this.#heartbeat.end();
    }
  }

  async #goForward(): Promise<Settlement> {
    let given: object = {};
    for (const step of this.#steps) {
      const journaled = this.#journaled.get(step.name);
      if (journaled?.state === 'done') {
        given = { ...given, ...journaled.output };
        continue;
      }
      this.#current = step;
      const result = await this.#advance(step, given, journaled);
      if (result.next === 'settle') return result.settlement;
      if (result.next === 'turn-back') return await this.#turnBack(result.error);
      given = { ...given, ...result.output };
    }
    await this.#heartbeat.refresh();
    const decided = this.#steps.some((step) => step.side === 'pivot');
    if (this.#heartbeat.cancelRequested && !decided) return await this.#turnBack(null);
    return { state: 'succeeded', result: given };
  }

  async #advance(step: RuntimeStep, given: object, journaled: JournaledStep | undefined): Promise<ActResult> {
    await this.#heartbeat.refresh();
    const attempt = (journaled?.failures ?? 0) + 1;
    const back = await this.#heedCancel(step, { wasStarted: journaled?.state === 'started', attempt });
    if (back !== null) return back;
    if (this.#mustLeave()) return { next: 'settle', settlement: { state: 'queued' } };
    // Failures are forgotten by a retry that somebody asked for, and by nothing else.
    const retriedAfter = attempt === 1 ? (journaled?.error ?? null) : null;
    return await this.#act(step, 'run', attempt, () =>
      step.run({ ...this.#context(step), given: given as never, attempt, retriedAfter }),
    );
  }

  #mustLeave(): boolean {
    const { stopReason } = this.#heartbeat;
    if (stopReason === 'lease-lost') throw new LeaseLost(this.operation.lease);
    return stopReason === 'shutdown';
  }

  async #turnBack(error: ReportedError | null): Promise<Settlement> {
    await this.options.journal.turnBack(this.operation.lease, error);
    this.#direction = 'undo';
    // The signal of the way forward may be aborted already; the way back must not be given it.
    this.#heartbeat.end();
    this.#heartbeat = this.#newHeartbeat();
    return await this.#goBack(error);
  }

  /** Undoes in reverse all that was started, the step that failed too. */
  async #goBack(error: ReportedError | null): Promise<Settlement> {
    for (const step of [...this.#steps].reverse()) {
      const journaled = this.#journaled.get(step.name);
      const started = this.#touched.has(step.name) || (journaled !== undefined && journaled.state !== 'pending');
      if ((!started && step.undoUnstarted === undefined) || journaled?.state === 'undone') continue;
      this.#current = step;
      await this.#heartbeat.refresh();
      if (this.#mustLeave()) return { state: 'queued' };
      const attempt = journaled?.state === 'undo-started' ? journaled.failures + 1 : 1;
      const undo = step.undo ?? (() => Promise.resolve({ done: {} }));
      const result = await this.#act(step, 'undo', attempt, () => undo({ ...this.#context(step), because: error }));
      if (result.next === 'settle') return result.settlement;
      if (result.next === 'turn-back') throw new Error(`the undo of ${step.name} was told to turn back`);
    }
    return error === null ? { state: 'cancelled' } : { state: 'failed', error };
  }

  readonly #touched = new Set<string>();

  /** Journal, act, journal; the failpoints stand where a crash would hurt. */
  async #act(
    step: RuntimeStep,
    direction: Direction,
    attempt: number,
    perform: () => Promise<{ readonly done: object } | NotYet>,
  ): Promise<ActResult> {
    const { journal } = this.options;
    const { lease } = this.operation;
    const began = performance.now();
    await journal.recordStep(lease, step.name, { kind: direction === 'run' ? 'started' : 'undo-started' });
    this.#touched.add(step.name);
    try {
      await this.#hit(step, direction, 'before');
      const outcome = await perform();
      if ('notYet' in outcome) {
        this.#observe(step, direction, 'not-yet', began);
        const waiting = this.#wait(outcome.notYet.retryAfterMs, outcome.notYet.because);
        return direction === 'undo' ? waiting : ((await this.#heedNewCancel(step, attempt)) ?? waiting);
      }
      await this.#hit(step, direction, 'after');
      await journal.recordStep(
        lease,
        step.name,
        direction === 'run' ? { kind: 'done', output: outcome.done } : { kind: 'undone' },
      );
      await this.#hit(step, direction, 'journaled');
      this.#observe(step, direction, 'done', began);
      return { next: 'step', output: outcome.done };
    } catch (error) {
      this.#observe(step, direction, this.#heartbeat.stopReason === null ? 'failed' : 'stopped', began, error);
      return await this.#afterFailure(step, direction, attempt, error);
    }
  }

  async #afterFailure(step: RuntimeStep, direction: Direction, attempt: number, error: unknown): Promise<ActResult> {
    if (error instanceof LeaseLost) throw error;
    switch (this.#heartbeat.stopReason) {
      case 'lease-lost':
        throw new LeaseLost(this.operation.lease);
      case 'shutdown':
        return { next: 'settle', settlement: { state: 'queued' } };
      case 'cancelled':
        return { next: 'turn-back', error: null };
      case null:
        break;
    }
    const { retry, report } = this.options.classify(error);
    // Whoever has tried for long enough goes back: a move that waits for a person behind its armed fence lets nobody write.
    const goesOn = this.#triesAgain(retry, attempt);
    const hopeless = retry !== 'operator' && !goesOn;
    const back = direction === 'undo' ? null : await this.#wayBack(step, attempt, hopeless ? report : null);
    if (back?.next === 'settle') return back;
    await this.options.journal.recordStep(this.operation.lease, step.name, { kind: 'failed', error: report });
    if (back !== null) return back;
    if (goesOn) return this.#wait(this.options.backoffMs(attempt), report.message, report);
    return needsOperator(step, direction, report);
  }

  #triesAgain(retry: RetryClass, attempt: number): boolean {
    return retry === 'wait' || (retry === 'backoff' && attempt < this.options.maxAttempts);
  }

  /** After a failure: back because of it (`never`, or tried too often), or because somebody wishes so; null: neither, or too late. */
  async #wayBack(step: RuntimeStep, attempt: number, because: ReportedError | null): Promise<ActResult | null> {
    if (because === null) return await this.#heedNewCancel(step, attempt);
    return await this.#turnBackUnlessPast(step, { wasStarted: true, attempt }, because);
  }

  /** Asks once more before a wait that may be long: a wish that came in the middle of the step should not sleep it out. */
  async #heedNewCancel(step: RuntimeStep, attempt: number): Promise<ActResult | null> {
    await this.#heartbeat.refresh();
    return await this.#heedCancel(step, { wasStarted: true, attempt });
  }

  async #heedCancel(
    step: RuntimeStep,
    seen: { readonly wasStarted: boolean; readonly attempt: number },
  ): Promise<ActResult | null> {
    return this.#heartbeat.cancelRequested ? await this.#turnBackUnlessPast(step, seen, null) : null;
  }

  /** What cannot be read back now is read back later: the operation waits, with the reason, and is never guessed. */
  async #turnBackUnlessPast(
    step: RuntimeStep,
    { wasStarted, attempt }: { readonly wasStarted: boolean; readonly attempt: number },
    because: ReportedError | null,
  ): Promise<ActResult | null> {
    try {
      return (await this.#isPast(step, wasStarted)) ? null : { next: 'turn-back', error: because };
    } catch (error) {
      const { retry, report } = this.options.classify(error);
      await this.options.journal.recordStep(this.operation.lease, step.name, { kind: 'failed', error: report });
      if (!this.#triesAgain(retry, attempt)) return needsOperator(step, 'run', report);
      return this.#wait(this.options.backoffMs(attempt), report.message, report);
    }
  }

  /** Whether the saga can only go forward, seen from this step. A started pivot is read back, never guessed. */
  async #isPast(step: RuntimeStep, wasStarted: boolean): Promise<boolean> {
    if (step.side !== 'pivot') return step.side === 'after';
    if (!wasStarted || step.hasHappened === null) return false;
    return await step.hasHappened(this.#context(step));
  }

  #newHeartbeat(): Heartbeat {
    const { journal, leaseMs } = this.options;
    return new Heartbeat(journal, this.operation.lease, leaseMs, {
      cancellable: () => this.#direction === 'run' && this.#current?.side === 'before',
      cancelRequested: this.operation.cancelRequested,
      shutdown: this.shutdown,
    });
  }

  #wait(retryAfterMs: number, because: string, error: ReportedError | null = null): ActResult {
    return { next: 'settle', settlement: { state: 'waiting', retryAfterMs, because, error } };
  }

  #context(step: RuntimeStep): UndoContext<never, never> {
    const { lease, input } = this.operation;
    return {
      operationId: lease.operationId,
      fence: lease.fence,
      input: input as never,
      tools: this.#tools as never,
      signal: this.#heartbeat.signal,
      reportProgress: this.#progressOf(step),
    };
  }

  /** At most twice a second, and never a reason to fail: progress is for people who watch. */
  #progressOf(step: RuntimeStep): UndoContext<never, never>['reportProgress'] {
    let last = -Infinity;
    const pace = new Pace();
    return (reported) => {
      const now = performance.now();
      if (now - last < 500 && reported.done !== reported.total) return;
      last = now;
      const progress = {
        ...reported,
        at: new Date().toISOString(),
        secondsLeft: pace.secondsLeft(reported, now),
      };
      this.options.journal
        .recordStep(this.operation.lease, step.name, { kind: 'progress', progress })
        .catch(() => undefined);
    };
  }

  async #hit(step: RuntimeStep, direction: Direction, moment: Failpoint['moment']): Promise<void> {
    await this.options.failpoints.hit({ saga: this.saga.name, step: step.name, direction, moment });
  }

  #observe(
    step: RuntimeStep,
    direction: Direction,
    outcome: 'done' | 'not-yet' | 'failed' | 'stopped',
    began: number,
    error?: unknown,
  ): void {
    this.options.observer.stepEnded({
      operationId: this.operation.lease.operationId,
      input: this.operation.input,
      saga: this.saga.name,
      step: step.name,
      direction,
      outcome,
      ms: performance.now() - began,
      error,
    });
  }
}

function needsOperator(step: RuntimeStep, direction: Direction, error: ReportedError): ActResult {
  const act = direction === 'run' ? 'could not finish' : 'could not undo';
  const because = `The step ${step.name} ${act}: ${error.message}`;
  return { next: 'settle', settlement: { state: 'needs-operator', because, error } };
}
