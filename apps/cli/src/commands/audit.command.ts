import type { Command } from 'commander';
import { answer, type Schemas } from '../api/client.js';
import { action } from '../command-context.js';
import { exitCodes } from '../exit-codes.js';
import { count } from '../terminal/duration.js';
import { collect, listOptions, showList, type ListFlags } from './lists.js';

interface AuditFlags extends ListFlags {
  readonly tenant?: string;
  readonly actor?: string;
}

export function auditCommand(program: Command): void {
  const audit = program.command('audit').description('who changed what');
  listOptions(audit.command('list').alias('ls').description('list changes, newest first'))
    .option('--tenant <id>', 'only of this tenant')
    .option('--actor <name>', 'only by this one, for example key:<id>')
    .action(
      action<AuditFlags>(async (context, flags) => {
        const client = await context.client();
        const { tenant: tenantId, actor } = flags;
        const filter = Object.fromEntries(
          Object.entries({ tenantId, actor }).filter(([, value]) => value !== undefined),
        );
        const page = await collect(flags, (query) =>
          answer(client.GET('/v1/audit', { params: { query: { ...filter, ...query } } })),
        );
        const columns = [
          { title: '#', align: 'right' as const },
          { title: 'when' },
          { title: 'who', atLeast: 12 },
          { title: 'did' },
          { title: 'on', atLeast: 12 },
          { title: 'answer', atLeast: 6 },
        ];
        const row = (entry: Schemas['AuditEntry']) => [
          String(entry.number),
          entry.at.replace('T', ' ').slice(0, 19),
          entry.actor,
          entry.action,
          entry.tenantId ?? entry.object,
          entry.answer,
        ];
        showList(context, page, columns, row, 'Nothing was changed yet.');
        return exitCodes.ok;
      }),
    );
  audit
    .command('verify')
    .description('check that no entry of the chain was changed or removed')
    .action(
      action<object>(async (context) => {
        const client = await context.client();
        const result = await answer(client.GET('/v1/audit/verify'));
        context.output.document(result);
        if (result.intact) {
          context.output.line(
            `${context.output.paint('green', '✓')} all ${count(result.entries)} entries fit together`,
          );
          return exitCodes.ok;
        }
        context.output.line(
          `${context.output.paint('red', '✗')} the chain is broken at entry ${String(result.brokenAt)}: it, or one before it, was changed or removed`,
        );
        return exitCodes.failed;
      }),
    );
}
