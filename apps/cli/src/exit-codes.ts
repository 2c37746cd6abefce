import { BerthError } from '@berth/domain';

export const exitCodes = { ok: 0, failed: 1, usage: 2, unhealthy: 3, needsOperator: 4, interrupted: 130 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodesHelp = `Exit codes:
  0    done
  1    the operation failed or was cancelled, or the answer is "no" (a check failed, an audit chain is broken)
  2    wrong input: a flag, a name, something that does not exist or that its present state does not allow
  3    not reachable or not healthy: nothing runs here, the API does not answer, a part is down
  4    the operation needs an operator: berth operations show <id> says what to do
  130  interrupted by Ctrl-C`;

/** A fault that ends the command: one sentence, what to do, and the exit code. */
export class CommandFault extends Error {
  constructor(
    readonly exitCode: ExitCode,
    message: string,
    readonly hint?: string,
    readonly code?: string,
    readonly details?: unknown,
    /** What --json shows beside the error: as far as the command came. */
    readonly beside?: Readonly<Record<string, unknown>>,
  ) {
    super(message);
    this.name = 'CommandFault';
  }
}

/** Whatever was thrown, as the fault that ends the command. */
export function faultOf(error: unknown): CommandFault {
  if (error instanceof CommandFault) return error;
  if (error instanceof BerthError)
    return new CommandFault(exitCodes.unhealthy, error.message, error.hint, error.code, error.details);
  return new CommandFault(
    exitCodes.failed,
    error instanceof Error ? error.message : String(error),
    undefined,
    'internal',
  );
}
