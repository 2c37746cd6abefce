import type { Failpoint, RuntimeStep } from '@berth/saga';
import { inTurn } from '@berth/testing';
import type { Point } from './breakable-runner.js';
import { sagaOf, stepsOf, type Scenario } from './scenarios/scenario.js';

/** An undo can only go on: its one ending is `resume`. */
export type Ending = 'resume' | 'cancel';

export interface Cell {
  readonly scenario: Scenario;
  readonly saga: string;
  readonly step: RuntimeStep;
  /** `undo`: the operation is cancelled late, and the worker is killed on the way back. */
  readonly direction: Failpoint['direction'];
  readonly point: Point;
  readonly ending: Ending;
}

export type Extent = 'short' | 'full';
type Break = Pick<Cell, 'direction' | 'point' | 'ending'>;

const everywhere: readonly Point[] = ['before', 'inside', 'after', 'journaled'];
const endings: readonly Ending[] = ['resume', 'cancel'];
const forward = (point: Point, ending: Ending): Break => ({ direction: 'run', point, ending });
// An undo that was cut off can only go on.
const back = (point: Point): Break => ({ direction: 'undo', point, ending: 'resume' });

/**
 * The short form is where it hurts most: an act, or its undo, is done and nobody knows of it; or it is taken back though it was never
 * done. What it leaves out repeats it: killed when the journal knows of an act is killed before the next one.
 */
const breaks: Readonly<Record<Extent, readonly Break[]>> = {
  short: [forward('before', 'cancel'), forward('after', 'resume'), forward('after', 'cancel'), back('after')],
  full: [...everywhere.flatMap((point) => endings.map((ending) => forward(point, ending))), ...everywhere.map(back)],
};

/** How a step is broken: back only where it has an undo. In `npm test` the ways take turns, but at the act that decides. */
function breaksOf(step: RuntimeStep, extent: Extent): readonly Break[] {
  const possible = breaks[extent].filter(({ direction }) => direction === 'run' || step.undo !== null);
  return extent === 'full' || step.side === 'pivot' ? possible : inTurn(step.name, possible);
}

/** Steps that the short form breaks; absent: all. */
type Some = readonly string[] | undefined;

const isBroken = (step: RuntimeStep, extent: Extent, some: Some): boolean =>
  extent === 'full' || some === undefined || some.includes(step.name);

/** The full form breaks every step of every scenario; the short one breaks each step of a saga in the first scenario that has it. */
export function cellsOf(scenarios: readonly Scenario[], extent: Extent, some?: Some): readonly Cell[] {
  const seen = new Set<string>();
  return scenarios.flatMap((scenario) =>
    stepsOf(scenario).flatMap((step) => {
      const saga = sagaOf(scenario).name;
      const name = `${saga}/${step.name}`;
      if (!isBroken(step, extent, some) || (extent === 'short' && seen.has(name))) return [];
      seen.add(name);
      return breaksOf(step, extent).map((one) => ({ scenario, saga, step, ...one }));
    }),
  );
}

/** What must have been broken in the end, from the sagas' own lists; that each step has a scenario, test/architecture shows. */
export function wantedOf(scenarios: readonly Scenario[], extent: Extent, some?: Some): readonly string[] {
  const wanted = scenarios.flatMap((scenario) =>
    stepsOf(scenario)
      .filter((step) => isBroken(step, extent, some))
      .flatMap((step) => breaksOf(step, extent).map((one) => ({ scenario, step, ...one }))),
  );
  if (extent === 'full') return wanted.map(({ scenario, step, ...one }) => keyOf(scenario.name, step.name, one));
  // One scenario stands for the others: the first of its saga that has the step.
  const firstWith = (scenario: Scenario, step: RuntimeStep) =>
    scenarios.find((one) => sagaOf(one) === sagaOf(scenario) && stepsOf(one).some(({ name }) => name === step.name));
  return wanted
    .filter(({ scenario, step }) => firstWith(scenario, step) === scenario)
    .map(({ scenario, step, ...one }) => keyOf(scenario.name, step.name, one));
}

/**
 * `scenario | step | direction | point | ending`. With the scenario: a step that calls no port in one of them has no place inside it there, and
 * another one's places do not stand for it.
 */
export function keyOf(scenario: string, step: string, { direction, point, ending }: Break): string {
  return [scenario, step, direction, point, ending].join(' | ');
}
