import { asBerthError, type ReplicationStream } from '@berth/domain';
import { done, notYet, step, type UndoContext } from '@berth/saga';
import { refuseLeftovers } from '../steps/refuse-leftovers.js';
import { actorOf, type Tools } from '../tools.js';
import { dumpOf, streamsOfMove } from './course.js';
import type { MoveOnline } from './move-online.input.js';
import { namingChanges } from './named-changes.js';
import { lookAtBacklog, type LookTools, refuseBacklog, withinBacklog } from './stream-backlog.js';

type StreamTools = Pick<Tools, 'replication'>;

const keepTimeoutMs = 30_000;

/** Removes a stream and reads back at both ends that nothing of it is left. */
async function removeStream(
  context: UndoContext<MoveOnline, StreamTools>,
  stream: ReplicationStream,
): Promise<typeof done> {
  await context.tools.replication.remove(stream, actorOf(context));
  refuseLeftovers(await context.tools.replication.leftovers(stream));
  return done;
}

const publishSource = step<MoveOnline, Pick<Tools, 'fence' | 'replication'>>()({
  name: 'publish-source',
  describe: ({ source }) => `Publish every table of ${source.place.schema}, and note how its definitions look.`,
  async run(context) {
    const { input, tools } = context;
    await tools.replication.publish(streamsOfMove(input).forward, input.identities, actorOf(context));
    return { done: { fingerprint: await tools.fence.fingerprint(input.source.place) } };
  },
  undo: (context) => removeStream(context, streamsOfMove(context.input).forward),
});

const closeGate = step<MoveOnline, Pick<Tools, 'gate'>>()({
  name: 'close-gate',
  describe: ({ target }) =>
    `Close the gate on cluster ${target.place.clusterId}: nobody writes there before the switch.`,
  async run(context) {
    const { place, generation } = context.input.target;
    await context.tools.gate.close(place, generation, actorOf(context));
    return done;
  },
  async undo(context) {
    await context.tools.gate.remove(context.input.target.place, actorOf(context));
    return done;
  },
});

const followSource = step<MoveOnline, Pick<Tools, 'moves' | 'replication'>>()({
  name: 'follow-source',
  describe: () => 'Apply at the target what was changed since the copy began, and what is changed from now on.',
  async run(context) {
    const { input, operationId, tools } = context;
    await tools.replication.follow(streamsOfMove(input).forward, actorOf(context));
    await tools.moves.transition(operationId, { from: ['copying'], to: 'catching-up' });
    return done;
  },
  nothingToUndo: 'the subscription goes with the stream',
});

/** After the copy, whose rows it would else bring back; before the switch, so that it runs when it is needed. */
const startWayBack = step<MoveOnline, StreamTools>()({
  name: 'start-way-back',
  describe: ({ source }) => `Keep cluster ${source.place.clusterId} fresh with what will be written at the target.`,
  async run(context) {
    const { input, tools } = context;
    const { reverse } = streamsOfMove(input);
    await tools.replication.publish(reverse, input.identities, actorOf(context));
    await tools.replication.keepChanges(reverse, actorOf(context), { timeoutMs: keepTimeoutMs });
    await tools.replication.follow(reverse, actorOf(context), 'lead-back');
    return done;
  },
  undo: (context) => removeStream(context, streamsOfMove(context.input).reverse),
});

/** How long it takes for what was committed to be there, in ms. Null: a long copy has left much to apply, and the target is at it. */
async function caughtUp(tools: StreamTools, stream: ReplicationStream, errorsBefore: number): Promise<number | null> {
  try {
    return (await tools.replication.awaitApplied(stream, { timeoutMs: 30_000 })).ms;
  } catch (error) {
    if (asBerthError(error).code !== 'stream-stalled') throw error;
    const { subscription, applyErrors } = await tools.replication.state(stream);
    if (subscription !== 'enabled' || applyErrors > errorsBefore) throw error;
    return null;
  }
}

const awaitCaughtUp = step<MoveOnline, LookTools & Pick<Tools, 'comparison' | 'onlineCopy'>>()({
  name: 'await-caught-up',
  describe: () =>
    'Wait until the target has everything that was committed at the source, and until something came by the way back.',
  async run(context) {
    const { input, operationId, tools, reportProgress } = context;
    const { forward, reverse } = streamsOfMove(input);
    const { retainedBytes, applyErrors } = await refuseBacklog({ input, tools });
    if (retainedBytes !== null)
      reportProgress({ text: 'catching up; kept at the source', done: retainedBytes, total: null, unit: 'bytes' });
    const ms = await namingChanges(context, 'everything', () =>
      withinBacklog(context, () => caughtUp(tools, forward, applyErrors), 'marker'),
    );
    if (ms === null) return notYet(1_000, `Catching up: the source keeps ${String(retainedBytes ?? 0)} bytes of log.`);
    const joined = await withinBacklog(context, (signal) => {
      const work = { signal, onProgress: reportProgress };
      return tools.onlineCopy.joinTables(forward, dumpOf(operationId), actorOf(context), work);
    });
    if (joined) return notYet(0, 'Catching up with what was committed while keys between tables were made.');
    // A way back that nothing comes by would show only when it is needed.
    await tools.replication.awaitApplied(reverse, { timeoutMs: 60_000 });
    await lookAtBacklog(context, 'marker');
    return { done: { lagMs: ms } };
  },
  nothingToUndo: 'it only reads',
});

export const streams = { publishSource, closeGate, followSource, startWayBack, awaitCaughtUp } as const;
