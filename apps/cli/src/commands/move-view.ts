import type { Move } from '../api/client.js';
import type { CommandContext } from '../command-context.js';
import { age, count, duration, size } from '../terminal/duration.js';
import { lagText, retainedText, verifiedText, workText } from '../terminal/move-progress.js';
import { readBackText } from '../terminal/move-read-back.js';
import { facts, table } from '../terminal/table.js';

export function showMove({ output }: CommandContext, move: Move): void {
  const { progress } = move;
  const comparison = newestComparison(move);
  output.lines(
    facts([
      ['move', output.paint('bold', move.id)],
      ['tenant', move.tenantId],
      ['what', `${move.direction} by ${move.strategy}, switch ${move.switch}`],
      ['state', move.state],
      ['at work', progress === null ? null : workText(progress)],
      ['lag', progress === null ? null : lagText(progress)],
      ['log kept', progress === null ? null : retainedText(progress)],
      ['verified', progress === null ? null : verifiedText(progress)],
      ['reason', move.reason],
      ['trouble', progress?.trouble?.message ?? null],
      ['to do', progress?.trouble?.hint ?? move.error?.hint ?? null],
      ['from', `${move.fromClusterId}, generation ${String(move.fromGeneration)}`],
      ['to', `${move.toClusterId}, generation ${String(move.toGeneration)}`],
      ['switched', move.switchedAt],
      ['reversed', move.reversedAt],
      ['write pause', move.writePauseMs === null ? null : duration(move.writePauseMs)],
      ['compared', comparison === null ? null : comparisonText(comparison)],
      ['read back', move.readBack === null ? null : readBackText(move.readBack)],
      ['age', age(move.createdAt)],
    ]),
  );
  if (comparison === null) return;
  const right = { align: 'right' as const };
  const columns = [
    { title: 'table', atLeast: 12 },
    { title: 'source rows', ...right },
    { title: 'target rows', ...right },
    { title: 'size', ...right },
    { title: 'time', ...right },
    { title: 'equal' },
  ];
  const row = (one: (typeof comparison.tables)[number]) => [
    one.table,
    count(one.sourceRows),
    count(one.targetRows),
    size(one.bytes),
    duration(one.ms),
    one.equal ? 'yes' : 'NO',
  ];
  output.lines(['', ...table(columns, comparison.tables.map(row), output.width)]);
  for (const { kind, object, message } of comparison.differences)
    output.line(`${output.paint('red', kind)} ${object}: ${message}`);
  const hidden = comparison.differenceCount - comparison.differences.length;
  if (hidden > 0) output.line(`… and ${count(hidden)} more`);
}

/** What stands at the end of a move that was watched. */
export function showOutcome({ output }: CommandContext, move: Move): void {
  const { writePauseMs } = move;
  const comparison = newestComparison(move);
  if (comparison !== null) output.line(`Compared ${comparisonText(comparison)}.`);
  if (writePauseMs !== null)
    output.line(`Writers ${move.strategy === 'online' ? 'waited' : 'were refused'} for ${duration(writePauseMs)}.`);
  if (move.state === 'switched') {
    output.line(
      `The old place on ${move.fromClusterId} is fenced and kept. Give it up: berth moves complete ${move.id}`,
    );
    if (move.strategy === 'online')
      output.line(`Go back to it, every later write kept: berth moves reverse ${move.id}`);
  }
  if (move.state === 'reversed') {
    output.line(
      `The tenant is on ${move.fromClusterId} again; the place on ${move.toClusterId} is fenced and kept. Give it up: berth moves complete ${move.id}`,
    );
  }
}

/** What stands at the end of a move that was completed or cancelled. */
export function showReadBack({ output }: CommandContext, { readBack }: Move): void {
  if (readBack !== null) output.line(`Read back: ${readBackText(readBack)}.`);
}

/** Of the reverse, once there was one. */
function newestComparison({ comparison, reverseComparison }: Move): Move['comparison'] {
  return reverseComparison ?? comparison;
}

/** `15,607 rows (1.2 MB) in 11 tables in 812 ms: equal`. */
export function comparisonText({ equal, rows, bytes, ms, tables, moments }: NonNullable<Move['comparison']>): string {
  const pieces = (moments ?? 1) > 1 ? `, at ${String(moments)} moments` : '';
  const all = `${count(rows)} rows (${size(bytes)}) in ${String(tables.length)} tables in ${duration(ms)}${pieces}`;
  return equal ? `${all}: equal` : `${all}: NOT equal`;
}
