/** How fast a copy may go, and whether that is less than it could because others would feel it. */
export interface Pace {
  readonly bytesPerSecond: number;
  readonly yielding: boolean;
}

export interface PaceLimits {
  /** Never slower: a copy that stands still keeps log at the source for ever. */
  readonly least: number;
  /** Never faster; Infinity: no limit. */
  readonly most: number;
}

const megabyte = 1_048_576;

export const leastBytesPerSecond = megabyte / 4;
/** Fast enough for a small tenant to be done within a look or two, slow enough for few to mind. */
export const firstBytesPerSecond = 8 * megabyte;
const rise = megabyte;

/** A small commit may take so much longer than without the copy: a share, and what no clock tells apart on a busy machine, in ms. */
const mostRatio = 1.25;
const noiseMs = 0.2;

export const firstPace = (limits: PaceLimits): Pace => ({
  bytesPerSecond: within(limits, firstBytesPerSecond),
  yielding: false,
});

/**
 * The pace after a look at the times of small commits, beside those of a look while nothing was copied. Half of it when they are slower; else
 * some more, or twice as much as long as nobody has felt anything yet.
 */
export function nextPace(pace: Pace, quiet: readonly number[], now: readonly number[], limits: PaceLimits): Pace {
  const felt = upperQuartile(now) > upperQuartile(quiet) * mostRatio + noiseMs;
  if (felt) return { bytesPerSecond: within(limits, pace.bytesPerSecond / 2), yielding: true };
  const more = pace.yielding ? pace.bytesPerSecond + rise : pace.bytesPerSecond * 2;
  return { bytesPerSecond: within(limits, more), yielding: pace.yielding && more < limits.most };
}

function within({ least, most }: PaceLimits, bytesPerSecond: number): number {
  return Math.min(most, Math.max(least, bytesPerSecond));
}

function upperQuartile(times: readonly number[]): number {
  const sorted = [...times].sort((one, other) => one - other);
  return sorted[Math.ceil(sorted.length * 0.75) - 1] ?? 0;
}
