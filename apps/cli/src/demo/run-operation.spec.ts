import type { Operation } from '../api/client.js';
import { whereItIs } from './run-operation.js';

type Step = Operation['steps'][number];

const step = (change: Partial<Step>): Step =>
  ({ number: 3, description: 'Copy the data.', progress: null, ...change }) as Step;
const silent = { also: [], at: null, secondsLeft: null };
const steps = Array.from({ length: 8 }, () => step({}));

describe('where an operation is, in one line with a bar', () => {
  it('is among its steps, where the step itself does not know', () => {
    expect(whereItIs(steps, step({}))).toBe('█████░░░░░░░░░░░░░░░  25 %  step 3 of 8: Copy the data.');
    const counting = { text: 'rows', done: 7, total: null, unit: 'rows', ...silent };
    expect(whereItIs(steps, step({ progress: counting }))).toBe(
      '█████░░░░░░░░░░░░░░░  25 %  step 3 of 8: rows: 7 rows',
    );
  });

  it('is in the step where that knows its end', () => {
    const half = { text: 'compared', done: 50, total: 100, unit: 'rows', ...silent };
    expect(whereItIs(steps, step({ progress: half }))).toBe(
      '██████████░░░░░░░░░░  50 %  50 of 100 rows  compared, step 3 of 8',
    );
    const known = { ...half, also: [{ done: 3, total: 8, unit: 'tables' }], secondsLeft: 100 };
    expect(whereItIs(steps, step({ progress: known }))).toBe(
      '██████████░░░░░░░░░░  50 %  50 of 100 rows, 3 of 8 tables, about 2 min left  compared, step 3 of 8',
    );
  });
});
