import { inTurn } from './in-turn.js';

describe('inTurn', () => {
  const before = process.env['BERTH_TEST_TURN'];
  afterEach(() => {
    if (before === undefined) delete process.env['BERTH_TEST_TURN'];
    else process.env['BERTH_TEST_TURN'] = before;
  });
  const at = (turn: string, suite: string): readonly number[] => {
    process.env['BERTH_TEST_TURN'] = turn;
    return inTurn(suite, [15, 16, 18]);
  };

  it('leaves nothing out where there are no turns', () => {
    expect(at('', 'file:///a.spec.ts')).toEqual([15, 16, 18]);
  });

  it('gives each its turn, wherever the file lies', () => {
    const turns = ['7', '8', '9'].map((turn) => at(turn, 'file:///a.spec.ts'));
    expect(turns.flat().sort()).toEqual([15, 16, 18]);
    expect(at('7', 'file:///elsewhere/a.spec.ts')).toEqual(turns[0]);
  });

  it('has each of them in one turn or another suite', () => {
    const suites = Array.from({ length: 30 }, (_, index) => at('7', `file:///suite-${String(index)}.spec.ts`));
    expect(new Set(suites.flat())).toEqual(new Set([15, 16, 18]));
  });

  it('has none of none', () => {
    process.env['BERTH_TEST_TURN'] = '7';
    expect(inTurn('file:///a.spec.ts', [])).toEqual([]);
  });
});
