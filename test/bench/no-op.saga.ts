import { saga, type NoValues, type Step } from '@berth/saga';

/** Done before it begins: what is left is what every operation costs. */
const doNothing: Step<object, unknown, NoValues, object> = {
  name: 'do-nothing',
  describe: () => 'Do nothing.',
  run: async () => ({ done: {} }),
  nothingToUndo: 'Nothing was done.',
};

export const noOp = saga<object>('no-op', 1).step(doNothing);
