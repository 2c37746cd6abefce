import { Pace } from './pace.js';

const rows = (done: number, total: number | null = 1_000, unit = 'rows') => ({ done, total, unit });

describe('the pace of a step', () => {
  let pace: Pace;
  beforeEach(() => {
    pace = new Pace();
  });

  /** One report a second, from `fromMs` on; answers what the last one was told. */
  const report = (fromMs: number, ...done: readonly number[]): number | null =>
    done.map((one, index) => pace.secondsLeft(rows(one), fromMs + index * 1_000)).at(-1) ?? null;

  it('is unknown until two seconds of it are there', () => {
    expect(report(0, 0, 100)).toBeNull();
    expect(pace.secondsLeft(rows(199), 1_999)).toBeNull();
    expect(pace.secondsLeft(rows(200), 2_000)).toBe(8);
  });

  it('is that of the last half minute', () => {
    // 10 a second for 20 s, then one a second for 40 s: the first stretch counts no more.
    const fast = Array.from({ length: 20 }, (_, second) => second * 10);
    const slow = Array.from({ length: 41 }, (_, second) => 200 + second);
    expect(report(0, ...fast, ...slow)).toBe(760);
  });

  it('is never more than what was done says: a step that stands still, or is silent for long, has none', () => {
    expect(report(0, 0, 100, 200)).toBe(8);
    expect(report(3_000, ...Array.from({ length: 31 }, () => 200))).toBeNull();
    expect(pace.secondsLeft(rows(300), 90_000)).toBeNull();
  });

  it('begins anew when something else is counted, or the step does', () => {
    report(0, 0, 100, 200);
    expect(pace.secondsLeft(rows(300, 1_000, 'bytes'), 3_000)).toBeNull();
    report(10_000, 500, 600, 700);
    expect(pace.secondsLeft(rows(10), 13_000)).toBeNull();
    expect(pace.secondsLeft(rows(20), 15_000)).toBe(196);
  });

  it('tells nothing without a whole, nor past an estimated one', () => {
    report(0, 0, 100, 200);
    expect(pace.secondsLeft(rows(300, null), 3_000)).toBeNull();
    expect(pace.secondsLeft(rows(400, 400), 4_000)).toBeNull();
    expect(pace.secondsLeft(rows(500, 1_000), 5_000)).toBe(5);
  });
});
