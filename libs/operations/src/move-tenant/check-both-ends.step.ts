import { done, step } from '@berth/saga';
import { refuseFaults } from '../steps/refuse-faults.js';
import type { Tools } from '../tools.js';
import type { MoveTenant } from './move-tenant.input.js';

/** The plan checked what was there; this looks again now that the target is. */
export const checkBothEnds = step<MoveTenant, Pick<Tools, 'copy' | 'moves'>>()({
  name: 'check-both-ends',
  describe: () =>
    'Check source and target for everything that would make the move fail, before the tenant feels anything.',

  async run({ input, operationId, tools }) {
    const findings = await tools.copy.preflight(input.source.place, input.target.place);
    refuseFaults(findings, 'The move cannot go on');
    await tools.moves.transition(operationId, { from: ['provisioned'], to: 'ready' });
    return done;
  },

  nothingToUndo: 'it only reads',
});
