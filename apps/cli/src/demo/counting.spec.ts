import { differing } from './counting.js';

const one = (table: string, rows: number, digest = 'd') => ({ table, rows, digest });

describe('differing', () => {
  it('is empty where all is equal, and lets the ledger grow', () => {
    expect(differing([one('a', 1), one('ledger', 5)], [one('a', 1), one('ledger', 9, 'other')], 'ledger')).toEqual([]);
  });

  it('names tables that changed, vanished, shrank, or came from nowhere', () => {
    const before = [one('changed', 1, 'x'), one('gone', 1), one('ledger', 5), one('fewer', 3)];
    const after = [one('changed', 1, 'y'), one('ledger', 4), one('fewer', 2), one('new', 0)];
    expect(differing(before, after, 'ledger')).toEqual(['changed', 'gone', 'ledger', 'fewer', 'new']);
  });
});
