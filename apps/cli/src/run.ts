import { CommanderError } from 'commander';
import { exitCodes, faultOf, type ExitCode } from './exit-codes.js';
import { createProgram } from './program.js';
import { version } from './system/programs.js';

/** Runs one command line; what goes wrong becomes a sentence on stderr, with --json a document on stdout too, and an exit code. */
export async function run(args: readonly string[]): Promise<void> {
  const json = args.includes('--json');
  process.stdout.on('error', ignoreClosedPipe);
  try {
    await createProgram(version).parseAsync([...args], { from: 'user' });
  } catch (error) {
    process.exitCode = report(error, json);
  }
}

function report(error: unknown, json: boolean): ExitCode {
  if (error instanceof CommanderError) {
    // commander has written its sentence, or the help that was asked for.
    if (error.exitCode === 0) return exitCodes.ok;
    if (json) document('usage', error.message.replace(/^error: /, ''));
    return exitCodes.usage;
  }
  const { message, hint, code = 'command-failed', details, exitCode, beside } = faultOf(error);
  process.stderr.write(`berth: ${message}\n${hint === undefined ? '' : `  ${hint}\n`}`);
  if (json) document(code, message, hint, details, beside);
  return exitCode;
}

function document(code: string, message: string, hint?: string, details?: unknown, beside?: object): void {
  const error = { code, message, hint: hint ?? null, details };
  process.stdout.write(`${JSON.stringify({ ...beside, error }, null, 2)}\n`);
}

/** `berth … | head` closes the pipe early; that is no fault. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(exitCodes.ok);
  throw error;
}
