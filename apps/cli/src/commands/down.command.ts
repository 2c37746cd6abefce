import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { awaitEnd, signalTo } from '@berth/local-postgres';
import { action, type CommandContext } from '../command-context.js';
import { CommandFault, exitCodes, type ExitCode } from '../exit-codes.js';
import { readHomeRecord, removeHome, type Home } from '../system/home.js';
import { PhaseDisplay } from '../system/phase-display.js';
import { phase, type Tell } from '../system/progress.js';
import { destroyServers, stopOrphans } from '../system/stop.js';
import { systemStatus } from '../system/status.js';
import { livingSupervisor } from '../system/supervisor-lock.js';
import { count } from '../terminal/duration.js';

interface DownFlags {
  readonly destroy?: boolean;
  readonly yes?: boolean;
}

/** Longer than the grace times of worker, API and servers together. */
const supervisorDeadlineMs = 90_000;

export function downCommand(program: Command): void {
  program
    .command('down')
    .description('stop everything in order; the data stays, and "berth up" goes on with it')
    .option('--destroy', 'also remove all of it: tenants, instances, secrets, logs')
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', '\nExamples:\n  $ berth down\n  $ berth down --destroy      asks first')
    .action(action<DownFlags>((context, flags) => down(context, flags)));
}

async function down(context: CommandContext, flags: DownFlags): Promise<ExitCode> {
  const { home, output } = context;
  if ((await readHomeRecord(home)) === undefined) {
    output.document({ home: home.folder, stopped: false, destroyed: false });
    output.line(`There is no Berth system in ${home.folder}: nothing to do.`);
    return exitCodes.ok;
  }
  if (flags.destroy === true && flags.yes !== true) await confirm(context);
  const display = new PhaseDisplay(output);
  const tell: Tell = (event) => {
    display.show(event);
  };
  try {
    await stopEverything(home, tell);
    if (flags.destroy === true) {
      await phase(
        tell,
        'servers and instances removed',
        () => destroyServers(home),
        (number) => count(number),
      );
      await phase(
        tell,
        'folder removed',
        () => removeHome(home),
        () => home.folder,
      );
    }
  } finally {
    display.end();
  }
  output.document({ home: home.folder, stopped: true, destroyed: flags.destroy === true });
  output.line(
    flags.destroy === true ? `Everything in ${home.folder} is gone.` : 'Stopped. Start again where it was: berth up',
  );
  return exitCodes.ok;
}

async function stopEverything(home: Home, tell: Tell): Promise<void> {
  const supervisor = await livingSupervisor(home);
  if (supervisor !== undefined) {
    await phase(tell, 'supervisor stopped', async () => {
      await signalTo(supervisor, 'SIGTERM');
      if (await awaitEnd(supervisor, supervisorDeadlineMs)) return;
      await signalTo(supervisor, 'SIGKILL');
      await awaitEnd(supervisor, 5_000);
    });
  }
  // Also after a supervisor that ended well: it costs nothing, and nothing is left then for sure.
  await stopOrphans(home, supervisor === undefined ? tell : () => undefined);
}

async function confirm({ home, output }: CommandContext): Promise<void> {
  const { tenants } = await systemStatus(home);
  const total = tenants === null ? undefined : Object.values(tenants).reduce((sum, one) => sum + one, 0);
  const what = `${home.folder} with ${total === undefined ? 'all of its tenants' : `its ${count(total)} tenant${total === 1 ? '' : 's'}`}`;
  if (!process.stdin.isTTY) {
    throw new CommandFault(
      exitCodes.usage,
      `This would remove ${what} for good, and nobody is there to ask.`,
      'If that is meant: berth down --destroy --yes',
    );
  }
  const ask = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const typed = await ask.question(
      `${output.paintError('red', 'This removes')} ${what} for good. Type "destroy" to go on: `,
    );
    if (typed.trim() !== 'destroy') throw new CommandFault(exitCodes.usage, 'Nothing was done.');
  } finally {
    ask.close();
  }
}
