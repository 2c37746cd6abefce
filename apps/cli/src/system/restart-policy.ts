const windowMs = 60_000;
const mostInWindow = 5;
const firstDelayMs = 200;
const longestDelayMs = 5_000;

/** How soon something that ended by itself is started again: at once the first time, then ever later, then no more. */
export class RestartPolicy {
  private ends: number[] = [];

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** To be asked at each end. */
  next(): number | 'give-up' {
    const now = this.now();
    this.ends = [...this.ends.filter((at) => now - at < windowMs), now];
    if (this.ends.length > mostInWindow) return 'give-up';
    return Math.min(longestDelayMs, firstDelayMs * 2 ** (this.ends.length - 1));
  }
}
