import { count, duration, size } from '../terminal/duration.js';
import type { Output } from '../terminal/output.js';
import { facts, table } from '../terminal/table.js';
import { pauseText, type StoryResult } from './story.js';

export interface Place {
  readonly api: string;
  readonly apiKeyFile: string;
  /** How the user types the command. */
  readonly berth: string;
}

/** One screen: who is where, whether anything was lost, and what to try next. */
export function showFinalScreen(output: Output, place: Place, result: StoryResult, totalMs: number): void {
  const { move, writer, ledger, refusals, tenants, checks } = result;
  const { api, apiKeyFile, berth } = place;
  const comparison = move.comparison;
  const columns = [
    { title: 'tenant' },
    { title: 'plan' },
    { title: 'state' },
    { title: 'tier' },
    { title: 'place', atLeast: 20 },
    { title: 'generation', align: 'right' as const },
  ];
  const rows = tenants.map(({ id, plan, state, placement }) => [
    id,
    plan,
    state,
    placement?.tier ?? '',
    placement === null ? 'none' : `${placement.clusterId}, schema ${placement.schema}`,
    String(placement?.generation ?? ''),
  ]);
  output.lines(['', ...table(columns, rows, output.width), '']);
  const loss = `${count(writer.acknowledged)} acknowledged, ${count(ledger.lost)} lost, ${count(ledger.doubled)} doubled`;
  output.lines(
    facts([
      ['writes', output.paint(ledger.lost + ledger.doubled === 0 ? 'green' : 'red', loss)],
      [
        'compared',
        comparison === null
          ? 'nothing'
          : `${count(comparison.rows)} rows, ${size(comparison.bytes)} in ${String(comparison.tables.length)} tables: ${comparison.equal ? 'equal' : 'NOT equal'} (${duration(comparison.ms)})`,
      ],
      [
        'write pause',
        `${duration(writer.longestPauseMs)} at most between two acknowledged writes (by Berth's clock ${pauseText(move.writePauseMs)})`,
      ],
      ...refusals.map(({ by, answer }): readonly [string, string] => [
        `old ${by} said`,
        cut(answer, output.width - 17),
      ]),
      ['API', `${api}   (docs: ${api}/docs)`],
      ['API key', apiKeyFile],
    ]),
  );
  const failed = Object.entries(checks)
    .filter(([, passed]) => !passed)
    .map(([name]) => name);
  const all = Object.keys(checks).length;
  if (failed.length === 0)
    output.line(`\n${output.paint('green', `✓ all ${String(all)} checks passed`)} in ${duration(totalMs)}`);
  else
    output.line(
      `\n${output.paint('red', `✗ ${String(failed.length)} of ${String(all)} checks failed:`)} ${failed.join(', ')}`,
    );
  const hero = move.tenantId;
  output.lines([
    '\nTry next',
    `  ${berth} moves show ${move.id}       what was compared, table by table`,
    move.state === 'completed'
      ? `  ${berth} moves evidence ${move.id}   all that is on record of it`
      : `  ${berth} moves complete ${move.id}   give the old place up`,
    `  ${berth} tenants show ${hero}   ·   ${berth} status   ·   ${berth} audit verify`,
    `  ${berth} down                 stop it (the data stays)   ·   ${berth} down --destroy`,
  ]);
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}
