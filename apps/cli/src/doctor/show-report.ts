import type { Schemas } from '../api/client.js';
import { count } from '../terminal/duration.js';
import type { Output } from '../terminal/output.js';

type Report = Schemas['DoctorReport'];
type Fixes = Schemas['DoctorFixes']['fixes'];

const colours = { error: 'red', warning: 'yellow', info: 'dim' } as const;

/** A report for a person: every finding with what to type, what was not examined, and the sum. */
export function showReport(output: Output, report: Report): void {
  for (const { severity, object, message, remedy, safeToFix } of report.findings) {
    output.line(`${output.paint(colours[severity], severity.padEnd(7))}  ${output.paint('bold', object)}: ${message}`);
    if (remedy !== null) output.line(`         ${safeToFix ? 'safe to fix' : 'to do'}: ${remedy}`);
  }
  for (const { object, because } of report.notExamined)
    output.line(`${output.paint('yellow', 'not examined')}  ${object}: ${because}`);
  if (report.findings.length + report.notExamined.length > 0) output.line();
  output.line(summary(report));
}

function summary({ findings, notExamined, clusters, tenants, ms }: Report): string {
  const looked = `${number(clusters, 'cluster')} and ${number(tenants, 'tenant')} in ${(ms / 1000).toFixed(1)} s`;
  const of = (severity: string) => findings.filter((finding) => finding.severity === severity).length;
  const found = [
    ...(of('error') > 0 ? [number(of('error'), 'error')] : []),
    ...(of('warning') > 0 ? [number(of('warning'), 'warning')] : []),
  ];
  const unseen = notExamined.length === 0 ? '' : `; ${number(notExamined.length, 'part')} not examined`;
  return `${looked}: ${found.join(', ') || 'nothing wrong was found'}${unseen}.`;
}

function number(of: number, what: string): string {
  return `${count(of)} ${what}${of === 1 ? '' : 's'}`;
}

const outcomeColours = { mended: 'green', started: 'green', left: 'red', planned: 'dim' } as const;

export function showFixes(output: Output, fixes: Fixes): void {
  output.line();
  if (fixes.length === 0) output.line('There is nothing that may be mended without a person.');
  for (const { kind, object, outcome, message } of fixes)
    output.line(`${output.paint(outcomeColours[outcome], outcome.padEnd(7))}  ${kind} ${object}: ${message}`);
}
