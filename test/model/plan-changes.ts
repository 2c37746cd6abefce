import { type Plan, type Step, theSwitch } from './switch-steps.js';

/** The switch with its second step's parts one after another: an order among those that may be. */
export const inOrder: readonly Step[] = theSwitch.flat();

export const without = (...steps: readonly Step[]): Plan => inOrder.filter((step) => !steps.includes(step));

export const instead = (old: Step, other: Step): Plan => inOrder.map((step) => (step === old ? other : step));

export const moved = (...steps: readonly Step[]) => ({
  before: (anchor: Step): Plan =>
    inOrder.flatMap((step) => moveTo(steps, step, step === anchor ? [...steps, step] : [step])),
  after: (anchor: Step): Plan =>
    inOrder.flatMap((step) => moveTo(steps, step, step === anchor ? [step, ...steps] : [step])),
});

const moveTo = (steps: readonly Step[], step: Step, here: readonly Step[]): readonly Step[] =>
  steps.includes(step) ? [] : here;
