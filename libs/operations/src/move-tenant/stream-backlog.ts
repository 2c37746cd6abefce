import { setTimeout as delay } from 'node:timers/promises';
import { BerthError, type StreamState } from '@berth/domain';
import type { RunContext } from '@berth/saga';
import type { Tools } from '../tools.js';
import { streamsOfMove } from './course.js';
import type { MoveOnline } from './move-online.input.js';
import { type LagBy, noteLag } from './note-lag.js';

interface Context {
  readonly input: Pick<MoveOnline, 'source' | 'target' | 'reverses' | 'streamLimits'>;
  readonly tools: Pick<Tools, 'replication'>;
}

/** What a step needs to be done within the backlog that its move may have. */
export type LookTools = Pick<Tools, 'lag' | 'moves' | 'replication'>;

/**
 * Looks at what the source keeps for the move: log that stays on its disk until the target has it, whoever else needs that disk.
 * @throws `stream-backlog` past the move's limit, `stream-lost` when the server has thrown it away; both undo the move
 */
export async function refuseBacklog({ input, tools }: Context): Promise<StreamState> {
  const { forward } = streamsOfMove(input);
  const { maxRetainedBytes } = input.streamLimits;
  const state = await tools.replication.state(forward);
  if (state.slot === 'lost') {
    throw new BerthError(
      'stream-lost',
      `Cluster ${forward.from.clusterId} has thrown away changes that the move needs.`,
      {
        hint: 'Raise max_slot_wal_keep_size there, or move when less is written; then start the move again.',
      },
    );
  }
  const { retainedBytes } = state;
  if (retainedBytes !== null && retainedBytes > maxRetainedBytes) {
    throw new BerthError(
      'stream-backlog',
      `Cluster ${forward.from.clusterId} keeps ${megabytes(retainedBytes)} of its log for the move, more than the ${megabytes(maxRetainedBytes)} that it may.`,
      {
        hint: 'Look at what keeps the target from following. If the disk of the source has room, start the move again with a larger maxRetainedBytes.',
        details: { retainedBytes, maxRetainedBytes },
      },
    );
  }
  return state;
}

type LookContext = Pick<RunContext<MoveOnline, LookTools, unknown>, 'input' | 'operationId' | 'tools'>;

/** Looks as {@link refuseBacklog} does, and keeps with the move how far the target is behind. */
export async function lookAtBacklog(context: LookContext, by: LagBy): Promise<StreamState> {
  const { input, operationId, tools } = context;
  const state = await refuseBacklog(context);
  await noteLag(tools, operationId, streamsOfMove(input).forward, state, by);
  return state;
}

const megabytes = (bytes: number): string => `${String(Math.round(bytes / 2 ** 20))} MB`;

const lookMs = 5_000;

/** Does `work`, which takes its time while the source keeps its log, and ends it when that becomes too much. */
export async function withinBacklog<T>(
  context: LookContext & { readonly signal: AbortSignal },
  work: (signal: AbortSignal) => Promise<T>,
  by: LagBy = 'log',
): Promise<T> {
  const stop = new AbortController();
  const done = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  let tooMuch: unknown;
  const watch = async (): Promise<void> => {
    while (tooMuch === undefined) {
      await delay(lookMs, undefined, { signal: done.signal });
      await lookAtBacklog(context, by).catch((error: unknown) => {
        // A look that fails for another reason says nothing about the log; the next one may.
        if (!(error instanceof BerthError) || (error.code !== 'stream-backlog' && error.code !== 'stream-lost')) return;
        tooMuch = error;
        stop.abort();
      });
    }
  };
  // Ends with the work; a look that hangs then is nobody's business any more.
  watch().catch(() => undefined);
  try {
    return await work(signal);
  } catch (error) {
    throw tooMuch ?? error;
  } finally {
    done.abort();
  }
}
