import { done, forwardStep, step } from '@berth/saga';
import { exceptRoom, refuseFaults } from '../steps/refuse-faults.js';
import { actorOf, wantedAt, type Tools } from '../tools.js';
import { dumpOf } from './course.js';
import type { MoveTenant } from './move-tenant.input.js';

/** Looks once more, now that the fence stands: what no fence stops (large objects) may have come since both ends were checked. */
const dumpSource = step<MoveTenant, Pick<Tools, 'copy'>>()({
  name: 'dump-source',
  describe: ({ source }) => `Dump ${source.place.schema} from cluster ${source.place.clusterId}.`,
  async run({ input, operationId, tools, signal, reportProgress }) {
    const work = { signal, onProgress: reportProgress };
    refuseFaults(exceptRoom(await tools.copy.preflight(input.source.place, null)), 'The move cannot go on');
    const dump = await tools.copy.dump(input.source.place, dumpOf(operationId), work);
    return { done: { dumpBytes: dump.bytes, dumpMs: dump.ms } };
  },
  async undo({ operationId, tools }) {
    await tools.copy.discard(dumpOf(operationId));
    return done;
  },
});

const restoreTarget = step<MoveTenant, Pick<Tools, 'copy'>>()({
  name: 'restore-target',
  describe: ({ target }) => `Restore it on cluster ${target.place.clusterId}.`,
  async run(context) {
    const { input, operationId, tools, signal, reportProgress } = context;
    const work = { signal, onProgress: reportProgress };
    await tools.copy.restore(dumpOf(operationId), input.target.place, actorOf(context), work);
    return done;
  },
  nothingToUndo: 'what was restored goes with the schema of the target',
});

const readyTarget = step<MoveTenant, Pick<Tools, 'copy' | 'database' | 'secrets'>>()({
  name: 'ready-target',
  describe: () => 'Bring grants at the target to the standard and analyse its tables.',
  async run(context) {
    const { input, tools, signal, reportProgress } = context;
    const { place } = input.target;
    await tools.database.converge(await wantedAt(tools, place, input.limits, 'closed'), actorOf(context));
    await tools.copy.analyze(place, { signal, onProgress: reportProgress });
    return done;
  },
  nothingToUndo: 'what was granted goes with the schema of the target',
});

const discardDump = forwardStep<MoveTenant, Pick<Tools, 'copy'>>()({
  name: 'discard-dump',
  describe: () => 'Delete the dump; the old place itself is kept until the move is completed.',
  async run({ operationId, tools }) {
    await tools.copy.discard(dumpOf(operationId));
    return done;
  },
});

export const copyByDump = { dumpSource, restoreTarget, readyTarget, discardDump } as const;
