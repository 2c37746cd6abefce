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
