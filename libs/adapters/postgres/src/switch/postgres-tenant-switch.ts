import { setTimeout as delay } from 'node:timers/promises';
import { type Actor, BerthError, type ComparisonReport, type ReplicationStream } from '@berth/domain';
import { type HeldClients, type LongWork, type SwitchReport, type SwitchRequest, TenantSwitch } from '@berth/ports';
import { PostgresTenantComparison } from '../comparison/postgres-tenant-comparison.js';
import { type ClusterConnections, translateError } from '../connection/index.js';
import { readMarker } from '../fence/moved-marker.js';
import { FrozenPair, type Stamps } from './frozen-pair.js';
import { type Readiness, readyToSwitch } from './ready-to-switch.js';
import { SwitchAttempt } from './switch-attempt.js';
import { type SwitchSessions, withSwitchSessions } from './switch-sessions.js';
import { startWayBack, startWayBackUndecided, stopWayBack, takeTurns, turnStreams } from './turn-streams.js';

/** Between two tries, times a number between one half and three halves: two that meet again and again would else meet for ever. */
const pauseMs = 200;

/** The switch over PostgreSQL's own locks: no pooler and no client has to be told. */
export class PostgresTenantSwitch extends TenantSwitch {
  readonly #connections: ClusterConnections;
  readonly #comparison: PostgresTenantComparison;
  /** By the stream's name, until they are compared or end by themselves. */
  readonly #frozen = new Map<string, { readonly pair: FrozenPair; readonly stamps: Stamps }>();

  constructor(connections: ClusterConnections) {
    super();
    this.#connections = connections;
    this.#comparison = new PostgresTenantComparison(connections);
  }

  run(request: SwitchRequest, actor: Actor, clients?: HeldClients): Promise<SwitchReport> {
    return withSwitchSessions(this.#connections, request.streams, async (sessions) => {
      const started = performance.now();
      const { forward, reverse } = request.streams;
      const inTurns = await takeTurns(sessions);
      // One that a worker which is gone had stopped already.
      if (inTurns) await startWayBack(sessions, reverse, actor);
      const ready = await readyToSwitch(sessions, request);
      const pair = await FrozenPair.open(this.#connections, forward);
      try {
        if (inTurns) await stopWayBack(sessions, reverse, actor);
        const prepare = performance.now() - started;
        const how = { actor, pair, clients };
        const { attempt, attempts } = await this.#tryUntilDecided(sessions, request, ready, how);
        this.#keep(forward.name, pair, ready.stamps);
        const none = { lock: 0, arm: 0, marker: 0, sequences: 0, pivot: 0, open: 0 };
        const times = { ...none, ...attempt.times, prepare };
        const positions = await attempt.positions();
        const { lockedAt, writePauseMs } = attempt;
        return { attempts, lockedAt, writePauseMs, times, positions, sequences: ready.sequences.length };
      } catch (error) {
        pair.end();
        // A worker that comes next does it too; the error that brought us here is the one to tell.
        await this.giveUp(request.streams, actor).catch(() => undefined);
        throw error;
      }
    });
  }

  async compareFrozen({ name }: ReplicationStream, work: LongWork): Promise<ComparisonReport | null> {
    const kept = this.#frozen.get(name);
    this.#frozen.delete(name);
    return kept === undefined ? null : kept.pair.compare(this.#comparison, kept.stamps, work);
  }

  #keep(name: string, pair: FrozenPair, stamps: Stamps): void {
    this.#frozen.get(name)?.pair.end();
    this.#frozen.set(name, { pair, stamps });
    void pair.ended.finally(() => {
      pair.end();
      if (this.#frozen.get(name)?.pair === pair) this.#frozen.delete(name);
    });
  }

  giveUp(streams: SwitchRequest['streams'], actor: Actor): Promise<void> {
    return startWayBackUndecided(this.#connections, streams, actor);
  }

  turn(streams: SwitchRequest['streams'], actor: Actor): Promise<void> {
    return turnStreams(this.#connections, streams, actor);
  }

  async #tryUntilDecided(
    sessions: SwitchSessions,
    request: SwitchRequest,
    ready: Readiness,
    {
      actor,
      pair,
      clients,
    }: { readonly actor: Actor; readonly pair: FrozenPair; readonly clients: HeldClients | undefined },
  ): Promise<{ readonly attempt: SwitchAttempt; readonly attempts: number }> {
    for (let attempts = 1; ; attempts += 1) {
      const attempt = new SwitchAttempt(sessions, request, ready, { actor, frozen: pair, clients });
      try {
        await pair.prepare();
        await attempt.run();
        return { attempt, attempts };
      } catch (thrown) {
        await attempt.giveUp();
        await clients?.release();
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
}
