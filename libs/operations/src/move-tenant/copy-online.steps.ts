import { done, step } from '@berth/saga';
import { actorOf, wantedAt, type Tools } from '../tools.js';
import { dumpOf, streamsOfMove } from './course.js';
import type { MoveOnline } from './move-online.input.js';
import { namingChanges } from './named-changes.js';
import { type LookTools, withinBacklog } from './stream-backlog.js';

/** How long the server's open write transactions may keep the copy from beginning, before the move says whose they are. */
const keepTimeoutMs = 30_000;

/** Tables and parts of tables copied at the same time. More would take the source's disk from its tenants. */
const lanes = 4;

const copyDefinitions = step<MoveOnline, Pick<Tools, 'copy' | 'moves' | 'onlineCopy'>>()({
  name: 'copy-definitions',
  describe: ({ target }) =>
    `Make tables, types and functions on cluster ${target.place.clusterId}, without indexes and keys.`,
  async run(context) {
    const { input, operationId, tools, signal, reportProgress } = context;
    const work = { signal, onProgress: reportProgress };
    await tools.onlineCopy.copyDefinitions(streamsOfMove(input).forward, dumpOf(operationId), actorOf(context), work);
    await tools.moves.transition(operationId, { from: ['provisioned'], to: 'schema-copied' });
    return done;
  },
  async undo({ operationId, tools }) {
    await tools.copy.discard(dumpOf(operationId));
    return done;
  },
});

const copyRows = step<MoveOnline, LookTools & Pick<Tools, 'comparison' | 'onlineCopy'>>()({
  name: 'copy-rows',
  describe: ({ source }) =>
    `Keep the changes of ${source.place.schema} from one moment on, and copy the rows of that moment.`,
  async run(context) {
    const { input, operationId, tools, reportProgress } = context;
    await tools.moves.transition(operationId, { from: ['schema-copied'], to: 'copying' });
    const { maxBytesPerSecond: bytesPerSecond, yields, maxStandbyLagBytes } = input.streamLimits;
    const options = { keepTimeoutMs, lanes, bytesPerSecond, yields, maxStandbyLagBytes };
    const copied = await namingChanges(context, 'rows', () =>
      withinBacklog(context, (within) => {
        const work = { signal: within, onProgress: reportProgress };
        return tools.onlineCopy.copyRows(streamsOfMove(input).forward, actorOf(context), options, work);
      }),
    );
    return {
      done: {
        ...{ copiedRows: copied.rows, copiedBytes: copied.bytes, copyMs: copied.ms, copiedParts: copied.parts },
        keptTables: copied.kept,
      },
    };
  },
  nothingToUndo: 'the slot goes with the stream, the rows with the schema of the target',
});

const finishDefinitions = step<MoveOnline, LookTools & Pick<Tools, 'database' | 'onlineCopy' | 'secrets'>>()({
  name: 'finish-definitions',
  describe: () =>
    'Build indexes, keys and triggers at the target, bring grants to the standard and analyse its tables.',
  async run(context) {
    const { input, operationId, tools, reportProgress } = context;
    const { forward } = streamsOfMove(input);
    await withinBacklog(context, (within) => {
      const work = { signal: within, onProgress: reportProgress };
      return tools.onlineCopy.finishDefinitions(forward, dumpOf(operationId), actorOf(context), work);
    });
    await tools.database.converge(await wantedAt(tools, input.target.place, input.limits, 'closed'), actorOf(context));
    return done;
  },
  nothingToUndo: 'what was made goes with the schema of the target',
});

export const copyOnline = { copyDefinitions, copyRows, finishDefinitions } as const;
