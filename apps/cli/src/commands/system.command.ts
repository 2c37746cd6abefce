import path from 'node:path';
import { Option, type Command } from 'commander';
import { action, type CommandContext } from '../command-context.js';
import { CommandFault, exitCodes, type ExitCode } from '../exit-codes.js';
import { startDetached, supervisorFlag, type SupervisorMessage } from '../system/detached.js';
import { readHomeRecord, type Home } from '../system/home.js';
import { PhaseDisplay } from '../system/phase-display.js';
import { systemStatus } from '../system/status.js';
import { supervise } from '../system/supervisor.js';
import { livingSupervisor } from '../system/supervisor-lock.js';
import { duration } from '../terminal/duration.js';
import { downCommand } from './down.command.js';
import { showStatus } from './status-view.js';

interface UpFlags {
  readonly detach?: boolean;
  readonly supervisor?: boolean;
  readonly migrations?: string;
}

export function systemCommands(program: Command): void {
  program
    .command('up')
    .description('start a whole system in one folder: catalog, a shared cluster, API, worker')
    .option('-d, --detach', 'come back when it is ready; it goes on in the background')
    .option(
      '--migrations <dir>',
      'folder of the product’s tenant migrations, ordered .sql files (BERTH_MIGRATIONS_DIR); remembered',
    )
    .addOption(new Option(supervisorFlag).hideHelp())
    .addHelpText(
      'after',
      '\nExamples:\n  $ berth up                     in the foreground; Ctrl-C stops all of it\n  $ berth up --detach --migrations ./db/tenant\n  $ BERTH_HOME=/srv/berth berth up',
    )
    .action(action<UpFlags>((context, flags) => up(context, flags)));
  program
    .command('status')
    .description('each part with its state, and what to type when something is wrong (exit code 0 healthy, else 3)')
    .action(action<object>(async (context) => showStatus(context, await systemStatus(context.home))));
  downCommand(program);
}

async function up(context: CommandContext, flags: UpFlags): Promise<ExitCode> {
  const { home, environment } = context;
  // Counted from the start of this process: what the user waits for.
  const startedAt = 0;
  const migrations = flags.migrations ?? environment.migrationsDir;
  const migrationsDir = migrations === undefined ? undefined : path.resolve(migrations);
  if (flags.supervisor === true) return superviseForParent(home, context);
  const supervisor = await livingSupervisor(home);
  if (supervisor !== undefined) return alreadyRuns(context, supervisor.pid, migrationsDir);
  const display = new PhaseDisplay(context.output);
  const tell = (event: Parameters<PhaseDisplay['show']>[0]): void => {
    display.show(event);
  };
  try {
    if (flags.detach === true) {
      const result = await startDetached(home, { environment, migrationsDir, tell });
      display.end();
      if (result === 'held') return await alreadyRuns(context, 0, undefined);
      await showReady(context, `Stop it: ${environment.invokedAs} down`);
      return exitCodes.ok;
    }
    const ready = async (): Promise<void> => {
      display.end();
      await showReady(context, 'Ctrl-C stops all of it.');
    };
    const result = await supervise(home, { environment, migrationsDir, startedAt, tell, ready });
    return result.kind === 'held' ? await alreadyRuns(context, result.by.pid, undefined) : result.exitCode;
  } finally {
    display.end();
  }
}

/** The supervisor in the background: it speaks to the command that started it for as long as that listens. */
async function superviseForParent(home: Home, { environment }: CommandContext): Promise<ExitCode> {
  const send = (message: SupervisorMessage): void => {
    if (process.connected) process.send?.(message, () => undefined);
  };
  const tell = (event: Extract<SupervisorMessage, { kind: 'event' }>['event']): void => {
    if (process.connected) send({ kind: 'event', event });
    if (event.kind === 'note') console.log(`${new Date().toISOString()} ${event.text}`);
  };
  const ready = async (): Promise<void> => {
    send({ kind: 'ready' });
    process.disconnect?.();
  };
  try {
    const result = await supervise(home, { environment, migrationsDir: undefined, startedAt: 0, tell, ready });
    if (result.kind === 'ended') return result.exitCode;
    send({ kind: 'held', pid: result.by.pid });
    return exitCodes.ok;
  } catch (error) {
    const fault = error instanceof CommandFault ? error : undefined;
    const message = error instanceof Error ? error.message : String(error);
    const hint =
      fault?.hint ??
      (error instanceof Error && 'hint' in error && typeof error.hint === 'string' ? error.hint : undefined);
    const exitCode = fault?.exitCode ?? exitCodes.unhealthy;
    send({ kind: 'fault', message, exitCode, ...(hint === undefined ? {} : { hint }) });
    console.error(`${new Date().toISOString()} ${message}`);
    return exitCode;
  } finally {
    if (process.connected) process.disconnect?.();
  }
}

async function alreadyRuns(context: CommandContext, pid: number, migrationsDir: string | undefined): Promise<ExitCode> {
  const { output, home } = context;
  const record = await readHomeRecord(home);
  if (migrationsDir !== undefined && record?.migrationsDir !== migrationsDir) {
    throw new CommandFault(
      exitCodes.usage,
      `The system in ${home.folder} runs with ${record?.migrationsDir ?? 'no migrations'}, not with ${migrationsDir}.`,
      'Type: berth down, and then this command again',
    );
  }
  output.note(`It runs already${pid === 0 ? '' : ` (supervisor ${String(pid)})`}.`);
  return showStatus(context, await systemStatus(home));
}

async function showReady(context: CommandContext, last: string): Promise<void> {
  const { output, home } = context;
  const berth = context.environment.invokedAs;
  const status = await systemStatus(home);
  output.document(status);
  output.line(`\n${output.paint('green', 'Berth is ready')} after ${duration(status.readyMs ?? 0)}`);
  output.line(`  API      ${status.api ?? ''}   (docs: ${status.api ?? ''}/docs)`);
  output.line(`  API key  ${home.apiKey}`);
  output.line(`  Folder   ${home.folder}`);
  output.line(`\nTry: ${berth} tenants create acme-corp   ·   ${berth} status   ·   ${berth} demo\n${last}`);
}
