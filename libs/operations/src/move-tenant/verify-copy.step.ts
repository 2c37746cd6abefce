import { BerthError } from '@berth/domain';
import { step } from '@berth/saga';
import { summary } from '../steps/final-dump.steps.js';
import type { Tools } from '../tools.js';
import type { MoveTenant } from './move-tenant.input.js';

export const verifyCopy = step<MoveTenant, Pick<Tools, 'comparison' | 'moves'>>()({
  name: 'verify-copy',
  describe: () => 'Compare every row, definition, grant and sequence of source and target.',

  async run({ input, operationId, tools, signal, reportProgress }) {
    const { source, target } = input;
    const report = await tools.comparison.compare(source.place, target.place, { signal, onProgress: reportProgress });
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
