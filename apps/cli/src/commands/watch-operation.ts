import { decisionSentence } from '@berth/domain';
import { answer, type ApiClient, type Move, type Operation, type OperationPlan } from '../api/client.js';
import { follow } from '../api/follow.js';
import type { CommandContext } from '../command-context.js';
import { exitCodes, type ExitCode } from '../exit-codes.js';
import { age, duration } from '../terminal/duration.js';
import type { MoveProgress } from '../terminal/move-progress.js';
import { StepDisplay } from '../terminal/step-display.js';
import { comparisonText } from './move-view.js';

export interface OperationFlags {
  /** commander turns `--no-wait` into `wait: false`. */
  readonly wait: boolean;
  readonly dryRun?: boolean;
}

/** Plan or operation: what every write that starts an operation answers, by `?dryRun`. */
export async function showStarted(
  context: CommandContext,
  client: ApiClient,
  answered: Operation | OperationPlan,
  flags: OperationFlags,
): Promise<ExitCode> {
  if (!('id' in answered)) return showPlan(context, answered);
  if (flags.wait) return watch(context, client, answered.id);
  context.output.document(answered);
  context.output.line(`${answered.kind} of ${answered.tenantId} was asked for: operation ${answered.id}`);
  context.output.line(`Watch it: berth operations watch ${answered.id}`);
  return exitCodes.ok;
}

/** `what`: whose plan it is, where that is not a whole operation. */
export function showPlan(
  { output }: CommandContext,
  plan: OperationPlan,
  what = `${plan.kind} of ${plan.tenantId}`,
): ExitCode {
  output.document(plan);
  output.line(output.paint('bold', `${what} would do:`));
  for (const { number, description, pointOfNoReturn } of plan.steps) {
    output.line(
      ` ${String(number).padStart(2)}  ${description}${pointOfNoReturn ? output.paint('yellow', '  point of no return') : ''}`,
    );
  }
  if (plan.decision !== null) output.line(`\n${decisionSentence(plan.decision)}`);
  for (const { severity, object, message, remedy } of plan.findings) {
    const colour = ({ error: 'red', warning: 'yellow', info: 'dim' } as const)[severity];
    output.line(`\n${output.paint(colour, severity)}  ${object}: ${message}`);
    if (remedy !== null) output.line(`       ${remedy}`);
  }
  output.line(
    plan.wouldStart ? '\nNothing was done: this was a dry run.' : '\nIt would not start: see the errors above.',
  );
  return plan.wouldStart ? exitCodes.ok : exitCodes.failed;
}

/** The word of the user's after which an operation is watched; `start` also where nothing was said just now. */
type Word = 'start' | 'verify' | 'switch' | 'confirm' | 'retry' | 'cancel';

/**
 * Shows the steps until the operation ends, or waits for the user's next word. Ctrl-C ends the watching only, and says so.
 * An operation that was just confirmed or cancelled may still be seen waiting: the worker has yet to read the word. So it
 * is followed to its end, which after a cancel is `cancelled`. A move that was to be compared is followed until it is.
 */
export async function watch(
  context: CommandContext,
  client: ApiClient,
  id: string,
  word: Word = 'start',
): Promise<ExitCode> {
  const { output } = context;
  const interrupt = new AbortController();
  const onInterrupt = (): void => {
    interrupt.abort();
  };
  process.once('SIGINT', onInterrupt);
  const display = new StepDisplay(output);
  let last: Operation | undefined;
  let moveProgress: MoveProgress | null = null;
  try {
    for await (const operation of follow(client, id, interrupt.signal)) {
      if (interrupt.signal.aborted) break;
      if (last === undefined)
        output.note(
          output.paintError('bold', `${operation.kind} ${operation.tenantId}`) + output.paintError('dim', `  ${id}`),
        );
      last = operation;
      const { moveProgress: told } = operation;
      // Asking for the operation alone tells nothing of its move: what an event told before still stands.
      if (told !== undefined) moveProgress = told;
      if (!output.json) display.update(operation, moveProgress);
      if (word === 'confirm' || word === 'cancel') continue;
      if (word === 'verify') {
        const move = await verifiedMove(client, operation);
        if (move !== null) return endAtVerification(context, move, display);
        continue;
      }
      if (waitsForConfirmation(operation)) return endOnTrial(context, operation, display);
      if (await waitsForSwitch(client, operation)) return endAtSwitch(context, operation, display);
    }
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
  } finally {
    display.end();
    process.off('SIGINT', onInterrupt);
  }
  if (interrupt.signal.aborted) {
    output.fault(
      `\nThe operation goes on. Watch it: berth operations watch ${id}\n                     Cancel it: berth operations cancel ${id}`,
    );
    if (last !== undefined) output.document(last);
    return exitCodes.interrupted;
  }
  return last === undefined ? exitCodes.failed : showEnd(context, last, word === 'cancel' ? 'cancelled' : 'succeeded');
}

/** A move whose switch is manual is ready: the next word is the user's. */
async function waitsForSwitch(client: ApiClient, operation: Operation): Promise<boolean> {
  if (operation.kind !== 'move-tenant' || operation.state !== 'waiting') return false;
  const move = await answer(client.GET('/v1/moves/{moveId}', { params: { path: { moveId: operation.id } } }));
  return move.switch === 'manual' && move.state === 'ready' && move.switchRequestedAt === null;
}

/** Null: it is compared still, or it has failed, of which its end will tell. */
async function verifiedMove(client: ApiClient, { id, state, steps }: Operation): Promise<Move | null> {
  const compares = steps.some((step) => step.name === 'await-switch' && step.state === 'started');
  if (compares && state !== 'waiting') return null;
  const move = await answer(client.GET('/v1/moves/{moveId}', { params: { path: { moveId: id } } }));
  return move.verifyRequestedAt === null && move.comparison?.equal === true ? move : null;
}

/** An adopted tenant works, and so does what was before it: the next word is the user's. */
function waitsForConfirmation({ kind, state, steps }: Operation): boolean {
  if (kind !== 'adopt-tenant' || state !== 'waiting') return false;
  return steps.some(
    ({ name, state: step, error }) => name === 'await-confirmation' && step === 'started' && error === null,
  );
}

function endOnTrial({ output }: CommandContext, operation: Operation, display: StepDisplay): ExitCode {
  display.end();
  output.document(operation);
  output.line(`Tenant ${operation.tenantId} works by its own login, on trial; the roles of before work too.`);
  output.line(`Keep it: berth operations confirm ${operation.id}\nGo back: berth operations cancel ${operation.id}`);
  return exitCodes.ok;
}

function endAtSwitch({ output }: CommandContext, operation: Operation, display: StepDisplay): ExitCode {
  display.end();
  output.document(operation);
  output.line('The move is ready and waits for its switch.');
  output.line(`Switch: berth moves switch ${operation.id}\nCancel: berth moves cancel ${operation.id}`);
  return exitCodes.ok;
}

function endAtVerification({ output }: CommandContext, move: Move, display: StepDisplay): ExitCode {
  display.end();
  output.document(move);
  const { id, state, comparison } = move;
  if (comparison !== null) {
    const since = age(comparison.comparedAt);
    output.line(`Compared ${comparisonText(comparison)}, ${since === 'now' ? 'just now' : `${since} ago`}.`);
  }
  if (state === 'ready') output.line(`Switch: berth moves switch ${id}\nCancel: berth moves cancel ${id}`);
  else output.line(`The move is ${state}: it goes by that.`);
  return exitCodes.ok;
}

function showEnd({ output }: CommandContext, operation: Operation, wanted: 'succeeded' | 'cancelled'): ExitCode {
  output.document(operation);
  const { id, kind, tenantId, state, reason, error, startedAt, createdAt, endedAt } = operation;
  const time =
    endedAt === null ? '' : ` in ${duration(new Date(endedAt).getTime() - new Date(startedAt ?? createdAt).getTime())}`;
  const name = `${kind} of ${tenantId}`;
  if (state === wanted) {
    output.line(
      `${output.paint('green', '✓')} ${name} ${state === 'cancelled' ? 'was cancelled: everything it made is undone' : `succeeded${time}`}`,
    );
    return exitCodes.ok;
  }
  const why = error?.message ?? reason ?? '';
  const sentence =
    state === 'needs-operator'
      ? `${name} needs an operator`
      : `${name} ${state === 'cancelled' ? 'was cancelled' : 'failed'}${time}`;
  output.fault(`${output.paintError('red', '✗')} ${sentence}${why === '' ? '' : `: ${why}`}`);
  const hint = error?.hint ?? (reason !== null && reason !== why ? reason : undefined);
  if (hint !== undefined && hint !== null) output.fault(`  ${hint}`);
  if (state === 'needs-operator') {
    output.fault(`  When it is put right: berth operations retry ${id}   or give it up: berth operations cancel ${id}`);
    return exitCodes.needsOperator;
  }
  return exitCodes.failed;
}
