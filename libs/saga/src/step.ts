import type { ReportedError } from './reported-error.js';

/** What a step answers: it is done and gives values to later steps, or it has to wait. A step never sleeps in a worker. */
export type StepOutcome<Gives> = { readonly done: Gives } | NotYet;

export interface NotYet {
  readonly notYet: { readonly retryAfterMs: number; readonly because: string };
}

/** `total` null: not known. */
export interface Amount {
  readonly done: number;
  readonly total: number | null;
  readonly unit: string;
}

/** How far a step is; the journal keeps it as it is and readers show it. `also`: the same work in other units, where they are known. */
export interface StepProgress extends Amount {
  readonly text: string;
  readonly also?: readonly Amount[];
}

interface ActContext<Input, Tools> {
  readonly operationId: string;
  /** Number of the lease; it only grows. Every change that a step makes carries it, so that a late worker is refused. */
  readonly fence: number;
  readonly input: Input;
  readonly tools: Tools;
  /** Aborted when the operation is cancelled, the worker shuts down or the lease is lost. Long work must look at it. */
  readonly signal: AbortSignal;
  readonly reportProgress: (progress: StepProgress) => void;
}

export interface RunContext<Input, Tools, Needs> extends ActContext<Input, Tools> {
  /** What earlier steps gave. */
  readonly given: Needs;
  /** 1 for the first try. */
  readonly attempt: number;
  /** What the step had failed with when a person, who could read it, had it tried again; null in every other case. */
  readonly retriedAfter: ReportedError | null;
}

/** An undo gets no result of `run`: it finds half-done work by names that follow from the input and the operation's id. */
export type UndoContext<Input, Tools> = ActContext<Input, Tools>;

export interface WayBackContext<Input, Tools> extends UndoContext<Input, Tools> {
  /** What the operation turned back for; null: somebody cancelled it. */
  readonly because: ReportedError | null;
}

interface Act<Input, Tools, Needs, Gives> {
  /** Verb-noun in kebab-case, unique in its saga: the journal, the failpoints and the runbooks know it by this. */
  readonly name: string;
  /** One sentence for the plan. Pure: the dry run prints what runs. */
  readonly describe: (input: Input) => string;
  /** Idempotent: after a crash a started step runs again. */
  readonly run: (context: RunContext<Input, Tools, Needs>) => Promise<StepOutcome<Gives>>;
}

/** A step before the point of no return: it says how it is undone, or why there is nothing to undo. */
export type Step<Input, Tools, Needs, Gives> = Act<Input, Tools, Needs, Gives> &
  (
    | {
        readonly undo: (context: WayBackContext<Input, Tools>) => Promise<UndoOutcome>;
        /** Why it is undone even if it never started: what was written together with the operation itself goes with it. */
        readonly undoUnstarted?: string;
        readonly nothingToUndo?: undefined;
      }
    | { readonly nothingToUndo: string; readonly undo?: undefined; readonly undoUnstarted?: undefined }
  );

export type UndoOutcome = { readonly done: object } | NotYet;

/**
 * The step that decides. When it was interrupted, `hasHappened` reads back whether the decision was made; a failure of that
 * reading is retried, never guessed.
 */
export type DecisiveStep<Input, Tools, Needs, Gives> = Act<Input, Tools, Needs, Gives> & {
  readonly hasHappened: (context: UndoContext<Input, Tools>) => Promise<boolean>;
  readonly undo?: undefined;
};

/** A step after the point of no return: it can only be finished. */
export type ForwardStep<Input, Tools, Needs, Gives> = Act<Input, Tools, Needs, Gives> & {
  readonly undo?: undefined;
  readonly nothingToUndo?: undefined;
};

export type NoValues = Record<never, never>;

/** Types a step without naming what it gives: `step<Input, Tools, Needs>()({ … })`. */
export const step =
  <Input, Tools, Needs = NoValues>() =>
  <Gives extends object>(definition: Step<Input, Tools, Needs, Gives>): Step<Input, Tools, Needs, Gives> =>
    definition;

export const decisiveStep =
  <Input, Tools, Needs = NoValues>() =>
  <Gives extends object>(
    definition: DecisiveStep<Input, Tools, Needs, Gives>,
  ): DecisiveStep<Input, Tools, Needs, Gives> =>
    definition;

export const forwardStep =
  <Input, Tools, Needs = NoValues>() =>
  <Gives extends object>(
    definition: ForwardStep<Input, Tools, Needs, Gives>,
  ): ForwardStep<Input, Tools, Needs, Gives> =>
    definition;

export const done = { done: {} } as const;

export function notYet(retryAfterMs: number, because: string): NotYet {
  return { notYet: { retryAfterMs, because } };
}
