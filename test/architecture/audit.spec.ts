import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { repositoryRoot } from './seeded-tree.js';

interface Audit {
  readonly verdictOf: (
    printed: string,
    reasons: Readonly<Record<string, string>>,
  ) => { readonly answered: boolean; readonly faults: readonly string[]; readonly notes: readonly string[] };
}

const script = pathToFileURL(path.join(repositoryRoot, 'scripts/audit.mjs')).href;
const { verdictOf } = (await import(script)) as Audit;

const url = 'https://github.com/advisories/GHSA-0000-0000-0000';
const answer = (vulnerabilities: object): string =>
  JSON.stringify({ vulnerabilities, metadata: { vulnerabilities: { total: Object.keys(vulnerabilities).length } } });
const one = answer({
  left: { name: 'left', via: [{ title: 'reads too much', url, severity: 'high' }] },
  // What only needs the package above is told with it.
  right: { name: 'right', via: ['left'] },
});

describe('the comparison with published advisories', () => {
  it('finds nothing in a clean answer', () => {
    expect(verdictOf(answer({}), {})).toEqual({ answered: true, faults: [], notes: [] });
  });

  it('fails for an advisory that nobody explained, once and by its name', () => {
    expect(verdictOf(one, {}).faults).toEqual([`left, high: reads too much (${url})`]);
  });

  it('tells the reason of one that was explained, and fails for an explanation that outlived its advisory', () => {
    expect(verdictOf(one, { [url]: 'we never read' })).toMatchObject({
      faults: [],
      notes: [`left: ${url} does not concern Berth: we never read`],
    });
    expect(verdictOf(answer({}), { [url]: 'we never read' }).faults).toHaveLength(1);
  });

  it('says why a registry did not answer, and does not call that clean', () => {
    const refused = JSON.stringify({ message: '405 Method Not Allowed', statusCode: 405 });
    const notes = ['The registry did not answer: 405 Method Not Allowed'];
    expect(verdictOf(refused, {})).toEqual({ answered: false, faults: [], notes });
    expect(verdictOf('', {})).toMatchObject({ answered: false, notes: [expect.stringContaining('no answer')] });
  });
});
