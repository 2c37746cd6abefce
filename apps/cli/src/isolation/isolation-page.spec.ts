import type { Schemas } from '../api/client.js';
import { isolationPage } from './isolation-page.js';
import { notTriedReasons, reachedCells, totals } from './read-report.js';

const report: NonNullable<Schemas['IsolationProof']['report']> = {
  ...{ tenants: 2, pairs: 2, allPairs: 2, sample: null, poolers: ['pool-1'] },
  counts: [
    { attempt: 'select', pooler: null, refused: 1, reached: 1, notTried: 0 },
    { attempt: 'select', pooler: 'pool-1', refused: 0, reached: 0, notTried: 2 },
    { attempt: 'alias', pooler: 'pool-1', refused: 2, reached: 0, notTried: 0 },
  ],
  rows: [
    {
      ...{ from: 'acme', to: 'bakery', pooler: null, refused: 29 },
      others: [{ attempt: 'select', verdict: 'reached', because: 'tenant_acme can read "<b>"."note".' }],
    },
    {
      ...{ from: 'acme', to: 'bakery', pooler: 'pool-1', refused: 30 },
      others: [{ attempt: 'select', verdict: 'not-tried', because: 'The session ended.' }],
    },
    { from: 'bakery', to: 'acme', pooler: null, refused: 30, others: [] },
  ],
};
const proof: Schemas['IsolationProof'] = {
  ...{ id: '0192f3a4-5b6c-7d8e-9f00-112233445566', clusterId: 'shared-1', state: 'ended', verdict: 'broken' },
  ...{ requestedBy: 'key:test', createdAt: '2026-11-21T09:30:00.000Z', startedAt: null, before: null, report },
  endedAt: '2026-11-21T09:30:03.000Z',
};

it('adds the ways up, and names what was reached and why something was not tried', () => {
  expect(totals(report)).toEqual([
    { attempt: 'select', refused: 1, reached: 1, notTried: 2 },
    { attempt: 'alias', refused: 2, reached: 0, notTried: 0 },
  ]);
  expect(reachedCells(report)).toMatchObject([{ from: 'acme', to: 'bakery', way: 'directly', attempt: 'select' }]);
  expect(notTriedReasons(report)).toEqual([{ because: 'The session ended.', times: 1 }]);
});

it('draws every pair, and lets no text of a server become markup', () => {
  const page = isolationPage([proof]);
  expect(page).toContain('<td class="reached">1 reached, 1 not tried, 59 refused</td>');
  expect(page).toContain('<td class="refused">30 refused</td>');
  expect(page).toContain('can read &quot;&lt;b&gt;&quot;');
  expect(page).not.toContain('<b>');
});

it('lists of a sample only the pairs that are not green', () => {
  const page = isolationPage([{ ...proof, report: { ...report, sample: '2 of 9 pairs' } }]);
  expect(page).toContain('1 pairs refused everything.');
  expect(page).toContain('acme → bakery');
  expect(page).not.toContain('bakery → acme');
});
