import type { MoveStrategy } from '@berth/domain';
import { answer, type ApiClient, type Operation, type OperationPlan } from '../api/client.js';
import { follow } from '../api/follow.js';
import { CommandFault, exitCodes } from '../exit-codes.js';
import { progressBar, progressText } from '../terminal/step-display.js';

/** Follows an operation to its end. @throws unless it succeeded */
export async function runOperation(
  client: ApiClient,
  started: Operation | OperationPlan,
  going: (text: string) => void,
): Promise<Operation> {
  if (!('id' in started))
    throw new CommandFault(exitCodes.failed, 'The API answered a plan where an operation was asked for.');
  let last: Operation = started;
  for await (const operation of follow(client, started.id)) {
    last = operation;
    const step = operation.steps.find(({ state }) => state === 'started' || state === 'undo-started');
    if (step === undefined) continue;
    going(whereItIs(operation.steps, step));
  }
  if (last.state === 'succeeded') return last;
  const why = last.error?.message ?? last.reason ?? '';
  throw new CommandFault(
    last.state === 'needs-operator' ? exitCodes.needsOperator : exitCodes.failed,
    `${last.kind} of ${last.tenantId} ended as ${last.state}: ${why}`,
    last.error?.hint ?? `See: berth operations show ${last.id}`,
  );
}

/** The bar of the step where it knows its end, else that of the steps that are over. */
export function whereItIs(
  steps: Operation['steps'],
  { number, description, progress }: Operation['steps'][number],
): string {
  const where = `step ${String(number)} of ${String(steps.length)}`;
  if (progress !== null && (progress.total ?? 0) > 0) return `${progressText(progress)}, ${where}`;
  const text = progress === null ? description : progressText(progress);
  return `${progressBar((number - 1) / steps.length)}  ${where}: ${text}`;
}

export async function provision(
  client: ApiClient,
  id: string,
  plan: string,
  going: (text: string) => void,
): Promise<Operation> {
  return runOperation(client, await answer(client.POST('/v1/tenants', { body: { id, plan } })), going);
}

export async function promote(
  client: ApiClient,
  tenantId: string,
  strategy: MoveStrategy,
  going: (text: string) => void,
): Promise<Operation> {
  const started = await answer(
    client.POST('/v1/tenants/{tenantId}/moves', {
      params: { path: { tenantId } },
      body: { target: { tier: 'dedicated' }, strategy, switch: 'auto' },
    }),
  );
  return runOperation(client, started, going);
}

export async function reverse(client: ApiClient, moveId: string, going: (text: string) => void): Promise<Operation> {
  return runOperation(client, await answer(client.POST('/v1/moves/{moveId}/reverse', ofMove(moveId))), going);
}

export async function complete(client: ApiClient, moveId: string, going: (text: string) => void): Promise<Operation> {
  return runOperation(client, await answer(client.POST('/v1/moves/{moveId}/complete', ofMove(moveId))), going);
}

const ofMove = (moveId: string) => ({ params: { path: { moveId } } });
