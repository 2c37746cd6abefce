import type { Move } from './move.js';
import { progressOfMove } from './move-progress.js';
import type { NotedProgress, Operation, OperationStep } from './operation.js';

const now = new Date('2026-11-28T10:00:00Z');
const before = (seconds: number): Date => new Date(now.getTime() - seconds * 1_000);

const lag = { bytes: 12_582_912, seconds: 0.4, retainedBytes: 16_777_216, at: before(3) };
const never = {
  maxRetainedBytes: null,
  comparison: null,
  reverseComparison: null,
  lag: null,
  switchedAt: null,
  reversedAt: null,
};
const moving = (change: Partial<Move> = {}): Move => ({ id: 'm', state: 'copying', ...never, ...change }) as Move;
const told: NotedProgress = {
  text: 'copying album',
  done: 1_200,
  total: 4_000,
  unit: 'bytes',
  also: [{ done: 31, total: 138, unit: 'tables' }],
  at: before(1).toISOString(),
  secondsLeft: 180,
};
const step = (change: Partial<OperationStep> = {}): OperationStep =>
  ({ name: 'copy-rows', state: 'started', progress: told, ...change }) as OperationStep;
const work = (change: Partial<Operation> = {}): Operation =>
  ({
    kind: 'move-tenant',
    state: 'running',
    startedAt: before(60),
    steps: [step({ name: 'create-target', state: 'done' }), step(), step({ name: 'verify-live', state: 'pending' })],
    ...change,
  }) as Operation;
const compared = (equal: boolean) => ({ equal, comparedAt: before(241.9).toISOString() }) as Move['comparison'];

const nothing = {
  ...{ step: null, tables: null, rows: null, bytes: null, secondsLeft: null },
  ...{ lag: null, retained: null, verifiedAt: null, verificationAgeSeconds: null, trouble: null },
};

describe('the progress of a move', () => {
  it('tells the step under way, in every unit that it knows', () => {
    expect(progressOfMove(moving({ lag }), work(), now)).toEqual({
      ...nothing,
      step: 'copy-rows',
      tables: { done: 31, total: 138 },
      bytes: { done: 1_200, total: 4_000 },
      secondsLeft: 180,
      lag,
    });
  });

  it('tells how much log is kept, of how much, and when somebody has to look', () => {
    const retained = (retainedBytes: number, change: Partial<Move> = {}) =>
      progressOfMove(moving({ lag: { ...lag, retainedBytes }, maxRetainedBytes: 1_000, ...change }), work(), now)
        ?.retained;
    expect(retained(499)).toEqual({ bytes: 499, maxBytes: 1_000, warns: false });
    expect(retained(500)).toEqual({ bytes: 500, maxBytes: 1_000, warns: true });
    expect(retained(500, { maxRetainedBytes: null })).toBeNull();
    expect(retained(500, { switchedAt: before(1) })).toBeNull();
  });

  it('guesses no time of a step that is silent, waits, or never told one', () => {
    const left = (change: Partial<Operation>) => progressOfMove(moving(), work(change), now)?.secondsLeft;
    const silent = (seconds: number) => step({ progress: { ...told, at: before(seconds).toISOString() } });
    expect(left({ steps: [silent(29)] })).toBe(180);
    expect(left({ steps: [silent(31)] })).toBeNull();
    expect(left({ state: 'waiting' })).toBeNull();
    expect(left({ steps: [step({ progress: { text: 'old', done: 1, total: 2, unit: 'rows' } })] })).toBeNull();
  });

  it('counts nothing of a step that is being undone', () => {
    const undoing = work({ state: 'undoing', steps: [step({ state: 'undo-started' })] });
    expect(progressOfMove(moving(), undoing, now)).toEqual({ ...nothing, step: 'copy-rows' });
  });

  it('knows how old the verification is, if it found no difference', () => {
    const ready = (equal: boolean) =>
      progressOfMove(moving({ state: 'ready', comparison: compared(equal) }), null, now);
    expect(ready(true)).toEqual({ ...nothing, verifiedAt: before(241.9), verificationAgeSeconds: 241 });
    expect(ready(false)).toEqual(nothing);
    const reversed = moving({ state: 'reversed', comparison: compared(false), reverseComparison: compared(true) });
    expect(progressOfMove(reversed, null, now)).toMatchObject({ verificationAgeSeconds: 241 });
  });

  it('is that of the move: no other operation of the tenant counts', () => {
    const other = work({ kind: 'suspend-tenant' });
    expect(progressOfMove(moving({ state: 'switched', lag }), other, now)).toEqual({ ...nothing, lag });
    expect(progressOfMove(moving({ state: 'reversing' }), work({ kind: 'reverse-move' }), now)?.step).toBe('copy-rows');
  });

  it('tells what its operation met, and not what another one did', () => {
    const error = { code: 'leftovers-found', message: 'A slot is left.', hint: 'Remove it.', details: {} };
    const met = (change: Partial<Operation>) => progressOfMove(moving(), work({ error, ...change }), now)?.trouble;
    expect(met({ state: 'needs-operator' })).toEqual(error);
    expect(met({ kind: 'suspend-tenant' })).toBeNull();
  });

  it('forgets the lag of before the switch, and of before the way back', () => {
    const lagAfter = (change: Partial<Move>) =>
      progressOfMove(moving({ state: 'switched', lag, ...change }), null, now)?.lag;
    expect(lagAfter({ switchedAt: before(4) })).toEqual(lag);
    expect(lagAfter({ switchedAt: before(2) })).toBeNull();
    expect(lagAfter({ state: 'reversed', switchedAt: before(60), reversedAt: before(2) })).toBeNull();
  });

  it('is none before the move has begun, and none after its end', () => {
    const preflight = moving({ state: 'preflight' });
    expect(progressOfMove(preflight, null, now)).toBeNull();
    expect(progressOfMove(preflight, work({ state: 'queued', startedAt: null }), now)).toBeNull();
    expect(progressOfMove(preflight, work(), now)).not.toBeNull();
    for (const state of ['completed', 'cancelled'] as const)
      expect(progressOfMove(moving({ state, lag }), null, now)).toBeNull();
  });
});
