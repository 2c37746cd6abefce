import type { Command } from 'commander';
import { answer } from '../api/client.js';
import { action } from '../command-context.js';
import { showFixes, showReport } from '../doctor/show-report.js';
import { exitCodes } from '../exit-codes.js';

interface Flags {
  readonly cluster?: string;
  readonly fix?: boolean;
  readonly dryRun?: boolean;
}

export function doctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('read everything back, and tell what differs from the catalog or is not safe')
    .option('--cluster <id>', 'this cluster and its tenants alone')
    .option('--fix', 'mend what needs no person: no data is touched')
    .option('--dry-run', 'with --fix: only tell what would be mended')
    .addHelpText(
      'after',
      '\nExit code 1: something of severity error was found. What could not be looked at is told, and is not known to be well.\n\nExamples:\n  $ berth doctor\n  $ berth doctor --fix --dry-run\n  $ berth doctor --cluster shared-1 --json',
    )
    .action(
      action<Flags>(async (context, { cluster, fix = false, dryRun = false }) => {
        const { output } = context;
        const client = await context.client();
        const query = cluster === undefined ? {} : { cluster };
        output.note(cluster === undefined ? 'Reading everything back ...' : `Reading ${cluster} back ...`);
        if (!fix) {
          const report = await answer(client.GET('/v1/doctor', { params: { query } }));
          output.document(report);
          showReport(output, report);
          return report.verdict === 'errors' ? exitCodes.failed : exitCodes.ok;
        }
        const { report, fixes } = await answer(
          client.POST('/v1/doctor/fixes', { params: { query: { ...query, dryRun } } }),
        );
        output.document({ report, fixes });
        showReport(output, report);
        showFixes(output, fixes);
        const isLeft = fixes.some(({ outcome }) => outcome === 'left');
        const others = report.findings.some(({ severity, safeToFix }) => severity === 'error' && !safeToFix);
        const unmended = dryRun ? report.verdict === 'errors' : isLeft || others;
        return unmended ? exitCodes.failed : exitCodes.ok;
      }),
    );
}
