import { Option, type Command } from 'commander';
import { tiers } from '@berth/domain';
import { answer, type Schemas } from '../api/client.js';
import { action } from '../command-context.js';
import { exitCodes } from '../exit-codes.js';
import { duration } from '../terminal/duration.js';
import { showList, wholeNumber } from './lists.js';

interface PutFlags {
  readonly tier: (typeof tiers)[number];
  readonly connections: number;
  readonly statementTimeout: number;
  readonly idleTimeout: number;
  readonly text: string;
}

const limitText = (ms: number): string => (ms === 0 ? 'no limit' : duration(ms));

export function plansCommand(program: Command): void {
  const plans = program.command('plans').alias('plan').description('what is sold: a tier and its limits');
  plans
    .command('list')
    .alias('ls')
    .description('list plans')
    .action(
      action<object>(async (context) => {
        const client = await context.client();
        const { items } = await answer(client.GET('/v1/plans'));
        const right = { align: 'right' as const };
        const columns = [
          { title: 'plan' },
          { title: 'tier' },
          { title: 'connections', ...right },
          { title: 'statement', ...right },
          { title: 'idle', ...right },
          { title: 'text', atLeast: 12 },
        ];
        const row = ({ name, tier, limits, description }: Schemas['Plan']) => [
          name,
          tier,
          String(limits.connectionLimit),
          limitText(limits.statementTimeoutMs),
          limitText(limits.idleInTransactionTimeoutMs),
          description,
        ];
        showList(context, { items, next: null }, columns, row, 'No plan.');
        return exitCodes.ok;
      }),
    );
  addPut(plans);
  plans
    .command('remove <name>')
    .description('remove a plan that no tenant has')
    .action(
      action<object>(async (context, _flags, plan = '') => {
        const client = await context.client();
        await answer(client.DELETE('/v1/plans/{plan}', { params: { path: { plan } } }));
        context.output.document({ removed: plan });
        context.output.line(`${context.output.paint('green', '✓')} the plan ${plan} is removed`);
        return exitCodes.ok;
      }),
    );
}

function addPut(plans: Command): void {
  plans
    .command('put <name>')
    .description('create a plan, or change one')
    .addOption(new Option('--tier <tier>', 'where its tenants live').choices(tiers).makeOptionMandatory())
    .option('--connections <n>', 'most connections of one tenant', wholeNumber(1, 10_000), 20)
    .option('--statement-timeout <ms>', 'longest statement in ms; 0: no limit', wholeNumber(0), 30_000)
    .option('--idle-timeout <ms>', 'longest idle transaction in ms; 0: no limit', wholeNumber(0), 60_000)
    .option('--text <text>', 'a sentence on it', '')
    .addHelpText('after', '\nExample:\n  $ berth plans put team --tier shared --connections 30 --text "Teams up to 50"')
    .action(
      action<PutFlags>(async (context, flags, plan = '') => {
        const client = await context.client();
        const { tier, connections, statementTimeout, idleTimeout, text } = flags;
        const limits = {
          connectionLimit: connections,
          statementTimeoutMs: statementTimeout,
          idleInTransactionTimeoutMs: idleTimeout,
        };
        const written = await answer(
          client.PUT('/v1/plans/{plan}', { params: { path: { plan } }, body: { tier, limits, description: text } }),
        );
        context.output.document(written);
        context.output.line(`${context.output.paint('green', '✓')} the plan ${plan} is written`);
        return exitCodes.ok;
      }),
    );
}
