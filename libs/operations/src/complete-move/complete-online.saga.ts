import { exchanged, type Place, type ReplicationStream, type StreamDirection, streamsOf } from '@berth/domain';
import { done, forwardStep, saga, step } from '@berth/saga';
import { dumpFinally, rehearseFinalDump } from '../steps/final-dump.steps.js';
import { refuseLeftovers } from '../steps/refuse-leftovers.js';
import { actorOf, type Tools } from '../tools.js';
import { type CompleteMove, completion } from './complete-move.saga.js';

/** Gives up the other place of a move that ran online, to which a stream still runs. */
export interface CompleteOnline extends CompleteMove {
  /** Where the tenant is. */
  readonly now: { readonly place: Place; readonly generation: number };
  /** The move was reversed: its streams bear this generation and begin where the tenant is now. */
  readonly reversed?: { readonly generation: number };
}

/** `reverse` leads to the place that is given up. */
function streamsTo({ place, now, reversed }: CompleteOnline): Readonly<Record<StreamDirection, ReplicationStream>> {
  if (reversed === undefined) return streamsOf(place, now.place, now.generation);
  return exchanged(streamsOf(now.place, place, reversed.generation));
}

/** The last dump is compared with what it was made of, which must not change meanwhile. */
const pauseWayBack = step<CompleteOnline, Pick<Tools, 'replication'>>()({
  name: 'pause-way-back',
  describe: ({ place }) =>
    `Let cluster ${place.clusterId} rest: what is written where the tenant is now is kept for it there.`,
  async run(context) {
    await context.tools.replication.pause(streamsTo(context.input).reverse, actorOf(context));
    return done;
  },
  async undo(context) {
    await context.tools.replication.follow(streamsTo(context.input).reverse, actorOf(context));
    return done;
  },
});

const removeStreams = forwardStep<CompleteOnline, Pick<Tools, 'replication'>>()({
  name: 'remove-streams',
  describe: () => 'Remove both streams from both clusters, and read back that nothing of them is left.',
  async run(context) {
    const { tools, input } = context;
    const streams = Object.values(streamsTo(input));
    // Each of them keeps log somewhere: one that cannot be removed is no reason to keep the other.
    const removals = await Promise.allSettled(
      streams.map((stream) => tools.replication.remove(stream, actorOf(context))),
    );
    for (const removal of removals) if (removal.status === 'rejected') throw removal.reason;
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
  .step(completion.retireOldPlacement((input: CompleteOnline) => Object.values(streamsTo(input))));
