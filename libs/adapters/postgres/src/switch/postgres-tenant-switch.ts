import { setTimeout as delay } from 'node:timers/promises';
import { type Actor, BerthError, type ComparisonReport } from '@berth/domain';
import { type LongWork, type SwitchReport, type SwitchRequest, TenantSwitch } from '@berth/ports';
import { PostgresTenantComparison } from '../comparison/postgres-tenant-comparison.js';
import { type ClusterConnections, translateError } from '../connection/index.js';
import { readMarker } from '../fence/moved-marker.js';
import { type Readiness, readyToSwitch } from './ready-to-switch.js';
import { SwitchAttempt } from './switch-attempt.js';
import { type SwitchSessions, withSwitchSessions } from './switch-sessions.js';
import { startWayBack, startWayBackUndecided, stopWayBack, takeTurns, turnStreams } from './turn-streams.js';

/** Between two tries, times a number between one half and three halves: two that meet again and again would else meet for ever. */
const pauseMs = 200;

const comparedLanes = 2;

/** The switch over PostgreSQL's own locks: no pooler and no client has to be told. */
export class PostgresTenantSwitch extends TenantSwitch {
  readonly #connections: ClusterConnections;
  readonly #comparison: PostgresTenantComparison;

  constructor(connections: ClusterConnections) {
    super();
    this.#connections = connections;
    this.#comparison = new PostgresTenantComparison(connections);
  }

  run(
    request: SwitchRequest,
    actor: Actor,
    then: { readonly onOpen: () => Promise<void>; readonly verify: LongWork | null },
  ): Promise<SwitchReport> {
    return withSwitchSessions(this.#connections, request.streams, async (sessions) => {
      const started = performance.now();
      const inTurns = await takeTurns(sessions);
      const { attempt, attempts, writePauseMs, prepare } = await this.#decide(sessions, request, {
        ...{ actor, keepSnapshots: then.verify !== null, inTurns, started },
      }).catch(async (error: unknown) => {
        if (inTurns) await startWayBackUndecided(sessions, request.streams.reverse, actor);
        throw error;
      });
      await then.onOpen();
      const frozen = await this.#compareFrozen(request, attempt, then.verify);
      const none = { lock: 0, arm: 0, marker: 0, sequences: 0, pivot: 0, open: 0 };
      const times = { ...none, ...attempt.times, prepare };
      return { attempts, writePauseMs, times, sequences: attempt.sequences.length, frozen };
    });
  }

  turn(streams: SwitchRequest['streams'], actor: Actor): Promise<void> {
    return turnStreams(this.#connections, streams, actor);
  }

  async #decide(
    sessions: SwitchSessions,
    request: SwitchRequest,
    run: {
      readonly actor: Actor;
      readonly keepSnapshots: boolean;
      readonly inTurns: boolean;
      readonly started: number;
    },
  ) {
    const { reverse } = request.streams;
    // One that a worker which is gone had stopped already.
    if (run.inTurns) await startWayBack(sessions, reverse, run.actor);
    const ready = await readyToSwitch(sessions, request);
    if (run.inTurns) await stopWayBack(sessions, reverse, run.actor);
    const prepare = performance.now() - run.started;
    return { ...(await this.#tryUntilDecided(sessions, request, ready, run)), prepare };
  }

  async #tryUntilDecided(
    sessions: SwitchSessions,
    request: SwitchRequest,
    ready: Readiness,
    { actor, keepSnapshots }: { readonly actor: Actor; readonly keepSnapshots: boolean },
  ): Promise<{ readonly attempt: SwitchAttempt; readonly attempts: number; readonly writePauseMs: number }> {
    for (let attempts = 1; ; attempts += 1) {
      const attempt = new SwitchAttempt(sessions, request, ready, actor, keepSnapshots);
      try {
        await attempt.run();
        return { attempt, attempts, writePauseMs: attempt.waitedMs };
      } catch (thrown) {
        await attempt.giveUp();
        const error = translateError(thrown, { clusterId: request.streams.forward.from.clusterId });
        const again = error.code === 'lock-timeout' || error.code === 'stream-stalled';
        if (attempt.decided || !again || attempts >= request.attempts)
          throw await this.#explained(request, actor, error);
        await delay(pauseMs * (0.5 + Math.random()));
      }
    }
  }

  /**
   * A connection that broke while the pivot was on its way says nothing about it. The marker does: reading it waits for the pivot's
   * transaction, and from then on refuses it if it did not come through.
   */
  async #explained(request: SwitchRequest, actor: Actor, error: BerthError): Promise<BerthError> {
    if (error.code !== 'database-unavailable') return error;
    const { clusterId, database, tenantId } = request.streams.forward.from;
    const marker = await this.#connections
      .withTransaction(clusterId, database, (client) => readMarker(client, tenantId), { actor })
      .catch(() => undefined);
    if (marker?.operationId !== actor.operationId) return error;
    return new BerthError(
      'database-unavailable',
      'The switch is decided, and its connection was lost before the target was opened.',
      {
        cause: error,
        details: { decided: true },
      },
    );
  }

  async #compareFrozen(
    { streams }: SwitchRequest,
    { snapshots }: SwitchAttempt,
    verify: LongWork | null,
  ): Promise<ComparisonReport | null> {
    if (verify === null || snapshots === null) return null;
    const { from, to } = streams.forward;
    return this.#comparison.compareUnder(from, to, { lanes: comparedLanes, sequences: false, snapshots }, verify);
  }
}
