import { attemptKinds, type AttemptName } from '@berth/domain';
import type { Schemas } from '../api/client.js';
import { count } from '../terminal/duration.js';
import type { Output } from '../terminal/output.js';
import { facts, table } from '../terminal/table.js';
import { notTriedReasons, reachedCells, totals, type Report, verdictSentence } from './read-report.js';

/** Lines of what was reached, at most; all of it is in --json and --html. */
const mostLines = 40;

/** A proof for a person: the verdict, every attempt counted, what was reached, and why something was not tried. */
export function showProof(output: Output, proof: Schemas['IsolationProof']): void {
  const { clusterId, verdict, report, state, before } = proof;
  const colour = ({ isolated: 'green', broken: 'red', incomplete: 'yellow', 'no-pairs': 'dim' } as const)[
    verdict ?? 'no-pairs'
  ];
  output.lines(
    facts([
      ['cluster', output.paint('bold', clusterId)],
      ['isolation', verdict === null ? state : `${output.paint(colour, verdict)}: ${verdictSentence(verdict)}`],
      ['before', before === null ? null : `${before.verdict}, ${before.endedAt}`],
      ['ended', proof.endedAt],
      ['tenants', report === null ? null : tenantsText(report)],
      ['ways', report === null ? null : ['directly', ...report.poolers.map((id) => `pooler ${id}`)].join(', ')],
    ]),
  );
  if (report === null || report.pairs === 0) return;
  output.line();
  output.lines(attemptTable(report, output.width));
  output.line();
  output.lines(pairTable(report));
  const cells = reachedCells(report);
  for (const { from, to, way, attempt, because } of cells.slice(0, mostLines))
    output.line(`${output.paint('red', 'reached')}  ${from} → ${to}, ${way}, ${attempt}: ${because}`);
  if (cells.length > mostLines)
    output.line(`         and ${count(cells.length - mostLines)} more: add --json or --html`);
  for (const { because, times } of notTriedReasons(report).slice(0, mostLines))
    output.line(`${output.paint('yellow', 'not tried')}  ${count(times)} times: ${because}`);
  output.line();
}

function tenantsText({ tenants, pairs, sample }: Report): string {
  return `${count(tenants)}; ${sample ?? `all ${count(pairs)} ordered pairs`}`;
}

function attemptTable(report: Report, width: number): readonly string[] {
  const right = { align: 'right' } as const;
  const columns = [
    { title: 'attempt' },
    { title: 'refused', ...right },
    { title: 'reached', ...right },
    { title: 'not tried', ...right },
    { title: 'a tenant tries to', atLeast: 10 },
  ];
  const rows = totals(report).map(({ attempt, refused, reached, notTried }) => [
    attempt,
    ...[refused, reached, notTried].map((number) => count(number)),
    attemptKinds[attempt as AttemptName].what,
  ]);
  return table(columns, rows, width);
}

/** More than these do not fit beside each other on a screen. */
const mostInMatrix = 12;

/** Who tried to reach whom: all pairs as a matrix, or, of many tenants, a line for each that reached another one. */
export function pairTable(report: Report): readonly string[] {
  const pairs = pairsOf(report);
  const names = [...new Set(report.rows.flatMap(({ from, to }) => [from, to]))].sort();
  if (names.length <= mostInMatrix) {
    const columns = [
      { title: 'from \\ to' },
      ...names.map((_, index) => ({ title: String(index + 1), align: 'right' as const })),
    ];
    const rows = names.map((from, index) => [
      `${String(index + 1)} ${from}`,
      ...names.map((to) => (from === to ? '-' : (pairs.get(from)?.get(to) ?? '?'))),
    ]);
    return [...table(columns, rows, Infinity), '. refused   ! reached   ? not tried'];
  }
  const reached = names.flatMap((from) => {
    const others = [...(pairs.get(from) ?? [])].filter(([, mark]) => mark === '!').map(([to]) => to);
    return others.length === 0 ? [] : [[from, count(others.length), others.sort().join(', ')]];
  });
  if (reached.length === 0) return [`none of ${count(names.length)} tenants reached another one`];
  const right = { align: 'right' } as const;
  return table([{ title: 'tenant' }, { title: 'reached', ...right }, { title: 'whom' }], reached, Infinity);
}

/** What all ways together say of a pair: one that reached counts more than one that was not tried, and that more than a refusal. */
function pairsOf({ rows }: Report): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const pairs = new Map<string, Map<string, string>>();
  for (const { from, to, others } of rows) {
    const own = pairs.get(from) ?? new Map<string, string>();
    pairs.set(from, own);
    const isReached = own.get(to) === '!' || others.some(({ verdict }) => verdict === 'reached');
    const isUntried = own.get(to) === '?' || others.some(({ verdict }) => verdict === 'not-tried');
    own.set(to, isReached ? '!' : isUntried ? '?' : '.');
  }
  return pairs;
}
