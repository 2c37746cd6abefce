import type { StepProgress } from './step.js';

/** A pace is that of the last half minute: what a step did before, on other tables or beside other neighbours, says little. */
const windowMs = 30_000;
/** The first moments of a step are connecting and planning; a guess from them would be wrong by much. */
const leastMs = 2_000;

/** How fast a step comes on, from what it reports. */
export class Pace {
  #unit: string | undefined;
  #samples: readonly { readonly atMs: number; readonly done: number }[] = [];

  /**
   * Time until the whole is done if it goes on as in the last half minute; null: nobody knows. `nowMs` comes from a clock that
   * only goes forward.
   */
  secondsLeft({ done, total, unit }: Pick<StepProgress, 'done' | 'total' | 'unit'>, nowMs: number): number | null {
    const last = this.#samples.at(-1);
    // It counts something else now, or has begun anew.
    if (unit !== this.#unit || (last !== undefined && done < last.done)) this.#samples = [];
    this.#unit = unit;
    this.#samples = [...this.#samples.filter(({ atMs }) => atMs >= nowMs - windowMs), { atMs: nowMs, done }];
    const first = this.#samples[0];
    if (first === undefined || nowMs - first.atMs < leastMs) return null;
    // Some wholes are estimates that grow with what is done: at their end nothing can be said.
    if (total === null || done >= total || done <= first.done) return null;
    return Math.ceil(((total - done) * (nowMs - first.atMs)) / (done - first.done) / 1_000);
  }
}
