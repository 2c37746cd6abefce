import { BerthError, hasEnded, type Move, type Operation } from '@berth/domain';
import type { MoveCatalog, OperationCatalog } from '@berth/ports';
import type { PlannedStep, Saga } from '@berth/saga';
import { moveByDump } from '../move-tenant/move-by-dump.saga.js';
import { moveOnline } from '../move-tenant/move-online.saga.js';
import type { MoveWord, OperationPlan } from '../request.js';
import type { PlanningPorts } from './draft.js';
import { type Moved, type MoveInput, wordChecks } from './word-checks.js';

interface Moving {
  readonly moves: MoveCatalog;
  readonly operations: Pick<OperationCatalog, 'get'>;
}

/** @throws `move-not-found` */
export async function movedBy({ moves, operations }: Moving, moveId: string): Promise<Moved> {
  const [move, operation] = [await moves.get(moveId), await operations.get(moveId)];
  if (move !== null && operation !== null) return { move, operation };
  throw new BerthError('move-not-found', `There is no move ${moveId}.`, { hint: 'Type: berth moves list' });
}

export async function planWord(ports: PlanningPorts & Moving, moveId: string, word: MoveWord): Promise<OperationPlan> {
  const moved = await movedBy(ports, moveId);
  refuseWord(moved, word);
  const { kind, tenantId, clusterIds } = moved.operation;
  const input = (await ports.moves.inputOf(moveId)) as unknown as MoveInput;
  const findings = await wordChecks(ports, { ...moved, input, word });
  return { kind, tenantId, clusterIds, steps: stepsAfter(moved, word), findings, decision: null };
}

/** The word itself meets the same, in the catalog; this says what to do instead. @throws `move-state`, `operation-state`, `past-point-of-no-return` */
export function refuseWord(moved: Moved, word: MoveWord): void {
  switch (word) {
    case 'verify':
      refuseVerify(moved);
      return;
    case 'switch':
      refuseSwitch(moved);
      return;
    case 'cancel':
      refuseCancel(moved);
  }
}

function refuseVerify({ move, operation }: Moved): void {
  const { id, strategy, state } = move;
  const details = { moveId: id, strategy, state };
  const refused = (why: string, hint: string): BerthError =>
    new BerthError('move-state', `The move ${id} (${strategy}, ${state}) is not compared now: ${why}`, {
      hint,
      details,
    });
  if (strategy === 'dump')
    throw refused(
      'its rows are copied and compared once its switch begins.',
      'Nothing to do: no move by dump switches before every row was compared.',
    );
  if (isAfterSwitch(move))
    throw refused('it waits for no switch any more.', `What was compared stands with the move: berth moves show ${id}`);
  if (operation.cancelRequestedAt !== null || operation.state === 'undoing')
    throw refused('it is being cancelled.', `Watch it: berth operations watch ${id}`);
  const waits = operation.steps.some(({ name, state: step }) => name === 'await-switch' && step !== 'done');
  if (state !== 'ready' || !waits)
    throw refused(
      'only one that is ready and waits for its switch can be.',
      `It compares every row by itself before it is ready. Watch it: berth operations watch ${id}`,
    );
}

const isAfterSwitch = ({ switchedAt, state, endedAt }: Move): boolean =>
  switchedAt !== null || endedAt !== null || state === 'switching';

function refuseSwitch({ move }: Moved): void {
  const { id, state, switchRequestedAt } = move;
  if (!isAfterSwitch(move) || (switchRequestedAt !== null && move.endedAt === null)) return;
  throw new BerthError('move-state', `The move ${id} is ${state}: there is nothing to switch.`, {
    hint: `Look at it: berth moves show ${id}`,
    details: { moveId: id, state },
  });
}

function refuseCancel({ operation: { id, state, steps } }: Moved): void {
  const details = { operationId: id, state };
  if (hasEnded(state))
    throw new BerthError('operation-state', `The operation ${id} is ${state}. It has ended.`, { details });
  if (steps.some((step) => step.pointOfNoReturn && step.state === 'done')) {
    throw new BerthError('past-point-of-no-return', `The operation ${id} has passed its point of no return.`, {
      hint: `Let it finish; then an online move goes back by: berth moves reverse ${id}`,
      details,
    });
  }
}

/** The list that runs: what the journal has left, or what the saga takes back. */
function stepsAfter({ move, operation }: Moved, word: MoveWord): readonly PlannedStep[] {
  const left = operation.steps.filter(({ state }) => state === 'pending' || state === 'started');
  const planned = left.map(({ name, description, pointOfNoReturn }) => ({ name, description, pointOfNoReturn }));
  switch (word) {
    case 'verify': {
      const compares = operation.steps.filter(({ name }) => name === 'verify-live');
      const again = compares.map(({ name, description }) => ({ name, description, pointOfNoReturn: false }));
      return [...again, ...planned.filter(({ name }) => name === 'await-switch')];
    }
    case 'switch':
      return planned;
    case 'cancel':
      return undoneSteps(move.strategy === 'dump' ? moveByDump : moveOnline, operation);
  }
}

/** In reverse, all that began and leaves something to undo. */
function undoneSteps({ steps }: Pick<Saga<never, never>, 'steps'>, operation: Operation): readonly PlannedStep[] {
  const known = new Map(steps.map((step) => [step.name, step]));
  return [...operation.steps].reverse().flatMap(({ name, state, description }) => {
    const step = known.get(name);
    const began = (state !== 'pending' && state !== 'undone') || step?.undoUnstarted !== undefined;
    const isUndone = began && state !== 'undone' && (step?.undo ?? null) !== null;
    return isUndone ? [{ name, description: `Take back: ${description}`, pointOfNoReturn: false }] : [];
  });
}
