import type { Command } from 'commander';

/** Flags of every command that starts an operation. */
export function operationOptions(command: Command): Command {
  return command
    .option('--dry-run', 'print the plan and what the live checks find; change nothing')
    .option('--no-wait', 'come back at once with the operation; it goes on by itself');
}
