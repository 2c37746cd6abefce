import { BerthError, type Move, type SwitchWindow } from '@berth/domain';
import { done, notYet, step } from '@berth/saga';
import type { Tools } from '../tools.js';
import type { MoveOnline } from './move-online.input.js';
import type { MoveTenant, Switching } from './move-tenant.input.js';
import { lookAtBacklog, type LookTools } from './stream-backlog.js';

const anyTime: SwitchWindow = { notBefore: null, deadline: null };

/** Whether there is somebody, or a time, that the switch waits for. */
export const mayHaveToWait = ({ switchMode, window = anyTime }: MoveTenant): boolean =>
  switchMode === 'manual' || window.notBefore !== null || window.deadline !== null;

const lookMs = 30_000;

/** @throws `window-passed` once the deadline is over: the move is undone, and the tenant stays where it is */
export function refuseLate({ window: { deadline } = anyTime }: Pick<Switching, 'window'>): void {
  if (deadline === null || Date.now() < Date.parse(deadline)) return;
  throw new BerthError('window-passed', `The move had not begun to switch by ${deadline}.`, {
    hint: 'Start it again with a later deadline; the tenant stays where it is and works on.',
  });
}

function whetherNow(input: MoveTenant, move: Move | null) {
  refuseLate(input);
  if (input.switchMode === 'manual' && (move === null || move.switchRequestedAt === null))
    return notYet(lookMs, `Ready. Type: berth moves switch ${move?.id ?? ''}`);
  const { notBefore } = input.window ?? anyTime;
  const left = notBefore === null ? 0 : Date.parse(notBefore) - Date.now();
  return left > 0 ? notYet(Math.min(left, lookMs), `Ready. It switches at ${notBefore ?? ''}.`) : done;
}

const describe = ({ switchMode, window: { notBefore, deadline } = anyTime }: MoveTenant): string =>
  [
    switchMode === 'manual' ? 'Wait until somebody presses switch' : 'Wait for the time of the switch',
    ...(notBefore === null ? [] : [`not before ${notBefore}`]),
    ...(deadline === null ? [] : [`until ${deadline} at the latest`]),
  ].join(', ') + '.';

export const awaitSwitch = step<MoveTenant, Pick<Tools, 'moves'>>()({
  name: 'await-switch',
  describe,
  run: async ({ input, operationId, tools }) => whetherNow(input, await tools.moves.get(operationId)),
  nothingToUndo: 'it only waits',
});

/** The source keeps its log for a target that stopped following, however long somebody takes to press. */
export const awaitSwitchOnline = step<MoveOnline, LookTools>()({
  name: 'await-switch',
  describe,
  async run(context) {
    const { input, operationId, tools } = context;
    const { slot } = await lookAtBacklog(context, 'marker');
    if (slot === 'missing') {
      throw new BerthError(
        'stream-lost',
        `Cluster ${input.source.place.clusterId} keeps nothing for the move any more.`,
        {
          hint: 'Somebody dropped its slot. Start the move again.',
        },
      );
    }
    return whetherNow(input, await tools.moves.get(operationId));
  },
  nothingToUndo: 'it only waits',
});
