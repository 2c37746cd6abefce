import { asBerthError, BerthError, type ComparisonReport } from '@berth/domain';
import { forwardStep, type RunContext } from '@berth/saga';
import { summary } from '../steps/final-dump.steps.js';
import type { Tools } from '../tools.js';
import { lockTimeoutMs } from './compare-ends.js';
import { courseOf, streamsOfMove } from './course.js';
import type { Switching } from './move-tenant.input.js';

type Context = RunContext<Switching, Pick<Tools, 'moves' | 'onlineCopy' | 'switchover'>, unknown>;

interface ComparedAfter {
  /** Rows of both ends; null: nothing was compared. A check that was skipped is none that passed. */
  readonly comparedAfter: number | null;
  /** `frozen`: as they were when nobody could write. `live`: as they were later, over the way back. */
  readonly comparedPair: 'frozen' | 'live' | null;
}

/** Tries of a comparison that somebody's long transaction is in the way of; the tenant works, and nothing waits for it. */
const triesAfter = 3;

/** The tenant works at the new place meanwhile, and nobody waits. */
export const verifyAfter = forwardStep<Switching, Context['tools']>()({
  name: 'verify-after',
  describe: () =>
    'Compare every row of both ends as they were at the switch; after a crash as they are, over the way back.',
  async run(context) {
    return { done: (await compareFrozen(context)) ?? (await compareLive(context)) };
  },
});

/** What a write has healed since, or hidden, is found here alone. Null: what the switch kept is gone. */
async function compareFrozen(context: Context): Promise<ComparedAfter | null> {
  const { input, operationId, tools, signal, reportProgress } = context;
  const { forward } = streamsOfMove(input);
  const report = await tools.switchover.compareFrozen(forward, { signal, onProgress: reportProgress });
  if (report === null) return null;
  const { moveId, made, compared } = courseOf(input, operationId);
  await tools.moves.transition(moveId, { from: [made.state], to: made.state, [compared]: report });
  refuseUnequal(report, context, 'When the switch was made rows differed');
  return { comparedAfter: report.rows, comparedPair: 'frozen' };
}

/** Over the way back, with the ends exchanged: writers wait some ms for it. Definitions may differ by then. */
async function compareLive(context: Context): Promise<ComparedAfter> {
  const { input, tools, attempt, signal, reportProgress } = context;
  const work = { signal, onProgress: reportProgress };
  try {
    const { reverse } = streamsOfMove(input);
    const { report } = await tools.onlineCopy.compareLive(reverse, { lockTimeoutMs, lanes: 2 }, work);
    refuseUnequal(report, context, 'After the switch rows differ');
    return { comparedAfter: report.rows, comparedPair: 'live' };
  } catch (error) {
    const { code } = asBerthError(error);
    const hindered = [
      ...['stream-lost', 'schema-changed', 'lock-timeout', 'stream-stalled', 'verification-stale'],
    ].includes(code);
    const forGood = code === 'stream-lost' || code === 'schema-changed';
    if (hindered && (forGood || attempt >= triesAfter)) return { comparedAfter: null, comparedPair: null };
    throw error;
  }
}

function refuseUnequal(report: ComparisonReport, { input }: Context, what: string): void {
  // Rows of different columns were only counted: a migration has run at the new place since.
  const unequal = report.tables
    .filter(({ equal, sourceHash }) => !equal && typeof sourceHash === 'string')
    .map(({ table }) => table);
  if (unequal.length === 0) return;
  throw new BerthError('verification-failed', `${what} in ${unequal.join(', ')}: ${summary(report)}.`, {
    retry: 'operator',
    hint: `The tenant works on cluster ${input.target.place.clusterId}, and the other place is kept: compare the rows by hand, then retry the operation. Do not complete the move before.`,
    details: { differences: report.differences },
  });
}
