import { estimatedTime } from './estimated-time.js';

const guess = 'a guess: nothing of these servers was measured';
const giga = 1e9;

describe('the estimated time of a copy', () => {
  it('is a range by what servers usually carry, and says so', () => {
    const none = { maxBytesPerSecond: null, yields: false };
    expect(estimatedTime(5 * giga, none)).toBe(`The rows alone take 50 s to 9 min at 10 to 100 MB a second, ${guess}.`);
    expect(estimatedTime(2_000 * giga, none)).toContain('take 6 h to 56 h at');
    expect(estimatedTime(0, none)).toContain('take 1 s at');
  });

  it('keeps to the pace that is allowed, below which it promises nothing', () => {
    expect(estimatedTime(5 * giga, { maxBytesPerSecond: 50e6, yields: false })).toContain(
      'take 100 s to 9 min at 10 to 50 MB a second, a guess',
    );
    expect(estimatedTime(giga, { maxBytesPerSecond: 2.5e6, yields: false })).toBe(
      'The rows alone take at least 7 min at the 2.5 MB a second that are allowed.',
    );
  });

  it('says that it gives way', () => {
    expect(estimatedTime(giga, { maxBytesPerSecond: 1e6, yields: true })).toBe(
      'The rows alone take at least 17 min at the 1 MB a second that are allowed, and longer where other tenants of the source would feel it.',
    );
  });
});
