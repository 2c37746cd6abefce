import { BerthError, type Place, streamsOf, type TenantId } from '@berth/domain';
import { decisiveStep, done, forwardStep, saga, step } from '@berth/saga';
import { destroyInstance } from '../steps/create-instance.step.js';
import { dumpFinally, rehearseFinalDump, type HasFinalDump } from '../steps/final-dump.steps.js';
import { refuseLeftovers } from '../steps/refuse-leftovers.js';
import { actorOf, type Tools } from '../tools.js';

/** Gives up the old place of a switched move. `place` is the old one. */
export interface CompleteMove extends HasFinalDump {
  readonly tenantId: TenantId;
  readonly moveId: string;
  readonly place: Place;
  readonly generation: number;
  /** Berth made the old cluster for this tenant, and destroys it. */
  readonly ownInstance: boolean;
  /** Where the tenant is now, when streams run between the two places; null after a move by dump. */
  readonly online: { readonly place: Place; readonly generation: number } | null;
}

const decideCompletion = decisiveStep<CompleteMove, Pick<Tools, 'moves'>>()({
  name: 'decide-completion',
  describe: () => 'Record that the old place is being given up: from here on there is no way back.',
  async run({ input, tools }) {
    await tools.moves.transition(input.moveId, { from: ['switched'], to: 'completing' });
    return done;
  },
  hasHappened: async ({ input, tools }) => (await tools.moves.get(input.moveId))?.state === 'completing',
});

const dropOldPlace = forwardStep<CompleteMove, Pick<Tools, 'database' | 'fence'>>()({
  name: 'drop-old-place',
  describe: ({ place }) =>
    `Drop the old schema and roles on cluster ${place.clusterId} and read back that nothing is left.`,
  async run(context) {
    const { input, tools } = context;
    await tools.database.drop(input.place, actorOf(context));
    await tools.fence.clearMarker(input.place, actorOf(context));
    refuseLeftovers(await tools.database.leftovers(input.place));
    return done;
  },
});

const destroyOldInstance = forwardStep<
  CompleteMove,
  Pick<Tools, 'clusters' | 'infrastructure' | 'placements' | 'secrets'>
>()({
  name: 'destroy-old-instance',
  describe: ({ place }) => `Destroy the old dedicated instance ${place.clusterId}.`,
  async run({ input, tools, signal, reportProgress }) {
    await tools.placements.retire(input.tenantId, input.generation);
    await destroyInstance(tools, input.place.clusterId, { signal, onProgress: reportProgress });
    return done;
  },
});

const retireOldPlacement = forwardStep<CompleteMove, Pick<Tools, 'moves' | 'placements'>>()({
  name: 'retire-old-placement',
  describe: ({ generation }) => `Retire generation ${String(generation)} and complete the move.`,
  async run({ input, tools }) {
    await tools.placements.retire(input.tenantId, input.generation);
    await tools.moves.transition(input.moveId, { from: ['completing'], to: 'completed' });
    return done;
  },
});

/** Operations that were written before there were online moves know nothing of them. */
const isOnline = (input: CompleteMove): boolean => Boolean(input.online);

function streamsOfCompletion({ place, online }: CompleteMove) {
  if (online === null) throw new BerthError('internal', 'A move by dump has no streams.');
  return streamsOf(place, online.place, online.generation);
}

/** The last dump is compared with what it was made of, which must not change meanwhile. */
const pauseWayBack = step<CompleteMove, Pick<Tools, 'replication'>>()({
  name: 'pause-way-back',
  describe: ({ place }) =>
    `Let cluster ${place.clusterId} rest: what is written at the new place is kept for it there.`,
  async run(context) {
    await context.tools.replication.pause(streamsOfCompletion(context.input).reverse, actorOf(context));
    return done;
  },
  async undo(context) {
    await context.tools.replication.follow(streamsOfCompletion(context.input).reverse, actorOf(context));
    return done;
  },
});

const removeStreams = forwardStep<CompleteMove, Pick<Tools, 'replication'>>()({
  name: 'remove-streams',
  describe: () => 'Remove both streams from both clusters, and read back that nothing of them is left.',
  async run(context) {
    const { tools, input } = context;
    const streams = Object.values(streamsOfCompletion(input));
    for (const stream of streams) await tools.replication.remove(stream, actorOf(context));
    refuseLeftovers((await Promise.all(streams.map((stream) => tools.replication.leftovers(stream)))).flat());
    return { done: { streamLeftovers: 0 } };
  },
});

export const completeMove = saga<CompleteMove>('complete-move', 1)
  .stepWhen(isOnline, pauseWayBack)
  .step(dumpFinally)
  .step(rehearseFinalDump)
  .pointOfNoReturn(decideCompletion)
  .stepWhen(isOnline, removeStreams)
  .stepWhen((input) => !input.ownInstance, dropOldPlace)
  .stepWhen((input) => input.ownInstance, destroyOldInstance)
  .step(retireOldPlacement);
