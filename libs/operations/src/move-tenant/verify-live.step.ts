import { asBerthError } from '@berth/domain';
import { type NotYet, notYet, type RunContext, step } from '@berth/saga';
import { compareEnds, type CompareTools, hindranceMs } from './compare-ends.js';
import type { MoveOnline } from './move-online.input.js';
import { type LookTools, refuseBacklog, withinBacklog } from './stream-backlog.js';
import { refuseLate } from './switch-window.js';

export type VerifyTools = LookTools & CompareTools;
type Found = Awaited<ReturnType<typeof compareEnds>>;

/**
 * Compares before the switch: what it finds makes the move ready, or keeps it so. While a long transaction is in the way it waits.
 * @throws `verification-failed`, `schema-changed` with the differences; `window-passed`, `stream-backlog`, `stream-lost`
 */
export async function compareWhenFree(
  context: RunContext<MoveOnline, VerifyTools, unknown>,
): Promise<{ readonly done: Found } | NotYet> {
  try {
    return { done: await withinBacklog(context, (signal) => compareEnds({ ...context, signal }, 'waits')) };
  } catch (error) {
    const { code, message } = asBerthError(error);
    if (code !== 'lock-timeout') throw error;
    refuseLate(context.input);
    await refuseBacklog(context);
    return notYet(hindranceMs, `${message} The move waits for it, and nobody waits for the move.`);
  }
}

/** Before the move waits for somebody to press switch: whoever is told that it is ready is told the truth. */
export const verifyLive = step<MoveOnline, VerifyTools>()({
  name: 'verify-live',
  describe: () =>
    'Compare every row and definition of both ends as they were at one moment, while the tenant works on.',
  run: compareWhenFree,
  nothingToUndo: 'it only reads',
});
