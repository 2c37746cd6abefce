import { createHash } from 'node:crypto';
import path from 'node:path';

/**
 * What one suite is to run on, of several versions of PostgreSQL or routes between them: all, unless BERTH_TEST_TURN says
 * whose turn it is, as `npm test` does. Then one of them, another in the next suite and at the next turn, so that a few runs
 * have tried everything and one does not take an hour. `suite`: the file's `import.meta.url`.
 */
export function inTurn<T>(suite: string, all: readonly T[]): readonly T[] {
  const turn = process.env['BERTH_TEST_TURN'];
  if (turn === undefined || turn === '' || all.length === 0) return all;
  const own = createHash('sha256').update(path.basename(suite)).digest().readUInt16BE();
  return all.slice((own + Number(turn)) % all.length).slice(0, 1);
}
