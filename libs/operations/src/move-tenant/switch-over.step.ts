import { asBerthError, BerthError } from '@berth/domain';
import type { HeldClients, SwitchReport } from '@berth/ports';
import { decisiveStep, notYet, type RunContext } from '@berth/saga';
import type { RoutingTools } from '../routing/poolers.js';
import { bringAlias, holdAlias } from '../routing/route-tenant.steps.js';
import { actorOf, type Tools } from '../tools.js';
import {
  type Compared,
  compareEnds,
  type CompareTools,
  hindranceMs,
  lockTimeoutMs,
  mostAgeMs,
} from './compare-ends.js';
import { streamsOfMove } from './course.js';
import type { OnlineSwitch } from './move-online.input.js';
import { namedChanges } from './named-changes.js';
import { refuseLate } from './switch-window.js';

interface Needs extends Compared {
  readonly fingerprint: string;
}
type Context = RunContext<
  OnlineSwitch,
  CompareTools & RoutingTools & Pick<Tools, 'comparison' | 'fence' | 'switchover'>,
  Needs
>;

/** What goes by: a long transaction or an autovacuum, and a pooler that somebody looks after. */
const hindrances: readonly string[] = ['lock-timeout', 'pooler-unreachable'];

/** Comparisons of one try: somebody who writes tables anew all the time keeps the move waiting, not us working. */
const mostComparisons = 3;

interface Told {
  /** From when on writers waited; the switch of the secret measures the whole pause by it. */
  readonly fencedAt: string;
  readonly switchMs: number | null;
  readonly switchTimes: SwitchReport['times'] | null;
  readonly switchAttempts: number | null;
  readonly switchPositions: SwitchReport['positions'] | null;
  /** How long clients of poolers waited, at those that answered; null: there are none, or a crash took the figure. */
  readonly poolerPauseMs: number | null;
}

/** More digits of a ms than anybody measures would be on record for ever. */
const tenths = (ms: number): number => Math.round(ms * 10) / 10;

const rounded = ({
  prepare,
  lock,
  arm,
  marker,
  sequences,
  pivot,
  open,
}: SwitchReport['times']): SwitchReport['times'] => ({
  ...{ prepare: tenths(prepare), lock: tenths(lock), arm: tenths(arm), marker: tenths(marker) },
  ...{ sequences: tenths(sequences), pivot: tenths(pivot), open: tenths(open) },
});

function told(fencedAt: Date, report: SwitchReport | null, clients?: PoolerClients): Told {
  return {
    fencedAt: fencedAt.toISOString(),
    switchMs: report === null ? null : tenths(report.writePauseMs),
    switchTimes: report === null ? null : rounded(report.times),
    switchAttempts: report?.attempts ?? null,
    switchPositions: report?.positions ?? null,
    poolerPauseMs: clients?.pauseMs === undefined ? null : tenths(clients.pauseMs),
  };
}

/** One local transaction on the source, inside the switch, decides: before it the tenant lives there, after it at the target. */
export const switchOver = decisiveStep<OnlineSwitch, Context['tools'], Needs>()({
  name: 'switch-over',
  describe: ({ source }) =>
    `Lock the tables on cluster ${source.place.clusterId} for some ms, and let the target take over: from here on only forward.`,

  async run(context) {
    const { input, operationId, tools, given } = context;
    const marker = await tools.fence.movedMarker(input.source.place, actorOf(context));
    // It was decided before a crash; what it told is lost but for the time.
    if (marker?.operationId === operationId) return { done: told(marker.at, null) };
    refuseLate(input);
    const clients = input.routed ? new PoolerClients(context) : undefined;
    try {
      const report = await switchCompared(context, given, clients);
      return { done: told(report.lockedAt, report, clients) };
    } catch (error) {
      const decided = await tools.fence.movedMarker(input.source.place, actorOf(context)).catch(() => null);
      // What failed came after the decision: the next step opens the gate, as often as it takes.
      if (decided?.operationId === operationId) return { done: told(decided.at, null) };
      if (!hindrances.includes(asBerthError(error).code))
        throw await namedChanges(context, 'everything', asBerthError(error));
      return notYet(
        hindranceMs,
        `${asBerthError(error).message} The move waits for it, and nobody waits for the move.`,
      );
    }
  },

  async hasHappened(context) {
    const { input, operationId, tools } = context;
    return (await tools.fence.movedMarker(input.source.place, actorOf(context)))?.operationId === operationId;
  },
});

/** With a comparison that is fresh, and that no table was written anew after. */
async function switchCompared(context: Context, given: Compared, clients?: HeldClients): Promise<SwitchReport> {
  const { input, tools } = context;
  // Of a large tenant the comparison alone takes longer than that.
  const old = Date.now() - Date.parse(given.comparedAt) > mostAgeMs + given.comparedMs;
  let compared = old ? await compareEnds(context, 'switches') : given;
  for (let comparisons = 1; ; comparisons += 1) {
    const request = {
      streams: streamsOfMove(input),
      generation: input.target.generation,
      fingerprint: context.given.fingerprint,
      stamp: compared.comparedStamp,
      ...{ deadlineMs: 1_000, lockTimeoutMs, attempts: 20 },
    };
    refuseLate(input);
    try {
      return await tools.switchover.run(request, actorOf(context), clients);
    } catch (error) {
      if (asBerthError(error).code !== 'verification-stale' || comparisons >= mostComparisons) throw error;
      compared = await compareEnds(context, 'switches');
    }
  }
}

/**
 * Clients of the tenant's alias, at every pooler. They are held by the switch alone: whoever waits for the lock before it, or compares
 * again, keeps none of them waiting.
 */
class PoolerClients implements HeldClients {
  #heldAt = 0;
  pauseMs: number | undefined;

  constructor(private readonly context: Context) {}

  /** A pooler that may have clients and does not let them wait would send them into the fence. */
  async hold(): Promise<void> {
    const { input } = this.context;
    this.#heldAt = performance.now();
    const { notHeldAt } = await holdAlias(this.context, lockTimeoutMs);
    if (notHeldAt.length === 0) return;
    throw new BerthError(
      'pooler-unreachable',
      `The clients of the alias ${input.tenantId} could not be held at ${notHeldAt.map((id) => `the pooler ${id}`).join(' and ')}.`,
      { hint: `Look at that PgBouncer. If it is gone for good: berth poolers remove ${String(notHeldAt[0])}` },
    );
  }

  /** What fails here, the step `route-tenant` does again. */
  async follow(): Promise<void> {
    const { target, limits } = this.context.input;
    await bringAlias(this.context, { place: target.place, limits });
    this.pauseMs = performance.now() - this.#heldAt;
  }

  /** As long as the tenant lives there. Where that cannot be known they wait: what comes next lets them through. */
  async release(): Promise<void> {
    const { input, operationId, tools } = this.context;
    try {
      const marker = await tools.fence.movedMarker(input.source.place, actorOf(this.context));
      if (marker?.operationId !== operationId)
        await bringAlias(this.context, { place: input.source.place, limits: input.limitsBefore });
    } catch {
      // The error that brought us here is the one to tell.
    }
  }
}
