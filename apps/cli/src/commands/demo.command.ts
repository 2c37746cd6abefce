import type { Command } from 'commander';
import { action, type CommandContext } from '../command-context.js';
import { CommandFault, exitCodes, faultOf, type ExitCode } from '../exit-codes.js';
import { startDetached } from '../system/detached.js';
import { PhaseDisplay } from '../system/phase-display.js';
import type { Tell } from '../system/progress.js';
import { nothingChecked } from '../demo/checks.js';
import { systemStatus } from '../system/status.js';
import { livingSupervisor } from '../system/supervisor-lock.js';

export function demoCommand(program: Command): void {
  program
    .command('demo')
    .description(
      'see all of it in a minute: three tenants, one moved to its own server and back while it is written to',
    )
    .addHelpText(
      'after',
      '\nIt starts the local system when it does not run, makes three new tenants each time, and leaves all of it\nrunning for you to try. From PostgreSQL 15 on it moves online: there, back, and there again, while a writer\ncounts the milliseconds; an older one moves by dump. With --json it ends in one object: every check by name, times in ms, rows compared.',
    )
    .action(action<object>((context) => demo(context)));
}

async function demo(context: CommandContext): Promise<ExitCode> {
  const { output, environment } = context;
  if (context.flags.api !== undefined)
    throw new CommandFault(exitCodes.usage, 'The demo plays on the local system only: leave --api out.');
  // Loaded here: the driver of PostgreSQL is for nothing else in this program.
  const [{ chooseCast, strategyHere, tellStory }, { showFinalScreen }] = await Promise.all([
    import('../demo/story.js'),
    import('../demo/final-screen.js'),
  ]);
  const display = new PhaseDisplay(output);
  const tell: Tell = (event) => {
    if (!output.json) display.show(event);
  };
  const started = performance.now();
  try {
    const migrationsDir = undefined;
    if ((await livingSupervisor(context.home)) === undefined)
      await startDetached(context.home, { environment, migrationsDir, tell });
    const { home } = context; // Only now it is there, and known where it really is.
    await refuseUnhealthy(context);
    const systemReadyMs = Math.round(performance.now() - started);
    const client = await context.localClient();
    const cast = await chooseCast(client);
    const { strategy, major } = await strategyHere(client);
    const result = await tellStory(home, client, { cast, strategy }, tell).catch((error: unknown) => {
      const { exitCode, message, hint, code, details } = faultOf(error);
      throw new CommandFault(exitCode, message, hint, code, details, {
        ok: false,
        checks: nothingChecked(strategy),
      });
    });
    display.end();
    const totalMs = Math.round(performance.now() - started);
    const { address } = client.connection;
    const ok = Object.values(result.checks).every((passed) => passed);
    const { move, ...rest } = result;
    output.document({
      ok,
      ...rest,
      times: { systemReadyMs, ...result.times, totalMs },
      move,
      api: address,
      apiKeyFile: home.apiKey,
      home: home.folder,
    });
    if (strategy === 'dump')
      output.line(
        `\nMoved by dump: online moves need PostgreSQL 15 or newer, and this is ${String(major)} (BERTH_PG_BIN chooses).`,
      );
    if (!output.json)
      showFinalScreen(output, { api: address, apiKeyFile: home.apiKey, berth: environment.invokedAs }, result, totalMs);
    return ok ? exitCodes.ok : exitCodes.failed;
  } finally {
    display.end();
  }
}

async function refuseUnhealthy({ home }: CommandContext): Promise<void> {
  const { state, problems } = await systemStatus(home);
  if (state === 'healthy') return;
  const [problem] = problems;
  throw new CommandFault(
    exitCodes.unhealthy,
    `The system in ${home.folder} is ${state}${problem === undefined ? '' : `: ${problem.what}`}.`,
    `Type: ${problem?.type ?? 'berth status'}`,
  );
}
