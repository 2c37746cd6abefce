import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readMarkdown } from './documents.js';
import { repositoryRoot } from './seeded-tree.js';

const rows = readMarkdown('docs/traps.md').rows;

describe('the traps of a move', () => {
  it('are all there, in their order', () => {
    expect(rows.map(([number]) => Number(number))).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
  });

  it.each(rows)('%s %s: its test is there, and named after it', (number = '', _trap, file = '', test = '') => {
    const text = readFileSync(path.join(repositoryRoot, file.replaceAll('`', '')), 'utf8');
    expect(text).toContain(`'trap ${number}: ${test.replaceAll('\\|', '|')}`);
  });

  it('give their numbers to no other test', () => {
    const files = [...new Set(rows.map(([, , file = '']) => file.replaceAll('`', '')))];
    const named = files.flatMap((file) => {
      const text = readFileSync(path.join(repositoryRoot, file), 'utf8');
      return [...text.matchAll(/'trap (\d+): /g)].map(([, number]) => Number(number));
    });
    expect(named.sort((one, other) => one - other)).toEqual(rows.map(([number]) => Number(number)));
  });
});
