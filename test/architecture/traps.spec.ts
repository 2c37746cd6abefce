import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readMarkdown } from './documents.js';
import { repositoryRoot } from './seeded-tree.js';

const rows = readMarkdown('docs/traps.md').rows;

describe('the traps of a move', () => {
  it('are all there, in their order', () => {
    expect(rows.map(([number]) => Number(number))).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
  });

  it.each(rows)('%s %s: its test is there', (_number, _trap, file = '', test = '') => {
    const text = readFileSync(path.join(repositoryRoot, file.replaceAll('`', '')), 'utf8');
    expect(text).toContain(`'${test.replaceAll('\\|', '|')}`);
  });
});
