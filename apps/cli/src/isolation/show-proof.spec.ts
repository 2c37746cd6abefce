import type { Report } from './read-report.js';
import { pairTable } from './show-proof.js';

type Row = Report['rows'][number];

const reached: Row['others'] = [{ attempt: 'select', verdict: 'reached', because: 'It read a row.' }];
const untried: Row['others'] = [{ attempt: 'select', verdict: 'not-tried', because: 'The session ended.' }];
const row = (from: string, to: string, others: Row['others'] = [], pooler: string | null = null): Row => ({
  ...{ from, to, pooler, refused: 30, others },
});
const reportOf = (rows: readonly Row[]): Report => ({
  ...{ tenants: 2, pairs: rows.length, allPairs: rows.length, sample: null, poolers: [], counts: [] },
  rows: [...rows],
});

it('draws all pairs of a few tenants, the worst of all ways in each', () => {
  const rows = [
    row('acme', 'bakery'),
    row('acme', 'bakery', reached, 'pool-1'),
    row('bakery', 'acme', untried),
    row('bakery', 'acme', [], 'pool-1'),
    row('acme', 'cellar'),
  ];
  expect(pairTable(reportOf(rows))).toEqual([
    'FROM \\ TO  1  2  3',
    '1 acme     -  !  .',
    '2 bakery   ?  -  ?',
    '3 cellar   ?  ?  -',
    '. refused   ! reached   ? not tried',
  ]);
});

it('names of many tenants those alone that reached another one, and whom', () => {
  const names = Array.from({ length: 13 }, (_, index) => `t${String(index).padStart(2, '0')}`);
  const rows = names.flatMap((from) => names.filter((to) => to !== from).map((to) => row(from, to)));
  expect(pairTable(reportOf(rows))).toEqual(['none of 13 tenants reached another one']);
  const broken = [...rows, row('t03', 't09', reached), row('t03', 't01', reached), row('t05', 't03', reached)];
  expect(pairTable(reportOf(broken))).toEqual([
    'TENANT  REACHED  WHOM',
    't03           2  t01, t09',
    't05           1  t03',
  ]);
});
