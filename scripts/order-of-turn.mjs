// Jest sequencer: where versions take turns, so does the order. What a slow machine has no time for (stop-in-time.mjs) are other suites
// at each turn, long and short ones alike.
import { createHash } from 'node:crypto';
import path from 'node:path';
import Sequencer from '@jest/test-sequencer';

const turn = process.env.BERTH_TEST_TURN ?? '';

const place = ({ path: file }) =>
  createHash('sha256')
    .update(`${turn} ${path.basename(file)}`)
    .digest('hex');

export default class OrderOfTurn extends Sequencer {
  sort(tests) {
    if (turn === '') return super.sort(tests);
    return [...tests].sort((one, other) => (place(one) < place(other) ? -1 : 1));
  }
}
