import { asBerthError, BerthError } from '@berth/domain';
import type { SwitchReport } from '@berth/ports';
import { decisiveStep, done, forwardStep, step } from '@berth/saga';
import { summary } from '../steps/final-dump.steps.js';
import { actorOf, type Tools } from '../tools.js';
import { type MoveOnline, streamsOfMove } from './move-online.input.js';

interface Published {
  readonly fingerprint: string;
}

/** Writers at the source wait as long at most for a lock that a long transaction keeps from us. */
const lockTimeoutMs = 300;

const verifyLive = step<MoveOnline, Pick<Tools, 'moves' | 'onlineCopy'>>()({
  name: 'verify-live',
  describe: () =>
    'Compare every row and definition of both ends as they were at one moment, while the tenant works on.',
  async run({ input, operationId, tools, signal, reportProgress }) {
    const work = { signal, onProgress: reportProgress };
    const { forward } = streamsOfMove(input);
    const { report, heldMs } = await tools.onlineCopy.compareLive(forward, { lockTimeoutMs, lanes: 2 }, work);
    await tools.moves.transition(operationId, { from: ['ready', 'switching'], to: 'switching', comparison: report });
    if (!report.equal) {
      throw new BerthError('verification-failed', `Source and target differ: ${summary(report)}.`, {
        details: { differences: report.differences },
        hint: 'The tenant stays where it was and works on. Look at the differences, then start the move again.',
      });
    }
    return { done: { comparedRows: report.rows, comparedMs: report.ms, heldMs } };
  },
  nothingToUndo: 'it only reads',
});

/** Connections open and warm up there before they are needed; the gate lets none of them write. */
const admitTarget = step<MoveOnline, Pick<Tools, 'database'>>()({
  name: 'admit-target',
  describe: ({ target }) => `Open the tenant's logins on cluster ${target.place.clusterId}, behind the closed gate.`,
  async run(context) {
    await context.tools.database.setLogins(context.input.target.place, 'open', actorOf(context));
    return done;
  },
  async undo(context) {
    await context.tools.database.setLogins(context.input.target.place, 'closed', actorOf(context));
    return done;
  },
});

interface Told {
  /** From when on writers waited; the switch of the secret measures the whole pause by it. */
  readonly fencedAt: string;
  readonly switchMs: number | null;
  readonly switchTimes: SwitchReport['times'] | null;
  readonly switchAttempts: number | null;
}

function told(fencedAt: Date, report: SwitchReport | null): Told {
  return {
    fencedAt: fencedAt.toISOString(),
    switchMs: report?.writePauseMs ?? null,
    switchTimes: report?.times ?? null,
    switchAttempts: report?.attempts ?? null,
  };
}

/** One local transaction on the source, inside the switch, decides: before it the tenant lives there, after it at the target. */
const switchOver = decisiveStep<MoveOnline, Pick<Tools, 'fence' | 'switchover'>, Published>()({
  name: 'switch-over',
  describe: ({ source }) =>
    `Lock the tables on cluster ${source.place.clusterId} for some ms, and let the target take over: from here on only forward.`,

  async run(context) {
    const { input, operationId, tools, given } = context;
    const { source, target } = input;
    const marker = await tools.fence.movedMarker(source.place, actorOf(context));
    // It was decided before a crash; what it told is lost but for the time.
    if (marker?.operationId === operationId) return { done: told(marker.at, null) };
    const request = {
      streams: streamsOfMove(input),
      generation: target.generation,
      fingerprint: given.fingerprint,
      ...{ deadlineMs: 1_000, lockTimeoutMs, attempts: 20 },
    };
    const onOpen = async (): Promise<void> => undefined;
    const report = await tools.switchover.run(request, actorOf(context), { onOpen, verify: null });
    return { done: told(new Date(Date.now() - report.writePauseMs), report) };
  },

  async hasHappened(context) {
    const { input, operationId, tools } = context;
    return (await tools.fence.movedMarker(input.source.place, actorOf(context)))?.operationId === operationId;
  },
});

/** The switch has done it already, unless it was cut off in between. */
const openGate = forwardStep<MoveOnline, Pick<Tools, 'gate'>>()({
  name: 'open-gate',
  describe: ({ target }) => `See that the gate on cluster ${target.place.clusterId} is open.`,
  async run(context) {
    await context.tools.gate.open(context.input.target.place, actorOf(context));
    return done;
  },
});

const compared = (comparedAfter: number | null) => ({ comparedAfter });

/** Tries of a comparison that somebody's long transaction is in the way of; the tenant works, and nothing waits for it. */
const triesAfter = 3;

/** Over the way back, with the ends exchanged. Definitions may differ by then: the tenant works at the new place. */
const verifyAfter = forwardStep<MoveOnline, Pick<Tools, 'onlineCopy'>>()({
  name: 'verify-after',
  describe: () => 'Compare every row of both ends once more, over the way back.',
  async run({ input, tools, attempt, signal, reportProgress }) {
    const work = { signal, onProgress: reportProgress };
    try {
      const { reverse } = streamsOfMove(input);
      const { report } = await tools.onlineCopy.compareLive(reverse, { lockTimeoutMs, lanes: 2 }, work);
      const unequal = report.tables.filter(({ equal }) => !equal).map(({ table }) => table);
      if (unequal.length === 0) return { done: compared(report.rows) };
      throw new BerthError(
        'verification-failed',
        `After the switch rows differ in ${unequal.join(', ')}: ${summary(report)}.`,
        {
          retry: 'operator',
          hint: 'The tenant works at the new place, and the old one is kept: compare the rows by hand, then retry the operation. Do not complete the move before.',
          details: { differences: report.differences },
        },
      );
    } catch (error) {
      const { code } = asBerthError(error);
      const hindered = code === 'stream-lost' || code === 'lock-timeout' || code === 'stream-stalled';
      // The result says that nothing was compared: a check that was skipped is none that passed.
      if (hindered && (code === 'stream-lost' || attempt >= triesAfter)) return { done: compared(null) };
      throw error;
    }
  },
});

const removeGate = forwardStep<MoveOnline, Pick<Tools, 'gate'>>()({
  name: 'remove-gate',
  describe: ({ target }) => `Take the gate's triggers on cluster ${target.place.clusterId} away, table by table.`,
  async run(context) {
    await context.tools.gate.remove(context.input.target.place, actorOf(context));
    return done;
  },
});

export const switchOnline = { verifyLive, admitTarget, switchOver, openGate, verifyAfter, removeGate } as const;
