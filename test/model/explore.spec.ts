import { explore, type Model } from './explore.js';

/** A walk over numbers: one up, two up, or a fall to 100, from where there is no way. */
const walk = (change: Partial<Model<number>> = {}): Model<number> => ({
  start: 0,
  moves: (n) => [
    ...(n < 5 ? [{ line: 'one', to: n + 1 }] : []),
    ...(n < 4 ? [{ line: 'two', to: n + 2 }] : []),
    ...(n === 3 ? [{ line: 'falls', to: 100, fault: true as const }] : []),
  ],
  keyOf: String,
  wrongWith: () => null,
  isEnd: (n) => n === 5 || n === 100,
  ...change,
});

describe('the explorer', () => {
  it('looks at every state once', () => {
    expect(explore(walk())).toEqual({ states: 7, ends: 2, found: null });
  });

  it('tells the shortest way to what is wrong', () => {
    const wrongWith = (n: number): string | null => (n === 4 ? 'four' : null);
    expect(explore(walk({ wrongWith })).found).toEqual({ wrong: 'four', trace: ['two', 'two'] });
  });

  it('finds a state from which no end can be reached', () => {
    const found = explore(walk({ isEnd: (n) => n === 5 })).found;
    expect(found).toEqual({ wrong: 'No end can be reached from here any more.', trace: ['one', 'two', 'falls'] });
  });

  it('counts on nothing that breaks for an end', () => {
    expect(explore(walk({ isEnd: (n) => n === 100 })).found).toMatchObject({ trace: [] });
  });
});
