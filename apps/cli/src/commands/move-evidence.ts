import type { MoveEvidence } from '../api/client.js';
import { count, duration, size } from '../terminal/duration.js';
import { readBackLines } from '../terminal/move-read-back.js';

/** The record of a move as a document for people, in Markdown. The JSON has the same and more. */
export function evidenceMarkdown({ move, operations, requests }: MoveEvidence): string {
  return [
    ...[`# Move of ${move.tenantId}`, '', ...summary(move), '', '## Who asked for what', ''],
    ...rows(
      ['when', 'who', 'from', 'what', 'answer'],
      requests.map(({ at, actor, from, action, answer }) => [at, actor, from ?? '', action, answer]),
    ),
    ...operations.flatMap(operationPart),
    ...comparisonPart('What was compared', move.comparison),
    ...comparisonPart('What the reverse compared', move.reverseComparison),
    ...readBackPart(move.readBack),
  ].join('\n');
}

function summary(move: MoveEvidence['move']): readonly string[] {
  return [
    `- Move ${move.id}: ${move.direction} by ${move.strategy}, ${move.state}`,
    `- From ${move.fromClusterId} (generation ${String(move.fromGeneration)}) to ${move.toClusterId} (generation ${String(move.toGeneration)})`,
    `- Asked for at ${move.createdAt}, switched at ${move.switchedAt ?? 'never'},${move.reversedAt === null ? '' : ` reversed at ${move.reversedAt},`} ended at ${move.endedAt ?? 'not yet'}`,
    ...(move.reason === null ? [] : [`- ${move.reason}`]),
    ...(move.writePauseMs === null ? [] : [`- Writers waited or were refused for ${duration(move.writePauseMs)}`]),
  ];
}

function operationPart(operation: MoveEvidence['operations'][number]): readonly string[] {
  const { id, kind, state, requestedBy, steps, result, error } = operation;
  const facts = Object.entries(result ?? {}).filter(([, value]) => value !== null);
  return [
    ...['', `## ${kind}: ${state}`, '', `Operation ${id}, asked for by ${requestedBy}.`, ''],
    ...(error === null ? [] : errorPart(error)),
    ...rows(
      ['step', 'state', 'began', 'took', 'tries'],
      steps.map(({ name, state: how, startedAt, endedAt, attempts }) => [
        name,
        how,
        startedAt ?? '',
        startedAt === null || endedAt === null ? '' : duration(Date.parse(endedAt) - Date.parse(startedAt)),
        String(attempts),
      ]),
    ),
    ...(facts.length === 0 ? [] : ['', 'What the steps found:', '']),
    ...facts.map(([name, value]) => `- ${name}: \`${typeof value === 'string' ? value : JSON.stringify(value)}\``),
  ];
}

function errorPart({ code, message, hint }: NonNullable<MoveEvidence['move']['error']>): readonly string[] {
  return [`What went wrong (${code}): ${message}`, '', ...(hint === null ? [] : [`What to do: ${hint}`, ''])];
}

function comparisonPart(title: string, comparison: MoveEvidence['move']['comparison']): readonly string[] {
  if (comparison === null) return [];
  const { equal, tables, rows: all, bytes, comparedAt, differences } = comparison;
  return [
    ...['', `## ${title}`, ''],
    `At ${comparedAt}: ${count(all)} rows, ${size(bytes)}, ${equal ? 'all equal' : 'NOT equal'}.`,
    '',
    ...rows(
      ['table', 'rows at the source', 'rows at the target', 'equal', 'SHA-256 at the source', 'SHA-256 at the target'],
      tables.map(({ table, sourceRows, targetRows, equal: same, sourceHash, targetHash }) => [
        table,
        count(sourceRows),
        count(targetRows),
        same ? 'yes' : 'NO',
        sourceHash ?? '',
        targetHash ?? '',
      ]),
    ),
    ...differences.map(({ message }) => `- ${message}`),
  ];
}

function readBackPart(readBack: MoveEvidence['move']['readBack']): readonly string[] {
  if (readBack === null) return [];
  const lines = readBackLines(readBack).map((line) => `- ${line}`);
  return ['', '## What was read back', '', `At ${readBack.at}, from the servers themselves:`, '', ...lines];
}

function rows(titles: readonly string[], cells: readonly (readonly string[])[]): readonly string[] {
  const line = (of: readonly string[]): string => `| ${of.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(titles), line(titles.map(() => '---')), ...cells.map(line)];
}
