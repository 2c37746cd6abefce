import type { CopyPace } from '@berth/ports';

/**
 * What servers and the way between them usually carry, in bytes a second: a small instance with a network disk, and most of a gigabit. A guess, and
 * told as one: nothing was measured before the copy.
 */
const usual = { least: 10e6, most: 100e6 };

/** One sentence: how long the rows alone take, and on what that rests. */
export function estimatedTime(bytes: number, { maxBytesPerSecond, yields }: CopyPace): string {
  const most = Math.min(usual.most, maxBytesPerSecond ?? usual.most);
  const least = Math.min(usual.least, most);
  const rests =
    least === most
      ? `at least ${duration(bytes / most)} at the ${megabytes(most)} MB a second that are allowed`
      : `${range(bytes / most, bytes / least)} at ${megabytes(least)} to ${megabytes(most)} MB a second, a guess: nothing of these servers was measured`;
  const longer = yields ? ', and longer where other tenants of the source would feel it' : '';
  return `The rows alone take ${rests}${longer}.`;
}

const megabytes = (bytes: number): string => String(Math.round(bytes / 1e5) / 10);

function range(fastest: number, slowest: number): string {
  const [from, to] = [duration(fastest), duration(slowest)];
  return from === to ? from : `${from} to ${to}`;
}

/** Rounded up: nobody waits for less than a second, or plans by the second for hours. */
function duration(seconds: number): string {
  if (seconds <= 120) return `${String(Math.max(1, Math.ceil(seconds)))} s`;
  if (seconds <= 120 * 60) return `${String(Math.ceil(seconds / 60))} min`;
  return `${String(Math.ceil(seconds / 3_600))} h`;
}
