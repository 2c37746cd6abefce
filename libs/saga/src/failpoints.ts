/** `before` and `after` the act, `inside` it, and `journaled`: after the journal knows. */
export interface Failpoint {
  readonly saga: string;
  readonly step: string;
  readonly direction: 'run' | 'undo';
  readonly moment: 'before' | 'inside' | 'after' | 'journaled';
}

/** Where tests break the engine. The workers of a production build are given {@link noFailpoints} and nothing in it can arm one. */
export interface Failpoints {
  hit(point: Failpoint): Promise<void>;
}

export const noFailpoints: Failpoints = { hit: () => Promise.resolve() };
