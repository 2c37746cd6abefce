import type { Place, ReplicationStream, TenantId } from '@berth/domain';
import { decisiveStep, done, forwardStep, saga } from '@berth/saga';
import { destroyInstance } from '../steps/create-instance.step.js';
import { dumpFinally, rehearseFinalDump, type HasFinalDump } from '../steps/final-dump.steps.js';
import { readBack, type ReadBackTools } from '../steps/read-back.js';
import { refuseLeftovers } from '../steps/refuse-leftovers.js';
import { actorOf, type Tools } from '../tools.js';

/** Gives up the place of a move where the tenant is no more: the old one after its switch, the new one after its reverse. */
export interface CompleteMove extends HasFinalDump {
  readonly tenantId: TenantId;
  readonly moveId: string;
  readonly place: Place;
  readonly generation: number;
  /** Berth made the old cluster for this tenant, and destroys it. */
  readonly ownInstance: boolean;
}

const decideCompletion = decisiveStep<CompleteMove, Pick<Tools, 'moves'>>()({
  name: 'decide-completion',
  describe: () => 'Record that the old place is being given up: from here on there is no way back.',
  async run({ input, tools }) {
    await tools.moves.transition(input.moveId, { from: ['switched', 'reversed'], to: 'completing' });
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

/** Last of all: what was removed step by step is looked for once more, on every server of the move, and that is part of its record. */
const retireOldPlacement = <Input extends CompleteMove>(
  streamsOf: (input: Input) => readonly ReplicationStream[] = () => [],
) =>
  forwardStep<Input, ReadBackTools & Pick<Tools, 'moves' | 'placements'>>()({
    name: 'retire-old-placement',
    describe: ({ generation }) =>
      `Retire generation ${String(generation)}, read back on every server that nothing of the move is left, and complete it.`,
    async run({ input, tools }) {
      const { tenantId, moveId, place, generation, ownInstance } = input;
      await tools.placements.retire(tenantId, generation);
      const home = await tools.placements.current(tenantId);
      const found = await readBack(tools, { streams: streamsOf(input), place, ownInstance, home });
      await tools.moves.transition(moveId, { from: ['completing'], to: 'completed', readBack: found });
      return { done: { readBack: found } };
    },
  });

export const completeMove = saga<CompleteMove>('complete-move', 1)
  .step(dumpFinally)
  .step(rehearseFinalDump)
  .pointOfNoReturn(decideCompletion)
  .stepWhen((input) => !input.ownInstance, dropOldPlace)
  .stepWhen((input) => input.ownInstance, destroyOldInstance)
  .step(retireOldPlacement());

/** For the completion of a move that ran online, which ends its streams in between. */
export const completion = { decideCompletion, dropOldPlace, destroyOldInstance, retireOldPlacement } as const;
