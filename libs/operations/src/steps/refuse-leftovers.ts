import { BerthError } from '@berth/domain';

/** @throws `leftovers-found`: what the server still shows of something that was removed */
export function refuseLeftovers(leftovers: readonly string[]): void {
  if (leftovers.length === 0) return;
  throw new BerthError('leftovers-found', `Something is left that should be gone: ${leftovers.join('; ')}.`, {
    hint: 'Remove it by hand as the runbook leftovers-found tells, then retry the operation.',
    details: { leftovers },
  });
}
