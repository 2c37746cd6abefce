import { type Step, theSwitch } from './switch-steps.js';

/** The switch with its second step's parts one after another: an order among those that may be. */
export const inOrder: readonly Step[] = theSwitch.flat();

/** An order with steps elsewhere, otherwise, or left out. */
export const changesOf = (order: readonly Step[]) => ({
  without: (...steps: readonly Step[]): readonly Step[] => order.filter((step) => !steps.includes(step)),

  instead: (old: Step, other: Step): readonly Step[] => order.map((step) => (step === old ? other : step)),

  moved: (...steps: readonly Step[]) => ({
    before: (anchor: Step): readonly Step[] =>
      order.flatMap((step) => moveTo(steps, step, step === anchor ? [...steps, step] : [step])),
    after: (anchor: Step): readonly Step[] =>
      order.flatMap((step) => moveTo(steps, step, step === anchor ? [step, ...steps] : [step])),
  }),
});

export const { without, instead, moved } = changesOf(inOrder);

const moveTo = (steps: readonly Step[], step: Step, here: readonly Step[]): readonly Step[] =>
  steps.includes(step) ? [] : here;
