import { attemptKinds, type AttemptName } from '@berth/domain';
import type { Schemas } from '../api/client.js';
import { notTriedReasons, reachedCells, totals, type Report, verdictSentence } from './read-report.js';

type Proof = Schemas['IsolationProof'];

const style = `
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: #1a1a1a; background: #fff; }
  table { border-collapse: collapse; margin: 1rem 0; }
  th, td { border: 1px solid #ccc; padding: .2rem .5rem; text-align: left; vertical-align: top; }
  td.number { text-align: right; }
  .refused { background: #e3f4e3; } .reached { background: #f8d0d0; font-weight: bold; } .not-tried { background: #fbeec6; }
  .self { background: #eee; }
`;

/** One page without anything from elsewhere: the matrix of pairs, every attempt counted, and what was reached. */
export function isolationPage(proofs: readonly Proof[]): string {
  const body = proofs.map(proofSection).join('\n');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Isolation of tenants</title><style>${style}</style></head>
<body><h1>Isolation of tenants</h1>
${body}
</body></html>
`;
}

function proofSection({ clusterId, verdict, report, endedAt, id, requestedBy }: Proof): string {
  const head = `<h2>${text(clusterId)}: ${text(verdict ?? 'not ended')}</h2>`;
  if (verdict === null || report === null) return head;
  const { tenants, pairs, sample } = report;
  const size = `${String(tenants)} tenants, ${sample ?? `all ${String(pairs)} ordered pairs`}`;
  const said = `<p>${text(verdictSentence(verdict))}. ${text(size)}. Ended ${text(endedAt ?? '')}, asked for by ${text(requestedBy)} (${text(id)}).</p>`;
  return [head, said, reachedList(report), matrix(report), attempts(report), reasons(report)].join('\n');
}

function reachedList(report: Report): string {
  const lines = reachedCells(report).map(
    ({ from, to, way, attempt, because }) =>
      `<tr class="reached"><td>${text(from)}</td><td>${text(to)}</td><td>${text(way)}</td><td>${text(attempt)}</td><td>${text(because)}</td></tr>`,
  );
  if (lines.length === 0) return '';
  return `<h3>Reached</h3><table><tr><th>from</th><th>to</th><th>way</th><th>attempt</th><th>how</th></tr>${lines.join('\n')}</table>`;
}

/** Every pair with all its ways. Of a sample only the pairs that were not refused throughout: most cells would be empty. */
function matrix(report: Report): string {
  const cells = new Map<string, PairSum>();
  for (const { from, to, refused, others } of report.rows) {
    const key = `${from}>${to}`;
    const sum = cells.get(key) ?? { refused: 0, reached: 0, notTried: 0 };
    cells.set(key, {
      refused: sum.refused + refused,
      reached: sum.reached + others.filter(({ verdict }) => verdict === 'reached').length,
      notTried: sum.notTried + others.filter(({ verdict }) => verdict === 'not-tried').length,
    });
  }
  if (report.sample !== null) return sampled(cells);
  const from = [...new Set(report.rows.map((row) => row.from))];
  const to = [...new Set(report.rows.map((row) => row.to))].sort();
  const heads = to.map((id) => `<th>${text(id)}</th>`).join('');
  const lines = from.map((one) => {
    const line = to.map((other) => cellOf(cells.get(`${one}>${other}`))).join('');
    return `<tr><th>${text(one)}</th>${line}</tr>`;
  });
  return `<h3>Pairs</h3><p>A row tries to reach a column.</p><table><tr><th></th>${heads}</tr>${lines.join('\n')}</table>`;
}

interface PairSum {
  readonly refused: number;
  readonly reached: number;
  readonly notTried: number;
}

function sampled(cells: ReadonlyMap<string, PairSum>): string {
  const open = [...cells].filter(([, { reached, notTried }]) => reached + notTried > 0);
  const lines = open.map(([pair, sum]) => `<tr><th>${text(pair.replace('>', ' → '))}</th>${cellOf(sum)}</tr>`);
  const said = `${String(cells.size - open.length)} pairs refused everything.`;
  return `<h3>Pairs</h3><p>${said}</p>${lines.length === 0 ? '' : `<table>${lines.join('\n')}</table>`}`;
}

/** In words too: colours alone tell not everybody. */
function cellOf(sum: PairSum | undefined): string {
  if (sum === undefined) return '<td class="self"></td>';
  const { refused, reached, notTried } = sum;
  const words = [
    ...(reached > 0 ? [`${String(reached)} reached`] : []),
    ...(notTried > 0 ? [`${String(notTried)} not tried`] : []),
    `${String(refused)} refused`,
  ];
  const kind = reached > 0 ? 'reached' : notTried > 0 ? 'not-tried' : 'refused';
  return `<td class="${kind}">${words.join(', ')}</td>`;
}

function attempts(report: Report): string {
  const lines = totals(report).map(({ attempt, refused, reached, notTried }) => {
    const numbers = [refused, reached, notTried].map((number) => `<td class="number">${String(number)}</td>`).join('');
    const kind = reached > 0 ? 'reached' : notTried > 0 ? 'not-tried' : 'refused';
    const { what } = attemptKinds[attempt as AttemptName];
    return `<tr class="${kind}"><td>${text(attempt)}</td>${numbers}<td>${text(what)}</td></tr>`;
  });
  const heads = ['attempt', 'refused', 'reached', 'not tried', 'a tenant tries to'];
  return `<h3>Attempts</h3><table><tr>${heads.map((head) => `<th>${head}</th>`).join('')}</tr>${lines.join('\n')}</table>`;
}

function reasons(report: Report): string {
  const lines = notTriedReasons(report).map(
    ({ because, times }) => `<li>${String(times)} times: ${text(because)}</li>`,
  );
  return lines.length === 0 ? '' : `<h3>Not tried</h3><ul>${lines.join('\n')}</ul>`;
}

function text(given: string): string {
  return given.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
