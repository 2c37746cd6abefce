import { randomUUID } from 'node:crypto';
import { asBerthError, BerthError, hasEnded, type Operation } from '@berth/domain';
import type { JobQueue, OperationCatalog } from '@berth/ports';
import { planOf, type Saga } from '@berth/saga';
import { type MoveWord, OperationDesk, type OperationPlan, type OperationRequest } from '../request.js';
import { refuseFaults } from '../steps/refuse-faults.js';
import { ClusterFitness } from './cluster-fitness.js';
import type { Draft, PlanningPorts } from './draft.js';
import { planAdopt } from './plan-adopt.js';
import { movedBy, planWord, refuseWord } from './plan-word.js';
import { planChangePlan, planComplete, planMove } from './plan-move.js';
import { planQuarantine, planRemove, planRepair, planResume, planSuspend } from './plan-lifecycle.js';
import { planProvision } from './plan-provision.js';
import { planReverse } from './plan-reverse.js';
import { planRotate } from './plan-rotate.js';

/** The desk over the catalog and the queue. */
export class CatalogOperationDesk extends OperationDesk {
  private readonly ports: PlanningPorts;

  constructor(
    ports: Omit<PlanningPorts, 'fitness'>,
    private readonly operations: OperationCatalog,
    private readonly queue: JobQueue,
  ) {
    super();
    this.ports = { ...ports, fitness: new ClusterFitness(ports) };
  }

  async plan(request: OperationRequest): Promise<OperationPlan> {
    await this.#refuseBusy(request);
    const draft = await this.#draft(request);
    const { tenantId, clusterIds, findings, decision } = draft;
    return { kind: kindOf(request, draft), tenantId, clusterIds, findings, decision, steps: stepsOf(draft) };
  }

  async start(request: OperationRequest, requestedBy: string): Promise<Operation> {
    await this.#refuseBusy(request);
    const draft = await this.#draft(request);
    refuseFaults(draft.findings, 'The checks found what keeps it from starting');
    const operation = await this.operations.create({
      id: randomUUID(),
      kind: kindOf(request, draft),
      saga: draft.saga.name,
      sagaVersion: draft.saga.version,
      tenantId: draft.tenantId,
      clusterIds: draft.clusterIds,
      input: draft.input,
      steps: stepsOf(draft),
      requestedBy,
      ...(draft.decision && { decision: draft.decision }),
      ...(draft.seen && { seen: draft.seen }),
      ...(draft.newTenant && { newTenant: draft.newTenant }),
      ...(draft.newMove && { newMove: draft.newMove }),
    });
    await this.#tell(operation.id);
    return operation;
  }

  /**
   * The checks look at one thing after another, and an operation may take away what the next look is for. They are made again then: what a
   * tenant's state allows now is the better answer, and what was no such thing fails as before.
   */
  async #draft(request: OperationRequest): Promise<Draft> {
    try {
      return await draftFor(this.ports, request);
    } catch (thrown) {
      if (asBerthError(thrown).code !== 'database-error') throw thrown;
      return await draftFor(this.ports, request);
    }
  }

  /**
   * The checks of a reverse read both places as members of the tenant's owner, and end that membership: from under a worker that
   * is at work there.
   */
  async #refuseBusy(request: OperationRequest): Promise<void> {
    if (request.kind !== 'reverse-move') return;
    const move = await this.ports.moves.get(request.moveId);
    if (move?.strategy !== 'online' || move.state !== 'switched') return;
    const { items } = await this.operations.list({ tenantId: move.tenantId }, { limit: 1 });
    const [newest] = items;
    if (newest === undefined || hasEnded(newest.state)) return;
    throw new BerthError(
      'operation-in-progress',
      `Operation ${newest.id} (${newest.kind}) of tenant ${move.tenantId} is under way.`,
      {
        hint: `Wait for its end: berth operations watch ${newest.id}`,
        details: { operationId: newest.id },
      },
    );
  }

  async cancel(operationId: string): Promise<Operation> {
    const operation = await this.operations.requestCancel(operationId);
    await this.#tell(operationId);
    return operation;
  }

  async retry(operationId: string): Promise<Operation> {
    const operation = await this.operations.retry(operationId);
    await this.#tell(operationId);
    return operation;
  }

  async confirm(operationId: string): Promise<Operation> {
    await this.ports.confirmations.confirm(operationId);
    await this.#tell(operationId);
    const operation = await this.operations.get(operationId);
    if (operation === null) throw new BerthError('operation-not-found', `There is no operation ${operationId}.`);
    return operation;
  }

  async requestSwitch(moveId: string): Promise<Operation> {
    await this.ports.moves.requestSwitch(moveId);
    // The catalog has woken a move that waits; one that is still on its way finds the wish when it gets there.
    await this.#tell(moveId);
    return (await movedBy(this.#moving, moveId)).operation;
  }

  async requestVerify(moveId: string): Promise<Operation> {
    refuseWord(await movedBy(this.#moving, moveId), 'verify');
    await this.ports.moves.requestVerify(moveId);
    await this.#tell(moveId);
    return (await movedBy(this.#moving, moveId)).operation;
  }

  async planWord(moveId: string, word: MoveWord): Promise<OperationPlan> {
    return await planWord({ ...this.ports, operations: this.operations }, moveId, word);
  }

  get #moving() {
    return { moves: this.ports.moves, operations: this.operations };
  }

  /** The catalog holds the operation already: a queue that is down delays it until the sweep, and loses nothing. */
  async #tell(operationId: string): Promise<void> {
    await this.queue.enqueue(operationId).catch(() => undefined);
  }
}

async function draftFor(ports: PlanningPorts, request: OperationRequest): Promise<Draft> {
  switch (request.kind) {
    case 'provision-tenant':
      return await planProvision(ports, request);
    case 'adopt-tenant':
      return await planAdopt(ports, request);
    case 'suspend-tenant':
      return await planSuspend(ports, request);
    case 'resume-tenant':
      return await planResume(ports, request);
    case 'repair-tenant':
      return await planRepair(ports, request);
    case 'change-plan':
      return await planChangePlan(ports, request);
    case 'quarantine-tenant':
      return await planQuarantine(ports, request);
    case 'remove-tenant':
      return await planRemove(ports, request);
    case 'move-tenant':
      return await planMove(ports, request);
    case 'reverse-move':
      return await planReverse(ports, request);
    case 'complete-move':
      return await planComplete(ports, request);
    case 'rotate-login':
      return await planRotate(ports, request);
  }
}

/** A change of plan across tiers is a move, and is shown as one. */
function kindOf(request: OperationRequest, draft: Draft): OperationPlan['kind'] {
  return draft.newMove === undefined ? request.kind : 'move-tenant';
}

function stepsOf(draft: Draft): OperationPlan['steps'] {
  return planOf(draft.saga as Saga<unknown, never>, draft.input);
}
