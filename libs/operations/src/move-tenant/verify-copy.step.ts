import { BerthError, type ComparisonReport } from '@berth/domain';
import { step } from '@berth/saga';
import { summary } from '../steps/final-dump.steps.js';
import type { Tools } from '../tools.js';
import type { MoveTenant } from './move-tenant.input.js';

type VerifyTools = Pick<Tools, 'comparison' | 'copy' | 'moves'>;
interface Fenced {
  readonly sequencesAtFence: Readonly<Record<string, string>>;
}

export const verifyCopy = step<MoveTenant, VerifyTools, Fenced>()({
  name: 'verify-copy',
  describe: () => 'Compare every row, definition, grant and sequence of source and target.',

  async run({ input, operationId, tools, given, signal, reportProgress }) {
    const { source, target } = input;
    const compared = await tools.comparison.compare(source.place, target.place, { signal, onProgress: reportProgress });
    const now = await tools.copy.sequencePositions(source.place);
    const report = withoutLateNumbers(compared, (sequence) => now[sequence] !== given.sequencesAtFence[sequence]);
    await tools.moves.transition(operationId, { from: ['copying', 'switching'], to: 'switching', comparison: report });
    if (!report.equal) {
      throw new BerthError('verification-failed', `Source and target differ: ${summary(report)}.`, {
        details: { differences: report.differences },
        hint: 'The tenant stays where it was and works on. Look at the differences, then start the move again.',
      });
    }
    return { done: { comparedRows: report.rows, comparedBytes: report.bytes, comparedMs: report.ms } };
  },

  nothingToUndo: 'it only reads',
});

/**
 * The fence stops writes, not `nextval`. A sequence from which an application has taken numbers since the fence stood is no
 * fault of the copy: `carry-sequences` brings it over when the source's logins are closed. One that did not move since has to be equal.
 */
function withoutLateNumbers(report: ComparisonReport, movedOn: (sequence: string) => boolean): ComparisonReport {
  const differences = report.differences.filter(({ kind, object }) => kind !== 'sequence-position' || !movedOn(object));
  const differenceCount = report.differenceCount - (report.differences.length - differences.length);
  return { ...report, differences, differenceCount, equal: differenceCount === 0 };
}
