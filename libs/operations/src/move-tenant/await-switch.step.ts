import { BerthError, type Move } from '@berth/domain';
import { done, notYet, step } from '@berth/saga';
import type { Tools } from '../tools.js';
import type { Compared } from './compare-ends.js';
import type { MoveOnline } from './move-online.input.js';
import type { MoveTenant } from './move-tenant.input.js';
import { lookAtBacklog } from './stream-backlog.js';
import { anyTime, refuseLate } from './switch-window.js';
import { compareWhenFree, type VerifyTools } from './verify-live.step.js';

/** Whether there is somebody, or a time, that the switch waits for. */
export const mayHaveToWait = ({ switchMode, window = anyTime }: MoveTenant): boolean =>
  switchMode === 'manual' || window.notBefore !== null || window.deadline !== null;

const lookMs = 30_000;

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

/**
 * The source keeps its log for a target that stopped following, however long somebody takes to press. Whoever asks for a comparison
 * meanwhile gets it here, and the switch goes by the newest one.
 */
export const awaitSwitchOnline = step<MoveOnline, VerifyTools>()({
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
    refuseLate(input);
    const asked = await tools.moves.get(operationId);
    if (asked !== null && asked.verifyRequestedAt !== null) {
      const compared = await compareWhenFree(context);
      if ('notYet' in compared) return compared;
    }
    // Read anew: to compare takes its time, and somebody may have pressed by now.
    const move = await tools.moves.get(operationId);
    const now = whetherNow(input, move);
    return 'notYet' in now ? now : { done: newestOf(move) };
  },
  nothingToUndo: 'it only waits',
});

/** What was compared last, while it waited too; it replaces what `verify-live` gave. */
function newestOf(move: Move | null): Partial<Compared> {
  if (move === null || move.comparison === null || move.comparedStamp === null) return {};
  const { comparison, comparedStamp } = move;
  const began = new Date(Date.parse(comparison.comparedAt) - comparison.ms);
  return { comparedAt: began.toISOString(), comparedStamp, comparedMs: comparison.ms };
}
