import type { RuntimeStep } from '@berth/saga';
import type { Point } from './breakable-runner.js';
import { sagaOf, stepsOf, type Scenario } from './scenarios.js';

export type Ending = 'resume' | 'cancel';

export interface Cell {
  readonly scenario: Scenario;
  readonly saga: string;
  readonly step: RuntimeStep;
  readonly point: Point;
  readonly ending: Ending;
}

export type Extent = 'short' | 'full';

const points: Readonly<Record<Extent, readonly Point[]>> = {
  short: ['before', 'after', 'journaled'],
  full: ['before', 'inside', 'after', 'journaled'],
};
const endings: readonly Ending[] = ['resume', 'cancel'];

/** The full form breaks every step of every scenario; the short one breaks each step of a saga in the first scenario that has it. */
export function cellsOf(scenarios: readonly Scenario[], extent: Extent): readonly Cell[] {
  const seen = new Set<string>();
  return scenarios.flatMap((scenario) =>
    stepsOf(scenario).flatMap((step) => {
      const saga = sagaOf(scenario).name;
      const name = `${saga}/${step.name}`;
      if (extent === 'short' && seen.has(name)) return [];
      seen.add(name);
      return points[extent].flatMap((point) => endings.map((ending) => ({ scenario, saga, step, point, ending })));
    }),
  );
}

/** What must have been broken in the end, from the sagas' own lists: `saga | step | point | ending`. */
export function wantedOf(scenarios: readonly Scenario[], extent: Extent): readonly string[] {
  const concerned = [...new Set(scenarios.map(sagaOf))];
  return concerned.flatMap(({ name, steps }) =>
    steps.flatMap((step) =>
      points[extent].flatMap((point) => endings.map((ending) => [name, step.name, point, ending].join(' | '))),
    ),
  );
}
