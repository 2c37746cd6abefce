import { readCliEnvironment, type CliEnvironment } from '@berth/config';
import type { Command } from 'commander';
import { apiClient, type ApiClient } from './api/client.js';
import { findConnection } from './api/connection.js';
import type { ExitCode } from './exit-codes.js';
import { findHome, type Home } from './system/home.js';
import { Output } from './terminal/output.js';

/** Flags that every command has. */
export interface GlobalFlags {
  readonly json?: boolean;
  readonly home?: string;
  readonly api?: string;
  readonly keyFile?: string;
}

/** What a command works with. */
export class CommandContext {
  readonly output: Output;

  constructor(
    readonly flags: GlobalFlags,
    readonly environment: CliEnvironment,
  ) {
    this.output = new Output(flags.json === true, environment.noColour);
  }

  get home(): Home {
    return findHome(this.flags.home ?? this.environment.home);
  }

  /** The API of the local system, whatever other API the environment names. */
  async localClient(): Promise<ApiClient> {
    const here = { ...this.environment, api: undefined, apiKeyFile: undefined };
    return apiClient(await findConnection({}, here, this.home));
  }

  async client(): Promise<ApiClient> {
    return apiClient(await findConnection(this.flags, this.environment, this.home));
  }
}

export type Handler<Flags> = (
  context: CommandContext,
  flags: Flags,
  ...operands: readonly string[]
) => Promise<ExitCode | undefined>;

/** Gives commander's action a context, and takes the exit code from the handler's answer. */
export function action<Flags extends object>(handler: Handler<Flags>): (...received: unknown[]) => Promise<void> {
  return async (...received) => {
    const command = received.at(-1) as Command;
    const flags = command.optsWithGlobals<Flags & GlobalFlags>();
    const operands = received.slice(0, -2).filter((one): one is string => typeof one === 'string');
    const exitCode = await handler(new CommandContext(flags, readCliEnvironment()), flags, ...operands);
    if (exitCode !== undefined) process.exitCode = exitCode;
  };
}
