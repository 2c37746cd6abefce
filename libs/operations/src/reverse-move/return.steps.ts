import { BerthError, secretRefs } from '@berth/domain';
import { done, forwardStep, step } from '@berth/saga';
import { compareEnds, type CompareTools } from '../move-tenant/compare-ends.js';
import { streamsOfMove } from '../move-tenant/course.js';
import { readBack, type ReadBackTools } from '../steps/read-back.js';
import { turnedBack } from '../steps/turned-back.js';
import { actorOf, wantedAt, type Tools } from '../tools.js';
import type { ReverseMove } from './reverse-move.input.js';

/** How long the stream to the old place may wait behind our lock there; nobody else writes to it. */
const lockTimeoutMs = 500;

/** First of all, and taken back last: from here on the move cannot be completed. */
const beginReverse = step<ReverseMove, ReadBackTools & Pick<Tools, 'moves' | 'placements' | 'switchover'>>()({
  name: 'begin-reverse',
  describe: ({ source }) =>
    `Note that the move is being reversed, and how the definitions on cluster ${source.place.clusterId} look.`,
  async run({ input, tools }) {
    const { tenantId, source, reverses } = input;
    const current = await tools.placements.current(tenantId);
    if (current?.generation !== source.generation) {
      throw new BerthError('placement-conflict', `Tenant ${tenantId} is not where the plan of this reverse says.`, {
        hint: `Look where it is (berth tenants show ${tenantId}), then ask for the reverse anew.`,
        details: { planned: source.place.clusterId, found: current?.clusterId ?? null },
      });
    }
    await tools.moves.transition(reverses.moveId, { from: ['switched'], to: 'reversing', reason: null, error: null });
    return { done: { fingerprint: await tools.fence.fingerprint(source.place) } };
  },
  async undo(context) {
    const { input, tools, because } = context;
    const { moveId } = input.reverses;
    // A worker that died may have stopped the other stream, which rests until a reverse: nobody else would start it again.
    await tools.switchover.giveUp(streamsOfMove(input), actorOf(context));
    if ((await tools.moves.get(moveId))?.state === 'reversing') {
      const told = turnedBack(because, 'The tenant stayed at the new place, and the old one is kept as it was.');
      // Its streams stay, and so does the fence of the old place: they are the move's.
      const found = await readBack(tools, { streams: [], place: null, ownInstance: false, home: input.source.place });
      await tools.moves.transition(moveId, { from: ['reversing'], to: 'switched', ...told, readBack: found });
    }
    return done;
  },
});

/** Limits and logins may have changed since the tenant left; its logins stay closed. */
const readyOldPlace = step<ReverseMove, Pick<Tools, 'database' | 'secrets'>>()({
  name: 'ready-old-place',
  describe: ({ target }) =>
    `Bring roles, grants and limits on cluster ${target.place.clusterId} to what they should be, logins closed.`,
  async run(context) {
    const { input, tools } = context;
    await tools.database.converge(await wantedAt(tools, input.target.place, input.limits, 'closed'), actorOf(context));
    return { done: { secretVersionBefore: await tools.secrets.newestVersion(secretRefs.tenantDb(input.tenantId)) } };
  },
  nothingToUndo: 'the old place is kept, and this is what it should be',
});

/**
 * A fence opens table by table, under a lock of each; a gate by one row. So the gate is closed first, and the fence goes
 * behind it: at no moment does neither stand. The marker of the move stays until the tenant is back.
 */
const tradeFence = step<ReverseMove, Pick<Tools, 'fence' | 'gate'>>()({
  name: 'trade-fence',
  describe: ({ target }) =>
    `Close a gate on cluster ${target.place.clusterId}, which one row opens, and take the fence away behind it.`,
  async run(context) {
    const { target } = context.input;
    await context.tools.gate.close(target.place, target.generation, actorOf(context));
    await context.tools.fence.remove(target.place, actorOf(context));
    return done;
  },
  async undo(context) {
    const { source, target } = context.input;
    await context.tools.fence.arm(target.place, source.generation, actorOf(context), { lockTimeoutMs });
    await context.tools.gate.remove(target.place, actorOf(context));
    return done;
  },
});

/** What is kept for the old place is kept whether the tenant comes back or not: no limit of it ends a reverse. */
const verifyLive = step<ReverseMove, CompareTools>()({
  name: 'verify-live',
  describe: () =>
    'Compare every row and definition of both ends as they were at one moment, while the tenant works on.',
  run: async (context) => ({ done: await compareEnds(context, 'waits') }),
  nothingToUndo: 'it only reads',
});

const returnPlacement = forwardStep<ReverseMove, Pick<Tools, 'placements'>>()({
  name: 'return-placement',
  describe: ({ source, target }) =>
    `Make the old place current again as generation ${String(target.generation)}, instead of ${String(source.generation)}, by compare-and-set.`,
  async run({ input, operationId, tools }) {
    const { tenantId, source, target, back } = input;
    await tools.placements.returnTo(tenantId, { from: source.generation, back, to: target.generation, operationId });
    return done;
  },
});

/** The marker of the move says that the tenant left; that of the reverse, at the other end, has decided otherwise. */
const forgetDeparture = forwardStep<ReverseMove, Pick<Tools, 'fence'>>()({
  name: 'forget-departure',
  describe: ({ target }) => `Forget on cluster ${target.place.clusterId} that the tenant had left it.`,
  async run(context) {
    await context.tools.fence.clearMarker(context.input.target.place, actorOf(context));
    return done;
  },
});

export const returning = {
  beginReverse,
  readyOldPlace,
  tradeFence,
  verifyLive,
  returnPlacement,
  forgetDeparture,
} as const;
