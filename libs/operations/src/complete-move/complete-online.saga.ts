import { type Place, streamsOf } from '@berth/domain';
import { done, forwardStep, saga, step } from '@berth/saga';
import { dumpFinally, rehearseFinalDump } from '../steps/final-dump.steps.js';
import { refuseLeftovers } from '../steps/refuse-leftovers.js';
import { actorOf, type Tools } from '../tools.js';
import { type CompleteMove, completion } from './complete-move.saga.js';

/** Gives up the old place of a move that ran online, to which the way back still runs. */
export interface CompleteOnline extends CompleteMove {
  /** Where the tenant is. */
  readonly now: { readonly place: Place; readonly generation: number };
}

/** The last dump is compared with what it was made of, which must not change meanwhile. */
const pauseWayBack = step<CompleteOnline, Pick<Tools, 'replication'>>()({
  name: 'pause-way-back',
  describe: ({ place }) =>
    `Let cluster ${place.clusterId} rest: what is written at the new place is kept for it there.`,
  async run(context) {
    await context.tools.replication.pause(
      streamsOf(context.input.place, context.input.now.place, context.input.now.generation).reverse,
      actorOf(context),
    );
    return done;
  },
  async undo(context) {
    await context.tools.replication.follow(
      streamsOf(context.input.place, context.input.now.place, context.input.now.generation).reverse,
      actorOf(context),
    );
    return done;
  },
});

const removeStreams = forwardStep<CompleteOnline, Pick<Tools, 'replication'>>()({
  name: 'remove-streams',
  describe: () => 'Remove both streams from both clusters, and read back that nothing of them is left.',
  async run(context) {
    const { tools, input } = context;
    const streams = Object.values(streamsOf(input.place, input.now.place, input.now.generation));
    for (const stream of streams) await tools.replication.remove(stream, actorOf(context));
    refuseLeftovers((await Promise.all(streams.map((stream) => tools.replication.leftovers(stream)))).flat());
    return { done: { streamLeftovers: 0 } };
  },
});

export const completeOnline = saga<CompleteOnline>('complete-online', 1)
  .step(pauseWayBack)
  .step(dumpFinally)
  .step(rehearseFinalDump)
  .pointOfNoReturn(completion.decideCompletion)
  .step(removeStreams)
  .stepWhen((input) => !input.ownInstance, completion.dropOldPlace)
  .stepWhen((input) => input.ownInstance, completion.destroyOldInstance)
  .step(completion.retireOldPlacement);
