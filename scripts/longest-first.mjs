// Jest sequencer: the suites that take minutes begin first, so that none of them is alone in the end; of the others, those that come
// last when time runs out are others at each turn.
import { createHash } from 'node:crypto';
import path from 'node:path';
import Sequencer from '@jest/test-sequencer';

const takesMinutes = /\.crash\.spec\.ts$|test\/faults\/|up\.e2e|terraform-infrastructure/;
const turn = process.env.BERTH_TEST_TURN ?? '';

const place = (file) =>
  createHash('sha256')
    .update(`${turn} ${path.basename(file)}`)
    .digest('hex');

export default class LongestFirst extends Sequencer {
  sort(tests) {
    const order = (test) => [takesMinutes.test(test.path) ? 0 : 1, place(test.path)].join(' ');
    return [...tests].sort((one, other) => (order(one) < order(other) ? -1 : 1));
  }
}
