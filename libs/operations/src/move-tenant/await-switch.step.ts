import { done, notYet, step } from '@berth/saga';
import type { Tools } from '../tools.js';
import type { MoveTenant } from './move-tenant.input.js';

export const awaitSwitch = step<MoveTenant, Pick<Tools, 'moves'>>()({
  name: 'await-switch',
  describe: () => 'Wait until somebody presses switch.',

  async run({ operationId, tools }) {
    const move = await tools.moves.get(operationId);
    if (move !== null && move.switchRequestedAt !== null) return done;
    return notYet(30_000, `Ready. Type: berth moves switch ${operationId}`);
  },

  nothingToUndo: 'it only waits',
});
