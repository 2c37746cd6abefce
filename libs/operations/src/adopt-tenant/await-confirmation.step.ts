import { done, notYet, step } from '@berth/saga';
import type { Tools } from '../tools.js';
import type { AdoptTenant } from './adopt-tenant.input.js';

/** The yes wakes the operation: this is how long one that was missed would be. */
const lookAgainMs = 300_000;

export const awaitConfirmation = step<AdoptTenant, Pick<Tools, 'confirmations'>>()({
  name: 'await-confirmation',
  describe: () => 'Wait until somebody confirms the adoption; a cancellation brings everything back as it was.',

  async run({ operationId, tools }) {
    if ((await tools.confirmations.confirmedAt(operationId)) !== null) return done;
    return notYet(
      lookAgainMs,
      `On trial. Keep it: berth operations confirm ${operationId}. Go back: berth operations cancel ${operationId}`,
    );
  },

  nothingToUndo: 'it only waits',
});
