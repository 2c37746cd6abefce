import type {
  DecisiveStep,
  ForwardStep,
  NoValues,
  RunContext,
  Step,
  StepOutcome,
  UndoContext,
  UndoOutcome,
  WayBackContext,
} from './step.js';

/** A step as the runner sees it: types checked by the builder are gone. */
export interface RuntimeStep {
  readonly name: string;
  readonly describe: (input: never) => string;
  readonly applies: (input: never) => boolean;
  readonly run: (context: RunContext<never, never, never>) => Promise<StepOutcome<object>>;
  readonly undo: ((context: WayBackContext<never, never>) => Promise<UndoOutcome>) | null;
  readonly hasHappened: ((context: UndoContext<never, never>) => Promise<boolean>) | null;
  /** Set: undone even if it never started. */
  readonly undoUnstarted?: string;
  /** `before` is undone when the saga turns back; `pivot` decides; `after` only goes forward. */
  readonly side: 'before' | 'pivot' | 'after';
}

declare const inputType: unique symbol;
declare const toolsType: unique symbol;

/** A finished saga. `Input` is all that its steps may know, plain JSON; `Tools` are the ports that they use. */
export interface Saga<Input, Tools> {
  readonly name: string;
  /** Grows when the list of steps changes; an operation begun under another version stops for an operator. */
  readonly version: number;
  readonly steps: readonly RuntimeStep[];
  readonly [inputType]?: (input: Input) => void;
  readonly [toolsType]?: (tools: Tools) => void;
}

/** Makes a step that needs a value which no earlier step gives a compile error that names the value. */
type Satisfied<Given, Needs> = Given extends Needs
  ? unknown
  : { readonly 'no earlier step gives': Exclude<keyof Needs, keyof Given> };

class Steps<Input, Tools> implements Saga<Input, Tools> {
  declare readonly [inputType]?: (input: Input) => void;
  declare readonly [toolsType]?: (tools: Tools) => void;

  constructor(
    readonly name: string,
    readonly version: number,
    readonly steps: readonly RuntimeStep[],
  ) {}

  protected with(
    step: object,
    side: RuntimeStep['side'],
    applies: (input: never) => boolean = () => true,
  ): readonly RuntimeStep[] {
    const { name, describe, run, undo, undoUnstarted, hasHappened } = step as Omit<RuntimeStep, 'applies' | 'side'> &
      Partial<RuntimeStep>;
    if (this.steps.some((other) => other.name === name))
      throw new Error(`The saga ${this.name} has two steps named ${name}.`);
    const back = { undo: undo ?? null, hasHappened: hasHappened ?? null, ...(undoUnstarted && { undoUnstarted }) };
    return [...this.steps, { name, describe, run, ...back, applies, side }];
  }
}

/** The part of a saga before its point of no return. A saga without one is undone as a whole. */
export class SagaBefore<Input, Tools, Given> extends Steps<Input, Tools> {
  step<T, N, G extends object>(
    step: Step<Input, T, N, G> & Satisfied<Given, N>,
  ): SagaBefore<Input, Tools & T, Given & G> {
    return new SagaBefore(this.name, this.version, this.with(step, 'before'));
  }

  /** A step that runs, and is planned, only for some inputs; what it gives may be missing. */
  stepWhen<T, N, G extends object>(
    applies: (input: Input) => boolean,
    step: Step<Input, T, N, G> & Satisfied<Given, N>,
  ): SagaBefore<Input, Tools & T, Given & Partial<G>> {
    return new SagaBefore(this.name, this.version, this.with(step, 'before', applies));
  }

  /** This step decides. Before it everything is undone, after it everything is finished. */
  pointOfNoReturn<T, N, G extends object>(
    step: DecisiveStep<Input, T, N, G> & Satisfied<Given, N>,
  ): SagaAfter<Input, Tools & T, Given & G> {
    return new SagaAfter(this.name, this.version, this.with(step, 'pivot'));
  }
}

/** The part after the point of no return: a step with an undo does not compile here. */
export class SagaAfter<Input, Tools, Given> extends Steps<Input, Tools> {
  step<T, N, G extends object>(
    step: ForwardStep<Input, T, N, G> & Satisfied<Given, N>,
  ): SagaAfter<Input, Tools & T, Given & G> {
    return new SagaAfter(this.name, this.version, this.with(step, 'after'));
  }

  stepWhen<T, N, G extends object>(
    applies: (input: Input) => boolean,
    step: ForwardStep<Input, T, N, G> & Satisfied<Given, N>,
  ): SagaAfter<Input, Tools & T, Given & Partial<G>> {
    return new SagaAfter(this.name, this.version, this.with(step, 'after', applies));
  }
}

/** Begins a saga: `saga<ProvisionTenant>('provision-tenant', 1).step(…)…`. */
export function saga<Input>(name: string, version: number): SagaBefore<Input, object, NoValues> {
  return new SagaBefore<Input, object, NoValues>(name, version, []);
}

export interface PlannedStep {
  readonly name: string;
  readonly description: string;
  readonly pointOfNoReturn: boolean;
}

/** The very steps that will run for this input, in order: the dry run and the journal are made from this list. */
export function planOf<Input>(of: Saga<Input, never>, input: Input): readonly PlannedStep[] {
  return applicableSteps(of, input).map((step) => ({
    name: step.name,
    description: step.describe(input as never),
    pointOfNoReturn: step.side === 'pivot',
  }));
}

export function applicableSteps<Input>(of: Saga<Input, never>, input: Input): readonly RuntimeStep[] {
  return of.steps.filter((step) => step.applies(input as never));
}
