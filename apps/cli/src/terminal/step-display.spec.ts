import { PassThrough } from 'node:stream';
import type { Operation } from '../api/client.js';
import type { MoveProgress } from './move-progress.js';
import { Output } from './output.js';
import { StepDisplay } from './step-display.js';

const operation = {
  ...{ id: 'op-1', state: 'running', reason: null },
  steps: [
    {
      ...{ number: 1, name: 'copy-rows', description: 'Copy the rows.', state: 'started', pointOfNoReturn: false },
      ...{ attempts: 1, error: null, startedAt: null, endedAt: null },
      progress: {
        ...{ text: 'copying album', done: 1.2 * 2 ** 30, total: 4 * 2 ** 30, unit: 'bytes' },
        ...{ also: [{ done: 31, total: 138, unit: 'tables' }], at: null, secondsLeft: 190 },
      },
    },
  ],
} as unknown as Operation;

describe('the steps of a move that is watched on a terminal', () => {
  it('have under them what is left of the step, the lag and the age of the verification', () => {
    const err = Object.assign(new PassThrough(), { isTTY: true });
    const display = new StepDisplay(new Output(false, true, new PassThrough(), err));
    const progress: MoveProgress = {
      ...{ step: 'copy-rows', tables: null, rows: null, bytes: null, secondsLeft: null },
      retained: null,
      lag: { bytes: 12 * 2 ** 20, seconds: 0.4, at: new Date().toISOString() },
      ...{ verifiedAt: null, verificationAgeSeconds: 241, trouble: null },
    };
    try {
      display.update(operation, progress);
      const lines = String(err.read()).split('\n');
      expect(lines[1]).toMatch(/30 % {2}1\.2 GB of 4\.0 GB, 31 of 138 tables, about 3 min left {2}copying album$/);
      expect(lines.slice(2)).toEqual(['     lag 12.0 MB, 400 ms', '     verified 4 min ago', '']);
      display.update(operation);
      expect(String(err.read())).not.toContain('lag');
    } finally {
      display.end();
    }
  });
});
