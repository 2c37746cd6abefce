import { setTimeout as pause } from 'node:timers/promises';
import { Option, type Command } from 'commander';
import { moveStrategies } from '@berth/domain';
import { answer, type ApiClient, type Schemas } from '../api/client.js';
import { action, type CommandContext } from '../command-context.js';
import { CommandFault, exitCodes, type ExitCode } from '../exit-codes.js';
import { count } from '../terminal/duration.js';
import { facts, table } from '../terminal/table.js';
import { wholeNumber } from './lists.js';
import { operationOptions } from './operation-options.js';
import type { OperationFlags } from './watch-operation.js';

type Drain = Schemas['Drain'];
type DrainPlan = Schemas['DrainPlan'];

interface DrainFlags extends OperationFlags {
  readonly strategy?: (typeof moveStrategies)[number];
  readonly atOnce: number;
  readonly complete?: boolean;
  readonly show?: boolean;
  readonly stop?: boolean;
}

const pollMs = 1_000;

export function addDrain(clusters: Command): void {
  operationOptions(clusters.command('drain <id>'))
    .description('move all its tenants to other shared clusters, a few at a time')
    .addOption(
      new Option('--strategy <strategy>', 'how each is moved (needed: a dump refuses writes while it copies)').choices(
        moveStrategies,
      ),
    )
    .option('--at-once <n>', 'most moves of it at the same time', wholeNumber(1, 100), 2)
    .option('--complete', 'give up each old place as soon as its move has switched')
    .option('--show', 'only show how far the newest drain is')
    .option('--stop', 'start no further move; those under way go on to their end')
    .addHelpText(
      'after',
      '\nExamples:\n  $ berth clusters drain shared-1 --strategy dump --dry-run   every tenant with its target, or why it cannot go\n  $ berth clusters drain shared-1 --strategy dump --at-once 4\n  $ berth clusters drain shared-1 --stop',
    )
    .action(
      action<DrainFlags>(async (context, flags, clusterId = '') => {
        const client = await context.client();
        const params = { path: { clusterId } };
        if (flags.stop === true) {
          const stopped = await answer(client.POST('/v1/clusters/{clusterId}/drain/stop', { params }));
          return showDrain(context, stopped);
        }
        if (flags.show === true) return showDrain(context, await newest(client, clusterId));
        const { strategy, atOnce, complete = false } = flags;
        if (strategy === undefined) {
          throw new CommandFault(exitCodes.usage, 'The strategy has to be named.', 'Add --strategy dump.');
        }
        const started = await answer(
          client.POST('/v1/clusters/{clusterId}/drain', {
            params: { ...params, query: { dryRun: flags.dryRun ?? false } },
            body: { strategy, atOnce, complete },
          }),
        );
        if (!('id' in started)) return showPlan(context, started);
        return flags.wait ? watch(context, client, started) : showDrain(context, started);
      }),
    );
}

async function newest(client: ApiClient, clusterId: string): Promise<Drain> {
  return answer(client.GET('/v1/clusters/{clusterId}/drain', { params: { path: { clusterId } } }));
}

/** A line for each tenant that gets on; Ctrl-C ends the watching only. */
async function watch(context: CommandContext, client: ApiClient, started: Drain): Promise<ExitCode> {
  const { output } = context;
  const interrupt = new AbortController();
  const onInterrupt = (): void => {
    interrupt.abort();
  };
  process.once('SIGINT', onInterrupt);
  const told = new Map<string, string>();
  let drain = started;
  try {
    for (;;) {
      for (const line of news(drain, told)) output.note(line);
      if (drain.endedAt !== null) return showDrain(context, drain);
      await pause(pollMs, undefined, { signal: interrupt.signal });
      drain = await newest(client, started.clusterId);
    }
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    output.fault(`\nThe drain goes on. Watch it: berth clusters drain ${drain.clusterId} --show`);
    output.fault(`                Stop it: berth clusters drain ${drain.clusterId} --stop`);
    output.document(drain);
    return exitCodes.interrupted;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

function news({ tenants }: Drain, told: Map<string, string>): readonly string[] {
  const lines: string[] = [];
  const ended = tenants.filter(({ state }) => !['waiting', 'moving', 'completing'].includes(state)).length;
  for (const { tenantId, state, target } of tenants) {
    if (state === 'waiting' || told.get(tenantId) === state) continue;
    told.set(tenantId, state);
    lines.push(
      `${count(ended)} of ${count(tenants.length)}  ${tenantId} ${state}${target === null ? '' : ` to ${target}`}`,
    );
  }
  return lines;
}

function showDrain({ output }: CommandContext, drain: Drain): ExitCode {
  output.document(drain);
  const { clusterId, counts, tenants } = drain;
  const states = Object.entries(counts).map(([state, number]) => `${count(number)} ${state}`);
  output.lines(
    facts([
      ['drain of', output.paint('bold', clusterId)],
      ['state', drain.state],
      ['how', `by ${drain.strategy}, ${count(drain.atOnce)} at once${drain.complete ? ', old places given up' : ''}`],
      ['tenants', states.join(', ') || 'none'],
    ]),
  );
  for (const { tenantId, state, error } of tenants) {
    if (error === null) continue;
    const colour = state === 'failed' ? 'red' : 'yellow';
    output.line(
      `${output.paint(colour, state)}  ${tenantId}: ${error.message}${error.hint === null ? '' : `\n        ${error.hint}`}`,
    );
  }
  if ((counts['moved'] ?? 0) > 0)
    output.line(`Old places are kept until their moves are completed: berth moves list --open`);
  return drain.endedAt !== null && (counts['failed'] ?? 0) > 0 ? exitCodes.failed : exitCodes.ok;
}

function showPlan({ output }: CommandContext, plan: DrainPlan): ExitCode {
  output.document(plan);
  const { tenants, keptPlaces } = plan;
  const stay = tenants.filter(({ target }) => target === null);
  const row = ({ tenantId, target, refusal }: (typeof tenants)[number]) => [
    tenantId,
    target ?? 'stays',
    refusal?.message ?? '',
  ];
  if (tenants.length === 0) output.line('No tenant is there.');
  else {
    const columns = [
      { title: 'tenant', atLeast: 10 },
      { title: 'to', atLeast: 8 },
      { title: 'why not', atLeast: 20 },
    ];
    output.lines(table(columns, tenants.map(row), output.width));
  }
  for (const { tenantId, moveId } of keptPlaces)
    output.line(`The old place of ${tenantId} is kept there. Give it up: berth moves complete ${moveId ?? '<move>'}`);
  output.line(
    `\n${count(tenants.length - stay.length)} of ${count(tenants.length)} can go. Nothing was done: this was a dry run.`,
  );
  return stay.length === 0 ? exitCodes.ok : exitCodes.failed;
}
