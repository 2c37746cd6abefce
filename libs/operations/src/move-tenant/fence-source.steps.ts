import { done, step } from '@berth/saga';
import { actorOf, type Tools } from '../tools.js';
import type { MoveTenant, Switching } from './move-tenant.input.js';
import { refuseLate } from './switch-window.js';

/** How long other writers may queue behind our lock when a long transaction holds a table; then they go first and we try again. */
const lockTimeoutMs = 2_000;

export const prepareFence = step<Switching, Pick<Tools, 'fence'>>()({
  name: 'prepare-fence',
  describe: ({ source }) => `Stand the fence on ${source.place.schema}, not armed yet.`,
  async run(context) {
    const { source, target } = context.input;
    await context.tools.fence.prepare(source.place, target.generation, actorOf(context));
    return done;
  },
  async undo(context) {
    await context.tools.fence.remove(context.input.source.place, actorOf(context));
    return done;
  },
});

/** From here on writers are refused with SQLSTATE 25006. */
export const armFence = step<MoveTenant, Pick<Tools, 'copy' | 'fence' | 'moves'>>()({
  name: 'arm-fence',
  describe: ({ source }) => `Arm the fence on ${source.place.schema}: writers are refused from here to the switch.`,
  async run(context) {
    const { input, tools, operationId } = context;
    const { place } = input.source;
    refuseLate(input);
    await tools.moves.transition(operationId, { from: ['ready'], to: 'copying' });
    await tools.fence.arm(place, input.target.generation, actorOf(context), { lockTimeoutMs });
    const fencedAt = new Date().toISOString();
    const fingerprint = await tools.fence.fingerprint(place);
    return { done: { fencedAt, fingerprint, sequencesAtFence: await tools.copy.sequencePositions(place) } };
  },
  async undo(context) {
    await context.tools.fence.remove(context.input.source.place, actorOf(context));
    return done;
  },
});
