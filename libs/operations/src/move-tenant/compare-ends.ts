import { BerthError } from '@berth/domain';
import type { RunContext } from '@berth/saga';
import { summary } from '../steps/final-dump.steps.js';
import type { Tools } from '../tools.js';
import { type Course, courseOf, streamsOfMove } from './course.js';
import { definitionsChanged, definitionsIn } from './named-changes.js';
import type { Switching } from './move-tenant.input.js';

/** Writers wait as long at most for a lock that a long transaction keeps from us. */
export const lockTimeoutMs = 300;

/** Until the next look at who is in the way: a long transaction, an autovacuum of a large table. */
export const hindranceMs = 5_000;

/** An older comparison tells too little of what is there by now: a worker that was away for long compares again. */
export const mostAgeMs = 15 * 60_000;

/** What is known of both ends, and since when. */
export interface Compared {
  readonly comparedAt: string;
  /** Of both ends, at the moment that was compared. */
  readonly comparedStamp: string;
  readonly comparedMs: number;
}

export type CompareTools = Pick<Tools, 'moves' | 'onlineCopy'>;

type Context = Pick<
  RunContext<Switching, CompareTools, unknown>,
  'input' | 'operationId' | 'tools' | 'signal' | 'reportProgress'
>;

/**
 * Compares every row of both ends at one moment, while the tenant works on, and keeps the report with the move.
 * @throws `verification-failed`, `schema-changed` with the differences
 */
export async function compareEnds(
  { input, operationId, tools, signal, reportProgress }: Context,
  when: keyof Pick<Course, 'waits' | 'switches'>,
): Promise<Compared & { readonly comparedRows: number; readonly heldMs: number }> {
  const work = { signal, onProgress: reportProgress };
  const comparedAt = new Date().toISOString();
  const { forward } = streamsOfMove(input);
  const { report, heldMs, stamp } = await tools.onlineCopy.compareLive(forward, { lockTimeoutMs, lanes: 2 }, work);
  const { moveId, compared, [when]: noted } = courseOf(input, operationId);
  const to = report.equal ? noted.equal : noted.unequal;
  await tools.moves.transition(moveId, { from: noted.from, to, [compared]: report, comparedStamp: stamp });
  const changed = definitionsIn(report.differences);
  if (changed.length > 0) throw definitionsChanged(changed);
  if (!report.equal) {
    throw new BerthError('verification-failed', `Source and target differ: ${summary(report)}.`, {
      details: { differences: report.differences },
      hint: 'The tenant stays where it was and works on. Look at the differences, then ask for it again.',
    });
  }
  return {
    comparedAt,
    comparedStamp: stamp,
    comparedRows: report.rows,
    comparedMs: report.ms,
    heldMs: Math.round(heldMs * 10) / 10,
  };
}
