import { BerthError } from '@berth/domain';
import { CommanderError } from 'commander';
import { CommandFault, exitCodes, type ExitCode } from './exit-codes.js';
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
  const { message, hint, code, details, exitCode } = faultOf(error);
  process.stderr.write(`berth: ${message}\n${hint === undefined ? '' : `  ${hint}\n`}`);
  if (json) document(code, message, hint, details);
  return exitCode;
}

interface Fault {
  readonly message: string;
  readonly hint: string | undefined;
  readonly code: string;
  readonly details?: unknown;
  readonly exitCode: ExitCode;
}

function faultOf(error: unknown): Fault {
  if (error instanceof CommandFault) {
    const { message, hint, code = 'command-failed', details, exitCode } = error;
    return { message, hint, code, details, exitCode };
  }
  if (error instanceof BerthError) {
    const { message, hint, code, details } = error;
    return { message, hint, code, details, exitCode: exitCodes.unhealthy };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { message, hint: undefined, code: 'internal', exitCode: exitCodes.failed };
}

function document(code: string, message: string, hint?: string, details?: unknown): void {
  process.stdout.write(`${JSON.stringify({ error: { code, message, hint: hint ?? null, details } }, null, 2)}\n`);
}

/** `berth … | head` closes the pipe early; that is no fault. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(exitCodes.ok);
  throw error;
}
