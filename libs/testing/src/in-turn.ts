import { createHash } from 'node:crypto';
import path from 'node:path';

/**
 * What is to be tried of several: versions of PostgreSQL, routes between them, ways to break a step. All, unless BERTH_TEST_TURN
 * says whose turn it is, as `npm test` does. Then one of them, another for the next name and at the next turn, so that a few runs
 * have tried everything and one does not take an hour. `name`: a suite's `import.meta.url`, or a step.
 */
export function inTurn<T>(name: string, all: readonly T[]): readonly T[] {
  if (!isShortRun() || all.length === 0) return all;
  const own = createHash('sha256').update(path.basename(name)).digest().readUInt16BE();
  return all.slice((own + Number(turnNow())) % all.length).slice(0, 1);
}

/** Whether `npm test` runs in its usual form. What is tried in rounds, or with random input, does fewer of them then. */
export function isShortRun(): boolean {
  return turnNow() !== '';
}

function turnNow(): string {
  return process.env['BERTH_TEST_TURN'] ?? '';
}
