import { type Actor, asBerthError, BerthError, type Place } from '@berth/domain';
import { done, forwardStep, step } from '@berth/saga';
import { actorOf, type Tools, wantedAt } from '../tools.js';
import { courseOf, streamsOfMove } from './course.js';
import type { Switching } from './move-tenant.input.js';
import { switchOver } from './switch-over.step.js';
import { verifyAfter } from './verify-after.step.js';
import { verifyLive } from './verify-live.step.js';

/**
 * The switch begins. Connections open and warm up there before they are needed; the gate lets none of them write. The place was made hours
 * ago perhaps: what somebody changed of its roles, rights and settings since is brought to what it should be before the first one comes.
 */
const admitTarget = step<Switching, Pick<Tools, 'database' | 'gate' | 'moves' | 'secrets'>>()({
  name: 'admit-target',
  describe: ({ target }) =>
    `Bring roles, grants and settings on cluster ${target.place.clusterId} to what they should be, and open the logins there, behind the closed gate.`,
  async run(context) {
    const { input, operationId, tools } = context;
    const { moveId, before, underWay } = courseOf(input, operationId);
    await tools.moves.transition(moveId, { from: before, to: underWay });
    const { place, generation } = input.target;
    const actor = actorOf(context);
    const changes = await tools.database.converge(await wantedAt(tools, place, input.limits, 'closed'), actor);
    // In a schema without tables no trigger shows that a gate stands, and the right to make some was given back: nobody may use it there yet.
    await tools.gate.close(place, generation, actor);
    await tools.database.setLogins(place, 'open', actor);
    return { done: { changes } };
  },
  async undo(context) {
    await context.tools.database.setLogins(context.input.target.place, 'closed', actorOf(context));
    return done;
  },
});

/** Nobody can write anywhere until it is open: no error of it is one to give up at. */
async function openAgain(gate: Tools['gate'], place: Place, actor: Actor): Promise<void> {
  try {
    await gate.open(place, actor);
  } catch (thrown) {
    const error = asBerthError(thrown);
    if (error.retry !== 'never' || error.code === 'lease-lost') throw error;
    const { code, message, hint, details } = error;
    throw new BerthError(code, message, {
      retry: 'backoff',
      details,
      cause: error,
      ...(hint !== undefined && { hint }),
    });
  }
}

/** The switch has done it already, unless it was cut off in between. It is done again all the same: this takes it to the disk. */
const openGate = forwardStep<Switching, Pick<Tools, 'gate'>>()({
  name: 'open-gate',
  describe: ({ target }) => `See that the gate on cluster ${target.place.clusterId} is open, on the disk.`,
  async run(context) {
    const { place } = context.input.target;
    await openAgain(context.tools.gate, place, actorOf(context));
    const state = await context.tools.gate.state(place);
    if (state === 'open') return done;
    throw new BerthError('gate-closed', `The gate on cluster ${place.clusterId} is ${state}, not open.`, {
      hint: 'The tenant can write at neither place. Look at berth.gate there, then retry the operation.',
    });
  },
});

const refreshViews = forwardStep<Switching, Pick<Tools, 'onlineCopy'>>()({
  name: 'refresh-views',
  describe: ({ target }) =>
    `Refresh the materialized views on cluster ${target.place.clusterId}: no stream carries them.`,
  async run(context) {
    const { input, tools, signal, reportProgress } = context;
    const work = { signal, onProgress: reportProgress };
    const views = await tools.onlineCopy.refreshViews(input.target.place, actorOf(context), work);
    return { done: { refreshedViews: views.refreshed.length, staleViews: views.stale } };
  },
});

/** Before the gate goes, which holds where the log of the target stood when it opened. */
const turnStreams = forwardStep<Switching, Pick<Tools, 'switchover'>>()({
  name: 'turn-streams',
  describe: ({ source }) =>
    `See that what is written at the new place since the switch comes to cluster ${source.place.clusterId}, and nothing goes round.`,
  async run(context) {
    await context.tools.switchover.turn(streamsOfMove(context.input), actorOf(context));
    return done;
  },
});

const removeGate = forwardStep<Switching, Pick<Tools, 'gate'>>()({
  name: 'remove-gate',
  describe: ({ target }) => `Take the gate's triggers on cluster ${target.place.clusterId} away, table by table.`,
  async run(context) {
    await context.tools.gate.remove(context.input.target.place, actorOf(context));
    return done;
  },
});

export const switchOnline = {
  verifyLive,
  admitTarget,
  switchOver,
  openGate,
  turnStreams,
  refreshViews,
  removeGate,
  verifyAfter,
} as const;
