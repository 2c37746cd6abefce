import { setTimeout as delay } from 'node:timers/promises';
import type { Place } from '@berth/domain';
import type { ClusterConnections, Connection } from '../connection/index.js';
import { firstPace, leastBytesPerSecond, nextPace, type Pace } from './pace.js';
import type { Throttle } from './throttle.js';

/** One look, and the time between two small commits of ours in it. */
const lookMs = 500;
const betweenMs = 40;
/** While it yields it stops for a look now and then: what is quiet changes with what others do. */
const looksUntilQuiet = 20;
/** What was under way when it stopped has passed by then. */
const settleMs = 200;
const againMs = 1_000;

/** As small as a commit can be, and it waits for the disk, and for a standby where that is the rule: what a tenant's own commit waits for. */
const smallCommit = `SELECT pg_logical_emit_message(true, 'berth', '')`;

/**
 * Lets a copy go only as fast as the other tenants of the server do not feel: small commits there are timed, while it copies and while it does
 * not. `onPace` hears of every change. Runs until `signal` ends it.
 */
export async function yieldToOthers(
  connections: ClusterConnections,
  { clusterId, database }: Place,
  throttle: Throttle,
  {
    most,
    signal,
    onPace,
  }: { readonly most: number; readonly signal: AbortSignal; readonly onPace: (pace: Pace) => void },
): Promise<void> {
  while (!signal.aborted) {
    try {
      await connections.withClient(clusterId, database, async (client) => {
        await client.query('SET synchronous_commit = on');
        await adapt(new Looks(client, signal), throttle, { least: leastBytesPerSecond, most }, onPace);
      });
    } catch {
      // The copy has connections of its own and knows what a broken one means; until we can look again it goes at the pace that it has.
      await delay(againMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

async function adapt(
  looks: Looks,
  throttle: Throttle,
  limits: { readonly least: number; readonly most: number },
  onPace: (pace: Pace) => void,
): Promise<void> {
  let pace = firstPace(limits);
  throttle.bytesPerSecond = 0;
  let quiet = await looks.next();
  for (let number = 1; !looks.ended; number += 1) {
    throttle.bytesPerSecond = Number.isFinite(pace.bytesPerSecond) ? pace.bytesPerSecond : null;
    onPace(pace);
    const now = await looks.next();
    // Nothing was copied, so nobody can have felt it.
    if (throttle.held) continue;
    pace = nextPace(pace, quiet, now, limits);
    if (!pace.yielding || number % looksUntilQuiet !== 0) continue;
    throttle.bytesPerSecond = 0;
    await looks.rest(settleMs);
    quiet = await looks.next();
  }
}

class Looks {
  #underWay: { readonly since: number; readonly end: Promise<number> } | null = null;

  constructor(
    private readonly client: Connection,
    private readonly signal: AbortSignal,
  ) {}

  get ended(): boolean {
    return this.signal.aborted;
  }

  /** The times of the commits of one look, in ms. One that is still under way at its end counts as long as it has taken. */
  async next(): Promise<readonly number[]> {
    const until = performance.now() + lookMs;
    const over = this.rest(lookMs);
    const times: number[] = [];
    while (performance.now() < until && !this.ended) {
      this.#underWay ??= this.#begin();
      const took = await Promise.race([this.#underWay.end, over]);
      times.push(took ?? performance.now() - this.#underWay.since);
      if (took === undefined) break;
      this.#underWay = null;
      await this.rest(Math.min(betweenMs, until - performance.now()));
    }
    return times;
  }

  async rest(ms: number): Promise<void> {
    if (ms > 0) await delay(ms, undefined, { signal: this.signal }).catch(() => undefined);
  }

  #begin(): { readonly since: number; readonly end: Promise<number> } {
    const since = performance.now();
    const end = this.client.query(smallCommit).then(() => performance.now() - since);
    // Looked at in a later turn, if at all.
    end.catch(() => undefined);
    return { since, end };
  }
}
