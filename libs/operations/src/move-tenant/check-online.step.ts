import { step } from '@berth/saga';
import { refuseFaults } from '../steps/refuse-faults.js';
import type { Tools } from '../tools.js';
import { streamsOfMove } from './course.js';
import type { MoveOnline } from './move-online.input.js';

/** The plan checked what was there; this looks again now that the target is. */
export const checkOnline = step<MoveOnline, Pick<Tools, 'copy' | 'replication'>>()({
  name: 'check-online',
  describe: () =>
    'Check source and target for everything that would keep the move from being whole, before the tenant feels anything.',

  async run({ input, tools }) {
    const { source, target, identities, streamLimits } = input;
    const findings = [
      ...(await tools.copy.preflight(source.place, target.place, streamLimits)),
      ...(await tools.replication.preflight(streamsOfMove(input).forward, identities)),
    ];
    refuseFaults(findings, 'The move cannot go on');
    // What was known and let pass is part of the record.
    return { done: { findings } };
  },

  nothingToUndo: 'it only reads',
});
