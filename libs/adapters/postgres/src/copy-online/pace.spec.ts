import { firstPace, nextPace, type Pace } from './pace.js';

const limits = { least: 250_000, most: Number.POSITIVE_INFINITY };
const quiet = [1, 1.1, 1, 0.9];
const slow = [1, 2, 3, 2];

describe('the pace of a copy', () => {
  it('doubles while nobody feels it', () => {
    const pace = firstPace(limits);
    const next = nextPace(pace, quiet, [1.1, 1, 1.2, 1], limits);
    expect(next).toEqual({ bytesPerSecond: 2 * pace.bytesPerSecond, yielding: false });
  });

  it('halves when small commits take longer, and rises slowly from then on', () => {
    const yielding = nextPace({ bytesPerSecond: 64_000_000, yielding: false }, quiet, slow, limits);
    expect(yielding).toEqual({ bytesPerSecond: 32_000_000, yielding: true });
    const { bytesPerSecond } = nextPace(yielding, quiet, quiet, limits);
    expect(bytesPerSecond).toBeGreaterThan(32_000_000);
    expect(bytesPerSecond).toBeLessThan(36_000_000);
  });

  it('never stands still, and never passes what was asked for', () => {
    let pace: Pace = firstPace(limits);
    for (let look = 0; look < 30; look += 1) pace = nextPace(pace, quiet, slow, limits);
    expect(pace.bytesPerSecond).toBe(limits.least);
    const bounded = { ...limits, most: 10_000_000 };
    for (let look = 0; look < 30; look += 1) pace = nextPace(pace, quiet, quiet, bounded);
    expect(pace).toEqual({ bytesPerSecond: 10_000_000, yielding: false });
    expect(firstPace({ ...limits, most: 1_000_000 }).bytesPerSecond).toBe(1_000_000);
  });

  it('is not deceived by one slow commit, nor by differences that no clock tells apart', () => {
    const pace = { bytesPerSecond: 8_000_000, yielding: false };
    expect(nextPace(pace, quiet, [1, 1, 1, 90], limits).yielding).toBe(false);
    expect(nextPace(pace, [0.1, 0.1], [0.25, 0.25], limits).yielding).toBe(false);
  });
});
