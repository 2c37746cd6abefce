import { BerthError, type SwitchWindow } from '@berth/domain';
import type { Switching } from './move-tenant.input.js';

/** Of a move that was given none. */
export const anyTime: SwitchWindow = { notBefore: null, deadline: null };

/** @throws `window-passed` once the deadline is over: the move is undone, and the tenant stays where it is */
export function refuseLate({ window: { deadline } = anyTime }: Pick<Switching, 'window'>): void {
  if (deadline === null || Date.now() < Date.parse(deadline)) return;
  throw new BerthError('window-passed', `The move had not begun to switch by ${deadline}.`, {
    hint: 'Start it again with a later deadline; the tenant stays where it is and works on.',
  });
}
