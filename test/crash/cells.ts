import type { Failpoint, RuntimeStep } from '@berth/saga';
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
const points: Readonly<Record<Failpoint['direction'], Readonly<Record<Extent, readonly Point[]>>>> = {
  run: { short: ['before', 'after', 'journaled'], full: everywhere },
  // Where it hurts most: all is undone, nobody knows, and it is undone again.
  undo: { short: ['after'], full: everywhere },
};

/** How a step is broken: forward at each point by each ending; back, where it has an undo. */
function breaksOf(step: RuntimeStep, extent: Extent): readonly Break[] {
  const endings: readonly Ending[] = ['resume', 'cancel'];
  const forward = points.run[extent].flatMap((point) =>
    endings.map((ending) => ({ direction: 'run', point, ending }) as const),
  );
  const back = points.undo[extent].map((point) => ({ direction: 'undo', point, ending: 'resume' }) as const);
  return step.undo === null ? forward : [...forward, ...back];
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

/** What must have been broken in the end, from the sagas' own lists. */
export function wantedOf(scenarios: readonly Scenario[], extent: Extent, some?: Some): readonly string[] {
  const concerned = [...new Set(scenarios.map(sagaOf))];
  return concerned.flatMap(({ name, steps }) =>
    steps
      .filter((step) => isBroken(step, extent, some))
      .flatMap((step) => breaksOf(step, extent).map((one) => keyOf(step.name, { saga: name, ...one }))),
  );
}

/** `saga | step | direction | point | ending` */
export function keyOf(step: string, { saga, direction, point, ending }: Break & Pick<Cell, 'saga'>): string {
  return [saga, step, direction, point, ending].join(' | ');
}
