import { Option, type Command } from 'commander';
import { moveStrategies, tiers } from '@berth/domain';
import { answer, type Move } from '../api/client.js';
import { action } from '../command-context.js';
import { CommandFault, exitCodes } from '../exit-codes.js';
import { age, bytes, time } from '../terminal/duration.js';
import { evidenceMarkdown } from './move-evidence.js';
import { addVerbs } from './move-verbs.js';
import { showMove, showOutcome } from './move-view.js';
import { collect, listOptions, showList, type ListFlags } from './lists.js';
import { operationOptions } from './operation-options.js';
import { showStarted, type OperationFlags } from './watch-operation.js';

interface StartFlags extends OperationFlags {
  readonly tier: (typeof tiers)[number];
  readonly cluster?: string;
  readonly online?: true;
  readonly strategy: (typeof moveStrategies)[number];
  readonly switch: 'auto' | 'manual';
  readonly identity: readonly string[];
  readonly maxRate?: number | 'unlimited';
  readonly maxStandbyLag?: number | 'unlimited';
  readonly maxRetained?: number;
  readonly notBefore?: string;
  readonly deadline?: string;
}

export function movesCommand(program: Command): void {
  const moves = program.command('moves').alias('move').description('move tenants between places');
  addStart(moves);
  addLooks(moves);
  addEvidence(moves);
  addVerbs(moves);
}

function addStart(moves: Command): void {
  operationOptions(moves.command('start <tenant>').alias('create'))
    .description('move a tenant: promote (to dedicated), demote (to shared), relocate (to another shared cluster)')
    .addOption(new Option('--to, --tier <tier>', 'the tier of the new place').choices(tiers).makeOptionMandatory())
    .addOption(
      new Option('--strategy <strategy>', 'dump refuses writes during the copy; online for milliseconds')
        .choices(moveStrategies)
        .default('dump'),
    )
    .option('--online', 'short for --strategy online')
    .option(
      '--identity <table=how>',
      'online, for a table without a usable key: "full", or the name of a unique index; may be given again',
      (one: string, before: readonly string[]) => [...before, one],
      [],
    )
    .option(
      '--max-rate <size>',
      'online: copy no more than this a second, for example 50M, and less when other tenants would feel it; "unlimited" gives way to nobody',
      sizeOrUnlimited,
    )
    .option(
      '--max-standby-lag <size>',
      'online: pause the copy while a standby of the source is further behind; default 64M; "unlimited" pauses for none',
      sizeOrUnlimited,
    )
    .option('--max-retained <size>', 'online: undo the move when the source keeps more log for it; default 16G', bytes)
    .option('--not-before <time>', 'switch at this time at the earliest, for example 2026-12-01T02:00:00Z', time)
    .option('--deadline <time>', 'undo the move when it has not begun to switch by then', time)
    .option('--cluster <id>', 'only this cluster; without it Berth chooses or makes one')
    .addOption(
      new Option('--switch <mode>', 'manual stops when all is ready and waits for "berth moves switch"')
        .choices(['auto', 'manual'])
        .default('auto'),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  $ berth moves start acme-corp --to dedicated --dry-run    the plan and every check\n  $ berth moves start acme-corp --to dedicated\n  $ berth moves complete <move>                             give the old place up',
    )
    .action(
      action<StartFlags>(async (context, flags, tenantId = '') => {
        const client = await context.client();
        const { tier, cluster } = flags;
        const strategy = flags.online === true ? 'online' : flags.strategy;
        const identities = identitiesOf(flags.identity);
        const target = cluster === undefined ? { tier } : { tier, clusterId: cluster };
        const params = { path: { tenantId }, query: { dryRun: flags.dryRun ?? false } };
        const answered = await answer(
          client.POST('/v1/tenants/{tenantId}/moves', {
            params,
            body: { target, strategy, switch: flags.switch, ...identities, ...boundsOf(flags) },
          }),
        );
        const exitCode = await showStarted(context, client, answered, flags);
        if (exitCode === exitCodes.ok && 'id' in answered && flags.wait && !context.output.json) {
          const move = await answer(client.GET('/v1/moves/{moveId}', { params: { path: { moveId: answered.id } } }));
          showOutcome(context, move);
        }
        return exitCode;
      }),
    );
}

const sizeOrUnlimited = (text: string): number | 'unlimited' => (text === 'unlimited' ? text : bytes(text));

function boundsOf({ maxRate, maxStandbyLag, maxRetained, notBefore, deadline }: StartFlags) {
  return {
    ...(maxRate === undefined ? {} : { maxBytesPerSecond: maxRate }),
    ...(maxStandbyLag === undefined ? {} : { maxStandbyLagBytes: maxStandbyLag }),
    ...(maxRetained === undefined ? {} : { maxRetainedBytes: maxRetained }),
    ...(notBefore === undefined ? {} : { notBefore }),
    ...(deadline === undefined ? {} : { deadline }),
  };
}

/** `table=full` and `table=index`; the last equals sign divides, as a table's name may hold one. */
function identitiesOf(given: readonly string[]): { identities?: Record<string, 'full' | { useIndex: string }> } {
  if (given.length === 0) return {};
  const pairs = given.map((text) => {
    const at = text.lastIndexOf('=');
    const [table, how] = [text.slice(0, at), text.slice(at + 1)];
    if (at < 1 || how === '') {
      throw new CommandFault(
        exitCodes.usage,
        `--identity ${text} does not say how.`,
        'Write it as table=full or table=index.',
      );
    }
    return [table, how === 'full' ? ('full' as const) : { useIndex: how }] as const;
  });
  return { identities: Object.fromEntries(pairs) };
}

function addLooks(moves: Command): void {
  listOptions(moves.command('list').alias('ls').description('list moves, newest first'))
    .option('--tenant <id>', 'only of this tenant')
    .option('--open', 'only those that are not completed or cancelled')
    .action(
      action<ListFlags & { readonly tenant?: string; readonly open?: boolean }>(async (context, flags) => {
        const client = await context.client();
        const filter = {
          ...(flags.tenant === undefined ? {} : { tenantId: flags.tenant }),
          ...(flags.open === true ? { open: true } : {}),
        };
        const page = await collect(flags, (query) =>
          answer(client.GET('/v1/moves', { params: { query: { ...filter, ...query } } })),
        );
        const columns = [
          { title: 'move' },
          { title: 'tenant' },
          { title: 'what', atLeast: 7 },
          { title: 'state' },
          { title: 'to', atLeast: 10 },
          { title: 'age', align: 'right' as const },
        ];
        const row = (move: Move) => [
          move.id,
          move.tenantId,
          `${move.direction} by ${move.strategy}`,
          move.state,
          move.toClusterId,
          age(move.createdAt),
        ];
        showList(context, page, columns, row, 'No move yet. Start one: berth moves start <tenant> --to dedicated');
        return exitCodes.ok;
      }),
    );
  moves
    .command('show <move>')
    .alias('status')
    .description('a move, how far it is, how long writers waited, and what was compared')
    .action(
      action<object>(async (context, _flags, moveId = '') => {
        const client = await context.client();
        const move = await answer(client.GET('/v1/moves/{moveId}', { params: { path: { moveId } } }));
        context.output.document(move);
        showMove(context, move);
        return exitCodes.ok;
      }),
    );
}

function addEvidence(moves: Command): void {
  moves
    .command('evidence <move>')
    .description('everything on record of a move, as a Markdown document to keep; as data with --json')
    .addHelpText('after', '\nExample:\n  $ berth moves evidence <move> > move-of-acme-corp.md')
    .action(
      action<object>(async (context, _flags, moveId = '') => {
        const client = await context.client();
        const evidence = await answer(client.GET('/v1/moves/{moveId}/evidence', { params: { path: { moveId } } }));
        context.output.document(evidence);
        context.output.line(evidenceMarkdown(evidence));
        return exitCodes.ok;
      }),
    );
}
