import {
  asBerthError,
  confirmedKinds,
  type Drain,
  drainActor,
  type DrainTenant,
  hasEnded,
  isLeft,
  type Move,
  type Operation,
  passesByItself,
} from '@berth/domain';
import type { DrainCatalog, MoveCatalog, OperationCatalog, PlacementCatalog } from '@berth/ports';
import type { OperationDesk } from '../request.js';
import { reportOf } from './drain-plan.js';

export interface DrainDriverPorts {
  readonly drains: DrainCatalog;
  readonly placements: PlacementCatalog;
  readonly moves: MoveCatalog;
  readonly operations: OperationCatalog;
  readonly desk: OperationDesk;
}

type Change = Parameters<DrainCatalog['record']>[2];

/** In ms. How long a round may start moves; whoever dies in one keeps the drain from the others for twice as long. */
const roundMs = 15_000;

/** A target that filled up, or was closed, between choice and reservation: the next choice sees it. */
const chooseAgain: readonly string[] = ['cluster-full', 'cluster-cordoned'];

/**
 * Drives drains by rounds, each of which looks at the moves under way and starts the next ones. A round keeps nothing in memory,
 * so that it may end anywhere: what was started and not written down is found again by who asked for it.
 */
export class DrainDriver {
  constructor(private readonly ports: DrainDriverPorts) {}

  /** One round of every drain that nobody else drives. */
  async drive(): Promise<void> {
    const { drains } = this.ports;
    for (const drain of await drains.claim(2 * roundMs)) {
      try {
        await this.#round(drain);
      } finally {
        await drains.release(drain.id);
      }
    }
  }

  async #round(drain: Drain): Promise<void> {
    const { drains, placements } = this.ports;
    const here = await placements.onCluster(drain.clusterId);
    const current = here.filter(({ state }) => state === 'current').map(({ tenantId }) => tenantId);
    if (drain.state === 'running') await drains.add(drain.id, current);
    let open = 0;
    for (const one of (await drains.tenants(drain.id)).filter(isLeft))
      if (one.state !== 'waiting' && (await this.#look(drain, one))) open += 1;
    let waiting = 0;
    const until = performance.now() + roundMs;
    // Read again: a move that went back may have to choose another target.
    for (const one of (await drains.tenants(drain.id)).filter(({ state }) => state === 'waiting')) {
      const mayStart = drain.state === 'running' && open < drain.atOnce && performance.now() < until;
      const became = mayStart ? await this.#begin(drain, one) : 'waiting';
      if (became === 'moving') open += 1;
      if (became === 'waiting') waiting += 1;
    }
    // One that is being provisioned is a tenant of this cluster soon.
    const coming = here.some(({ state }) => state === 'preparing');
    const over = drain.state === 'stopping' || (waiting === 0 && !coming);
    if (open === 0 && over) await drains.end(drain.id);
  }

  /** True: its move, or the completion of it, is still under way. */
  async #look(drain: Drain, tenant: DrainTenant): Promise<boolean> {
    const { moves, operations } = this.ports;
    const { moveId } = tenant;
    const [move, operation] = await Promise.all([moves.get(moveId ?? ''), operations.get(moveId ?? '')]);
    if (move === null || operation === null)
      throw new Error(`a drain names the move ${String(moveId)}, which is not there`);
    if (tenant.state === 'completing') return this.#lookAtCompletion(drain, tenant, move);
    if (operation.state === 'needs-operator') return this.#becomes(drain, tenant, stopped(operation));
    if (!hasEnded(operation.state)) return true;
    if (move.state === 'reversing' || move.reversedAt !== null) return this.#becomes(drain, tenant, reversed(move));
    if (move.state === 'completed') return this.#becomes(drain, tenant, { state: 'completed', error: null });
    if (move.state === 'switched') {
      if (!drain.complete || drain.state === 'stopping')
        return this.#becomes(drain, tenant, { state: 'moved', error: null });
      return this.#complete(drain, tenant, move);
    }
    const again = operation.error !== null && chooseAgain.includes(operation.error.code);
    const change = again ? ({ state: 'waiting', error: operation.error } as const) : stopped(operation);
    return this.#becomes(drain, tenant, change);
  }

  async #complete(drain: Drain, tenant: DrainTenant, move: Move): Promise<boolean> {
    try {
      await this.ports.desk.start({ kind: 'complete-move', moveId: move.id }, drainActor(drain.id));
      await this.#becomes(drain, tenant, { state: 'completing' });
      return true;
    } catch (error) {
      // Started in a round that ended before it was written down; or somebody else works on the tenant just now.
      const { code, retry, details } = asBerthError(error);
      if (code === 'operation-in-progress' && details['kind'] === 'complete-move') {
        await this.#becomes(drain, tenant, { state: 'completing' });
        return true;
      }
      if (passesByItself(retry) || code === 'operation-in-progress') return true;
      return this.#becomes(drain, tenant, { state: 'failed', error: reportOf(error) });
    }
  }

  async #lookAtCompletion(drain: Drain, tenant: DrainTenant, move: Move): Promise<boolean> {
    if (move.state === 'completed') return this.#becomes(drain, tenant, { state: 'completed', error: null });
    const { tenantId } = tenant;
    const [last] = (await this.ports.operations.list({ tenantId, kind: 'complete-move' }, { limit: 1 })).items;
    if (last === undefined || (last.state !== 'needs-operator' && !hasEnded(last.state))) return true;
    // Between the two reads it may have succeeded.
    if (last.state === 'succeeded') return true;
    return this.#becomes(drain, tenant, stopped(last));
  }

  /** What the tenant is after the try to start its move. */
  async #begin(drain: Drain, tenant: DrainTenant): Promise<DrainTenant['state']> {
    const { placements, desk, operations } = this.ports;
    const { tenantId } = tenant;
    const actor = drainActor(drain.id);
    const begun = await this.#startedBefore(drain, tenant);
    if (begun !== null) return this.#moves(drain, tenant, begun);
    const place = await placements.current(tenantId);
    if (place?.clusterId !== drain.clusterId) {
      await this.#becomes(drain, tenant, { state: 'gone', error: null });
      return 'gone';
    }
    const target = { tier: 'shared' } as const;
    const { strategy } = drain;
    try {
      const started = await desk.start({ kind: 'move-tenant', tenantId, target, strategy, switchMode: 'auto' }, actor);
      return await this.#moves(drain, tenant, started);
    } catch (error) {
      const { code, retry, details } = asBerthError(error);
      const inTheWay = code === 'operation-in-progress' ? await operations.get(String(details['operationId'])) : null;
      // Whatever passes by itself is waited for; what a person has to end is not.
      const passes = passesByItself(retry) || (code === 'operation-in-progress' && !waitsForPerson(inTheWay));
      const state = passes ? 'waiting' : 'failed';
      await this.#becomes(drain, tenant, { state, error: reportOf(error) });
      return state;
    }
  }

  /** The move that an earlier round started and did not write down. */
  async #startedBefore(drain: Drain, { tenantId, moveId }: DrainTenant): Promise<Operation | null> {
    const { moves, operations } = this.ports;
    const [last] = (await moves.list({ tenantId }, { limit: 1 })).items;
    if (last === undefined || last.id === moveId || last.fromClusterId !== drain.clusterId) return null;
    const operation = await operations.get(last.id);
    return operation?.requestedBy === drainActor(drain.id) ? operation : null;
  }

  async #moves(drain: Drain, tenant: DrainTenant, operation: Operation): Promise<'moving'> {
    const targetClusterId = (await this.ports.moves.get(operation.id))?.toClusterId ?? null;
    await this.#becomes(drain, tenant, { state: 'moving', moveId: operation.id, targetClusterId, error: null });
    return 'moving';
  }

  /** Writes it down; false: nothing of the tenant is under way any more. */
  async #becomes(drain: Drain, { tenantId }: DrainTenant, change: Change): Promise<false> {
    await this.ports.drains.record(drain.id, tenantId, change);
    return false;
  }
}

/** Somebody wanted the tenant here again: it is not sent away once more. */
function reversed({ id, fromClusterId }: Move): Change {
  const message = `The move ${id} was reversed: the tenant is on cluster ${fromClusterId} again.`;
  const hint = `Type: berth moves complete ${id}, then drain the cluster again.`;
  return { state: 'failed', error: { code: 'move-state', message, hint, details: { moveId: id } } };
}

/** It needs an operator, or a tenant on trial waits for somebody's yes. */
function waitsForPerson(operation: Operation | null): boolean {
  if (operation?.state === 'waiting') return confirmedKinds.includes(operation.kind);
  return operation?.state === 'needs-operator';
}

/** An operation that ended otherwise than it should, as the end of its tenant's part. */
function stopped({ id, kind, state, reason, error }: Operation): Change {
  const nobody = {
    code: state === 'cancelled' ? 'cancelled' : 'internal',
    message: reason ?? `The operation ${kind} is ${state}.`,
    hint: null,
    details: {},
  };
  const report = error ?? nobody;
  const hint = state === 'needs-operator' ? `Type: berth operations show ${id}` : report.hint;
  return { state: 'failed', error: { ...report, hint } };
}
