/** `before` and `after` the act, and `journaled`: after the journal knows. Inside an act tests break at the calls of its ports. */
export interface Failpoint {
  readonly saga: string;
  readonly step: string;
  readonly direction: 'run' | 'undo';
  readonly moment: 'before' | 'after' | 'journaled';
}

/** Where tests break the engine. The workers of a production build are given {@link noFailpoints} and nothing in it can arm one. */
export interface Failpoints {
  hit(point: Failpoint): Promise<void>;
}

export const noFailpoints: Failpoints = { hit: () => Promise.resolve() };
