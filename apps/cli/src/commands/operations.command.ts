import { Option, type Command } from 'commander';
import { operationKinds, operationStates } from '@berth/domain';
import { answer, type Operation } from '../api/client.js';
import { action, type CommandContext } from '../command-context.js';
import { exitCodes } from '../exit-codes.js';
import { age, duration } from '../terminal/duration.js';
import { facts, table } from '../terminal/table.js';
import { collect, listOptions, showList, type ListFlags } from './lists.js';
import { showStarted, watch } from './watch-operation.js';

interface OperationListFlags extends ListFlags {
  readonly tenant?: string;
  readonly state?: (typeof operationStates)[number];
  readonly kind?: (typeof operationKinds)[number];
}

export function operationsCommand(program: Command): void {
  const operations = program.command('operations').alias('ops').description('watch and steer what goes on');
  listOptions(operations.command('list').alias('ls').description('list operations, newest first'))
    .option('--tenant <id>', 'only of this tenant')
    .addOption(new Option('--state <state>', 'only in this state').choices(operationStates))
    .addOption(new Option('--kind <kind>', 'only of this kind').choices(operationKinds))
    .action(
      action<OperationListFlags>(async (context, flags) => {
        const client = await context.client();
        const { tenant: tenantId, state, kind } = flags;
        const filter = Object.fromEntries(
          Object.entries({ tenantId, state, kind }).filter(([, value]) => value !== undefined),
        );
        const page = await collect(flags, (query) =>
          answer(client.GET('/v1/operations', { params: { query: { ...filter, ...query } } })),
        );
        const columns = [
          { title: 'operation' },
          { title: 'kind' },
          { title: 'tenant', atLeast: 8 },
          { title: 'state' },
          { title: 'age', align: 'right' as const },
          { title: 'reason', atLeast: 12 },
        ];
        const row = (one: Operation) => [
          one.id,
          one.kind,
          one.tenantId,
          one.state,
          age(one.createdAt),
          one.error?.message ?? one.reason ?? '',
        ];
        showList(context, page, columns, row, 'No operation yet.');
        return exitCodes.ok;
      }),
    );
  operations
    .command('show <id>')
    .description('its steps with their times, and what to do when it needs an operator')
    .action(
      action<object>(async (context, _flags, id = '') => {
        const client = await context.client();
        const operation = await answer(
          client.GET('/v1/operations/{operationId}', { params: { path: { operationId: id } } }),
        );
        context.output.document(operation);
        showOperation(context, operation);
        return exitCodes.ok;
      }),
    );
  operations
    .command('watch <id>')
    .description('live steps with times, until it ends; Ctrl-C leaves it running')
    .action(action<object>(async (context, _flags, id = '') => watch(context, await context.client(), id)));
  addVerbs(operations);
}

function addVerbs(operations: Command): void {
  const verbs = {
    confirm: 'say yes to one that waits for it: keep an adoption',
    cancel: 'undo what it did and end it; only before its point of no return',
    retry: 'put an operation that needs an operator back to work',
  } as const;
  for (const verb of ['confirm', 'cancel', 'retry'] as const) {
    operations
      .command(`${verb} <id>`)
      .description(verbs[verb])
      .option('--no-wait', 'come back at once')
      .action(
        action<{ readonly wait: boolean }>(async (context, flags, id = '') => {
          const client = await context.client();
          const operation = await answer(
            client.POST(`/v1/operations/{operationId}/${verb}`, { params: { path: { operationId: id } } }),
          );
          if (!flags.wait) return showStarted(context, client, operation, flags);
          return watch(context, client, id, verb);
        }),
      );
  }
}

function showOperation({ output }: CommandContext, operation: Operation): void {
  const { error } = operation;
  output.lines(
    facts([
      ['operation', output.paint('bold', operation.id)],
      ['kind', operation.kind],
      ['tenant', operation.tenantId],
      ['state', operation.state],
      ['reason', operation.reason],
      ['error', error === null ? null : `${error.code}: ${error.message}`],
      ['what to do', error?.hint],
      ['asked by', operation.requestedBy],
      ['age', age(operation.createdAt)],
    ]),
  );
  const columns = [
    { title: '#', align: 'right' as const },
    { title: 'step', atLeast: 30 },
    { title: 'state' },
    { title: 'tries', align: 'right' as const },
    { title: 'time', align: 'right' as const },
  ];
  const row = (step: Operation['steps'][number]) => [
    String(step.number),
    step.description,
    step.state,
    String(step.attempts),
    stepTime(step),
  ];
  output.lines(['', ...table(columns, operation.steps.map(row), output.width)]);
  if (operation.state === 'needs-operator')
    output.line(
      `\nberth operations retry ${operation.id}    after it was put right\nberth operations cancel ${operation.id}   to give it up`,
    );
}

function stepTime({ startedAt, endedAt }: Operation['steps'][number]): string {
  if (startedAt === null) return '';
  return duration(Math.max(0, new Date(endedAt ?? Date.now()).getTime() - new Date(startedAt).getTime()));
}
